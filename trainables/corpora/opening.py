"""Corpora by name: ``NAME`` or ``NAME:PATH``, as the command line takes them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from search_spaces.catalogue import unknown_name
from search_spaces.presets import Preset
from search_spaces.specs import ConnectedDigits, ManifestSpeech
from trainables.corpora.connected_digits import open_connected_digits
from trainables.corpora.corpus import Corpus, CorpusError
from trainables.corpora.manifest import open_manifest
from trainables.corpora.synthetic_speech import make_synthetic_speech

CorpusName = Literal["synthetic-speech", "fsdd", "manifest"]

CORPORA: tuple[CorpusName, ...] = get_args(CorpusName)
DEFAULT_CORPUS: CorpusName = "synthetic-speech"


@dataclass(frozen=True, kw_only=True, slots=True)
class CorpusChoice:
    """A corpus as the user names it. `path` is where its files lie, where it has any."""

    name: CorpusName
    path: Path | None

    @property
    def label(self) -> str:
        """Short and the same wherever the files lie; a manifest is called by its file's name."""
        return f"{self.name}-{self.path.stem}" if self.name == "manifest" and self.path is not None else self.name


def parse_corpus(text: str) -> CorpusChoice:
    """``NAME`` or ``NAME:PATH``. Raises `UnknownNameError` or `CorpusError`."""
    name, colon, path = text.partition(":")
    for known in CORPORA:
        if known == name:
            break
    else:
        raise unknown_name("corpus", name, list(CORPORA))
    if known == "synthetic-speech" and colon:
        raise CorpusError(f"{known} needs no files, got the path {path!r}: leave out the colon and what follows")
    if known != "synthetic-speech" and not path:
        raise CorpusError(f"{known} needs the place of its files, got none: write {known}:PATH")
    return CorpusChoice(name=known, path=Path(path).expanduser() if path else None)


def open_corpus(choice: CorpusChoice, preset: Preset, *, skip_broken: bool = False) -> Corpus:
    """The corpus at the size of `preset`. Raises `CorpusError` naming every file and line that cannot be used."""
    sizes = preset.corpus
    if choice.path is None:
        return make_synthetic_speech(sizes)
    if choice.name == "fsdd":
        utterances = sizes.train_utterances + sizes.validation_utterances
        spec = ConnectedDigits(utterances=utterances, test_utterances=sizes.test_utterances)
        return open_connected_digits(choice.path, spec, skip_broken=skip_broken)
    return open_manifest(choice.path, ManifestSpeech(), skip_broken=skip_broken)
