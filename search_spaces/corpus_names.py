"""Corpora and splits by name: as the command line takes them, and as the record calls them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self, get_args

from soundproof.search_spaces.alphabet_choice import AlphabetChoice
from soundproof.search_spaces.catalogue import choose_name
from soundproof.search_spaces.clip_choice import ClipChoice
from soundproof.search_spaces.specs import ClassSplit, FoldSplit, GroupFoldSplit, GroupSplit, RandomSplit, Split
from soundproof.search_spaces.studies import Domain

EmbeddedName = Literal["synthetic-speech", "synthetic-keywords", "synthetic-sounds", "synthetic-genres"]
FilesName = Literal[
    "fsdd", "librispeech", "esc10", "esc50", "esc50-animals", "gtzan", "speech-commands", "folder", "manifest",
    "common-voice", "kaldi", "lhotse", "ljspeech", "an4", "timit",
    "audio-folder", "urbansound8k", "fsd50k", "ravdess", "crema-d",
]  # fmt: skip
CorpusName = EmbeddedName | FilesName

EMBEDDED: tuple[EmbeddedName, ...] = get_args(EmbeddedName)
CORPORA: tuple[CorpusName, ...] = (*EMBEDDED, *get_args(FilesName))
_SPOKEN: tuple[CorpusName, ...] = (
    "synthetic-speech",
    "librispeech",
    "common-voice",
    "kaldi",
    "lhotse",
    "ljspeech",
    "an4",
    "timit",
)
TRANSCRIBED: frozenset[CorpusName] = frozenset({*_SPOKEN, "fsdd", "manifest", "audio-folder"})
LABELLED: frozenset[CorpusName] = frozenset(CORPORA) - frozenset(_SPOKEN)

DEFAULT_CORPORA: Mapping[Domain, EmbeddedName] = {
    "speech": "synthetic-speech",
    "sounds": "synthetic-sounds",
    "genres": "synthetic-genres",
    "tracks": "synthetic-genres",
    "keywords": "synthetic-keywords",
}

HOME_DOMAINS: Mapping[CorpusName, Domain] = {
    **{corpus: domain for domain, corpus in DEFAULT_CORPORA.items() if domain != "tracks"},
    "fsdd": "speech",
    "librispeech": "speech",
    "manifest": "speech",
    **dict.fromkeys(("common-voice", "kaldi", "lhotse", "ljspeech", "an4", "timit"), "speech"),
    **dict.fromkeys(("audio-folder", "urbansound8k", "fsd50k", "ravdess", "crema-d"), "sounds"),
    "esc10": "sounds",
    "esc50": "sounds",
    "esc50-animals": "sounds",
    "folder": "sounds",
    "gtzan": "genres",
    "speech-commands": "keywords",
}
"""What a corpus is most often used for."""

SPLITS: Mapping[str, Split] = {
    "folds": FoldSplit(),
    "groups": GroupSplit(),
    "groups-by-amount": GroupSplit(share_of="examples"),
    "group-folds": GroupFoldSplit(),
    "random": RandomSplit(validation_fraction=0.15, test_fraction=0.15),
    "random-70-20-10": RandomSplit(validation_fraction=0.2, test_fraction=0.1, seed=1234),
    "unseen-classes": ClassSplit(),
}

NAMED_BY_PLACE: frozenset[CorpusName] = frozenset(
    {"folder", "librispeech", "manifest", "common-voice", "kaldi", "lhotse", "audio-folder"}
)
"""Corpora whose label goes on with the name of the place of their files: `folder-my-birds`, `librispeech-dev-clean`."""

LIMITED = re.compile(
    r"librispeech-(?:(?P<utterances>[0-9]{1,9})-utterances|(?P<hours>[0-9]{1,5}(?:\.[0-9]{1,3})?)-hours)"
    r"(?:-seed-(?P<seed>[0-9]{1,9}))?"
)
"""How a part of LibriSpeech is called: `librispeech-2023-utterances`, `librispeech-5-hours-seed-1`."""

SUBSET = re.compile(r"(train|dev|test)-.+")
"""How the folders of LibriSpeech's subsets are called."""


def parse_split(text: str) -> Split:
    """The split of that name. Raises `UnknownNameError`."""
    return SPLITS[choose_name("split", text, list(SPLITS))]


@dataclass(frozen=True, kw_only=True, slots=True)
class CorpusLabel:
    """What the record calls a corpus, in its parts: `folder-my-birds.1.5-seconds-loudest.random`."""

    corpus: str
    clips: ClipChoice = ClipChoice()  # noqa: RUF009  # frozen
    alphabet: AlphabetChoice = AlphabetChoice()  # noqa: RUF009  # the same
    split: str | None = None
    """The name of one that is not usual for the corpus."""

    @classmethod
    def read(cls, label: str) -> Self:
        """The parts of a label."""
        corpus, _, split = label.rpartition(".")
        if split not in SPLITS:
            corpus, split = label, ""
        rest, _, words = corpus.rpartition(".")
        alphabet = AlphabetChoice.read(words) if rest else None
        if alphabet is not None:
            return cls(corpus=rest, alphabet=alphabet, split=split or None)  # whose utterances are heard whole
        for dot in re.finditer(r"\.", corpus):  # a length in seconds may have one of its own
            clips = ClipChoice.read(corpus[dot.end() :])
            if clips is not None:
                return cls(corpus=corpus[: dot.start()], clips=clips, split=split or None)
        return cls(corpus=corpus, split=split or None)

    def __str__(self) -> str:
        return ".".join(part for part in (self.corpus, self.clips.words, self.alphabet.words, self.split) if part)

    @property
    def argument(self) -> str:
        """How the command line takes the corpus itself; where its files lie is not recorded."""
        limited = LIMITED.match(self.corpus)
        kinds = (kind for kind in NAMED_BY_PLACE if self.corpus.startswith(f"{kind}-"))
        name = limited[0] if limited else next(kinds, self.corpus)
        place = (":FILE" if name == "manifest" else ":PATH") if limited or name in get_args(FilesName) else ""
        return name + place


def corpus_argument(label: str) -> str:
    """How the command line takes a corpus that the record calls so, with the options that go with it."""
    read = CorpusLabel.read(label)
    alphabet = f"--alphabet {read.alphabet.option}" if read.alphabet.made else ""
    split = f"--split {read.split}" if read.split else ""
    return " ".join(part for part in (read.argument, read.clips.options, alphabet, split) if part)
