"""Corpora by name: ``NAME`` or ``NAME:PATH``, as the command line takes them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from soundproof.search_spaces.catalogue import unknown_name
from soundproof.search_spaces.corpus_names import (
    CORPORA,
    DEFAULT_CORPORA,
    EMBEDDED,
    HOME_DOMAINS,
    LABELLED,
    TRANSCRIBED,
    CorpusName,
)
from soundproof.search_spaces.ids import name_beside_id
from soundproof.search_spaces.presets import PRESETS, Preset
from soundproof.search_spaces.specs import (
    ConnectedDigits,
    Cut,
    FoldSplit,
    GroupSplit,
    ManifestSpeech,
    Split,
    SyntheticGenres,
    SyntheticKeywords,
    SyntheticSounds,
    SyntheticSpeech,
)
from soundproof.search_spaces.studies import Domain, task_of
from soundproof.trainables.corpora.corpus import Corpus, CorpusError
from soundproof.trainables.corpora.embedded.synthetic_genres import make_synthetic_genres
from soundproof.trainables.corpora.embedded.synthetic_keywords import make_synthetic_keywords
from soundproof.trainables.corpora.embedded.synthetic_sounds import make_synthetic_sounds
from soundproof.trainables.corpora.embedded.synthetic_speech import make_synthetic_speech
from soundproof.trainables.corpora.recorded.class_folders import open_class_folders
from soundproof.trainables.corpora.recorded.connected_digits import open_connected_digits
from soundproof.trainables.corpora.recorded.esc import open_esc10, open_esc50
from soundproof.trainables.corpora.recorded.gtzan import open_gtzan
from soundproof.trainables.corpora.recorded.manifest import open_manifest
from soundproof.trainables.corpora.recorded.speech_commands import open_speech_commands
from soundproof.trainables.corpora.recorded.spoken_digits import open_spoken_digits


@dataclass(frozen=True, kw_only=True, slots=True)
class CorpusChoice:
    """A corpus as the user names it. `path` is where its files lie, where it has any."""

    name: CorpusName
    path: Path | None

    @property
    def label(self) -> str:
        """Short and the same wherever the files lie; what has no name of its own is called by its place's.

        The root of the file system has none to give.
        """
        match self.name, self.path:
            case "manifest", Path() as file:
                place = file.stem
            case "folder", Path() as folder:
                place = folder.resolve().name
            case _:
                place = ""
        return name_beside_id(f"{self.name}-{place}") if place else self.name


def parse_corpus(text: str) -> CorpusChoice:
    """``NAME`` or ``NAME:PATH``. Raises `UnknownNameError` or `CorpusError`."""
    name, colon, path = text.partition(":")
    for known in CORPORA:
        if known == name:
            break
    else:
        raise unknown_name("corpus", name, list(CORPORA))
    if known in EMBEDDED and colon:
        raise CorpusError(f"{known} needs no files, got the path {path!r}: leave out the colon and what follows")
    if known not in EMBEDDED and not path:
        raise CorpusError(f"{known} needs the place of its files, got none: write {known}:PATH")
    return CorpusChoice(name=known, path=Path(path).expanduser() if path else None)


def choose_corpus(text: str | None, domain: Domain) -> CorpusChoice:
    """The corpus that a study of `domain` is to be trained on.

    Arguments:
        text: ``NAME`` or ``NAME:PATH`` as the command line takes it; None is the embedded corpus of the domain.
        domain: Of the study: those of speech need transcripts, the others classes.

    Returns:
        The name, and the place of its files where it has any. Nothing is opened yet.

    Raises:
        UnknownNameError: No corpus is called so.
        CorpusError: The path is missing or superfluous, or the corpus has not what the domain needs.
    """
    choice = parse_corpus(text or DEFAULT_CORPORA[domain])
    useful, what = (TRANSCRIBED, "transcripts") if task_of(domain) == "transcription" else (LABELLED, "classes")
    if choice.name not in useful:
        raise CorpusError(
            f"the study needs a corpus with {what}, got {choice.name}: "
            f"use one of {', '.join(name for name in CORPORA if name in useful)}"
        )
    return choice


def usual_split(corpus: Corpus) -> Split:
    """By the corpus's own folds where it has them, else by speakers or recordings."""
    return FoldSplit() if all(example.fold is not None for example in corpus.examples) else GroupSplit()


def open_corpus(choice: CorpusChoice, preset: Preset, *, skip_broken: bool = False) -> Corpus:
    """The corpus at the size of `preset`; embedded ones are made when their audio is asked for.

    Arguments:
        choice: As `choose_corpus` gives it.
        preset: Decides how many examples an embedded corpus has, and how the clips of any corpus are cut.
        skip_broken: Leave out recordings that cannot be used; `skipped` of the corpus names them.

    Returns:
        Examples in a fixed order, and their audio on demand.

    Raises:
        CorpusError: Files or lines cannot be used; the message names every one of them.
    """
    sizes = preset.corpus
    if isinstance(sizes, SyntheticSpeech):
        return _open_speech(choice, sizes, skip_broken=skip_broken)
    assert not isinstance(sizes, ConnectedDigits | ManifestSpeech)
    if choice.path is not None:
        return _LAYOUTS[choice.name](choice.path, sizes.cut, skip_broken=skip_broken)
    return _make_clips(choice.name, preset, sizes.cut)


def _open_speech(choice: CorpusChoice, sizes: SyntheticSpeech, *, skip_broken: bool) -> Corpus:
    if choice.path is None:
        return make_synthetic_speech(sizes)
    if choice.name == "fsdd":
        utterances = sizes.train_utterances + sizes.validation_utterances
        spec = ConnectedDigits(utterances=utterances, test_utterances=sizes.test_utterances)
        return open_connected_digits(choice.path, spec, skip_broken=skip_broken)
    return open_manifest(choice.path, ManifestSpeech(), skip_broken=skip_broken)


def _make_clips(name: CorpusName, preset: Preset, cut: Cut) -> Corpus:
    """An embedded corpus of any domain, its clips cut as the study's preset wants them."""
    home = (
        preset.corpus
        if type(preset.corpus) is _EMBEDDED_SPECS[name]
        else PRESETS[HOME_DOMAINS[name]][preset.name].corpus
    )
    match home:
        case SyntheticKeywords():
            return make_synthetic_keywords(replace(home, cut=replace(cut, per_recording=1)))
        case SyntheticSounds():
            return make_synthetic_sounds(replace(home, cut=cut))
        case _:
            assert isinstance(home, SyntheticGenres)
            return make_synthetic_genres(replace(home, cut=cut))


_EMBEDDED_SPECS: Mapping[CorpusName, type] = {
    "synthetic-keywords": SyntheticKeywords,
    "synthetic-sounds": SyntheticSounds,
    "synthetic-genres": SyntheticGenres,
}

_LAYOUTS: Mapping[CorpusName, Callable[..., Corpus]] = {
    "fsdd": open_spoken_digits,
    "esc10": open_esc10,
    "esc50": open_esc50,
    "gtzan": open_gtzan,
    "speech-commands": open_speech_commands,
    "folder": open_class_folders,
}
