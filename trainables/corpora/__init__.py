"""Audio and its labels: embedded, or from files."""

from soundproof.trainables.corpora.choosing import CorpusChoice, choose_corpus, parse_corpus
from soundproof.trainables.corpora.corpus import Corpus
from soundproof.trainables.corpora.opening import open_corpus, usual_split

__all__ = ["Corpus", "CorpusChoice", "choose_corpus", "open_corpus", "parse_corpus", "usual_split"]
