"""Audio and its labels: embedded, or from files."""

from soundproof.trainables.corpora.corpus import Corpus, CorpusError, Example, Waveform
from soundproof.trainables.corpora.opening import (
    CORPORA,
    HOME_DOMAINS,
    CorpusChoice,
    choose_corpus,
    open_corpus,
    parse_corpus,
    parse_split,
    usual_split,
)

__all__ = [
    "CORPORA",
    "HOME_DOMAINS",
    "Corpus",
    "CorpusChoice",
    "CorpusError",
    "Example",
    "Waveform",
    "choose_corpus",
    "open_corpus",
    "parse_corpus",
    "parse_split",
    "usual_split",
]
