"""Audio and its labels: embedded, or from files."""

from trainables.corpora.corpus import Corpus, CorpusError, Utterance, Waveform
from trainables.corpora.opening import CORPORA, DEFAULT_CORPUS, CorpusChoice, open_corpus, parse_corpus

__all__ = [
    "CORPORA",
    "DEFAULT_CORPUS",
    "Corpus",
    "CorpusChoice",
    "CorpusError",
    "Utterance",
    "Waveform",
    "open_corpus",
    "parse_corpus",
]
