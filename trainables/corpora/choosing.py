"""Corpora by name: ``NAME`` or ``NAME:PATH``, as the command line takes them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from soundproof.search_spaces import corpus_names, specs
from soundproof.search_spaces.catalogue import unknown_name
from soundproof.search_spaces.corpus_names import CORPORA, EMBEDDED, CorpusName
from soundproof.search_spaces.studies import Domain, task_of
from soundproof.search_spaces.study_ids import name_beside_id
from soundproof.trainables.corpora.corpus import CorpusError
from soundproof.trainables.corpora.recorded.tables import manifest_files, parse_columns


@dataclass(frozen=True, kw_only=True, slots=True)
class CorpusChoice:
    """A corpus as the user names it. `path` is where its files lie, if any.

    `limit` is of LibriSpeech, `columns` of a table.
    """

    name: CorpusName
    path: Path | None
    limit: specs.LibriSpeech = specs.LibriSpeech()  # noqa: RUF009  # frozen
    columns: Mapping[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """Short and the same wherever the files lie; what has no name of its own is called by its place's.

        The root of the file system has none to give, and of LibriSpeech only a subset is called so.
        """
        name = self.name + _limit_words(self.limit)
        if self.path is None or self.name not in corpus_names.NAMED_BY_PLACE:
            return name
        if self.name == "manifest":
            files = manifest_files(self.path)
            place = "+".join(Path(file.name.removesuffix(".gz")).stem for file in files)
        else:
            place = self.path.resolve().name
            if self.name == "lhotse":  # a folder, or one manifest of it
                place = place.removesuffix(".gz").removesuffix(".jsonl")
            if self.name == "librispeech" and not corpus_names.SUBSET.fullmatch(place):
                return name
        return name_beside_id(f"{name}-{place}") if place else name


def parse_corpus(text: str) -> CorpusChoice:
    """``NAME`` or ``NAME:PATH``. Raises `UnknownNameError` or `CorpusError`."""
    name, colon, path = text.partition(":")
    limited = corpus_names.LIMITED.fullmatch(name)
    known = next((known for known in CORPORA if known == ("librispeech" if limited else name)), None)
    if known is None and name.startswith("librispeech-"):
        raise CorpusError(
            "a part of LibriSpeech is called librispeech-2023-utterances or librispeech-2.5-hours, and another draw "
            f"librispeech-2.5-hours-seed-1, got {name!r}: correct it"
        )
    if known is None:
        raise unknown_name("corpus", name, list(CORPORA))
    if known in EMBEDDED and colon:
        raise CorpusError(f"{known} needs no files, got the path {path!r}: leave out the colon and what follows")
    if known not in EMBEDDED and not path:
        raise CorpusError(f"{known} needs the place of its files, got none: write {name}:PATH")
    place = Path(path).expanduser() if path else None
    return CorpusChoice(name=known, path=place, limit=_limit(limited.groupdict() if limited else {}))


def _limit(given: Mapping[str, str | None]) -> specs.LibriSpeech:
    utterances, hours, seed = map(given.get, ("utterances", "hours", "seed"))
    return specs.LibriSpeech(
        utterances=None if utterances is None else int(utterances),
        hours=None if hours is None else float(hours),
        seed=int(seed or 0),
    )


def _limit_words(limit: specs.LibriSpeech) -> str:
    """The end of the name that `_limit` reads; nothing for the whole."""
    amount = "" if limit.utterances is None else f"-{limit.utterances}-utterances"
    if limit.hours is not None:
        amount = f"-{limit.hours:.9g}-hours"
    return amount + (f"-seed-{limit.seed}" if limit.seed else "")


def choose_corpus(text: str | None, domain: Domain, columns: str | None = None) -> CorpusChoice:
    """The corpus that a study of `domain` is to be trained on.

    Arguments:
        text: ``NAME`` or ``NAME:PATH`` as the command line takes it; None is the embedded corpus of the domain.
        domain: Of the study: those of speech need transcripts, the others classes.
        columns: What the columns of a table are called: ``audio=my_path,label=my_class``.

    Returns:
        The name, and the place of its files where it has any. Nothing is opened yet.

    Raises:
        UnknownNameError: No corpus is called so.
        CorpusError: The path is missing or superfluous, or the corpus has not what the domain needs, or no columns.
    """
    choice = parse_corpus(text or corpus_names.DEFAULT_CORPORA[domain])
    useful, what = corpus_names.LABELLED, "classes"
    if task_of(domain) == "transcription":
        useful, what = corpus_names.TRANSCRIBED, "transcripts"
    if choice.name not in useful:
        raise CorpusError(
            f"the study needs a corpus with {what}, got {choice.name}: "
            f"use one of {', '.join(name for name in CORPORA if name in useful)}"
        )
    given = parse_columns(columns)
    if given and choice.name != "manifest":
        raise CorpusError(f"--columns are those of a table, manifest:FILE, got {choice.name}: leave them out")
    return replace(choice, columns=given)
