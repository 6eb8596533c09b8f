"""Anyone's transcribed recordings, listed in tables with `audio`, `text`, and what else is known."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from soundproof.common.counting import counted
from soundproof.search_spaces.alphabet import composed
from soundproof.search_spaces.alphabet_choice import AlphabetChoice
from soundproof.search_spaces.specs import ManifestSpeech
from soundproof.trainables.corpora.audio.broken import BrokenAudioError
from soundproof.trainables.corpora.corpus import Example, Remark
from soundproof.trainables.corpora.recorded import audio_files
from soundproof.trainables.corpora.recorded.tables.fields import plainly, spelling, spoken_plainly
from soundproof.trainables.corpora.recorded.tables.parts import Part, audio_path, common_folder, compare, part_of
from soundproof.trainables.corpora.recorded.tables.reading import Table, read_tables
from soundproof.trainables.corpora.recorded.tables.rows import Problem, Row, shown, told_once
from soundproof.trainables.corpora.recorded.transcribed_files import TranscribedCorpus, Utterance, transcribed_corpus

_LINE_FORM = '{"audio": "clips/1.wav", "text": "what is said"}'
REQUIRED = frozenset({"audio", "text"})
_ENGLISH = AlphabetChoice()


class _Listed(NamedTuple):
    """A row, the file that it lists, the part of it, and the hash of its bytes."""

    row: Row
    path: Path
    part: Part | None
    digest: str
    seconds: float
    """Of the whole file."""


def open_manifest(
    path: Path,
    spec: ManifestSpeech,
    skip_broken: bool = False,
    columns: Mapping[str, str] | None = None,
    *,
    skip_impossible: bool = False,
    alphabet: AlphabetChoice = _ENGLISH,
) -> TranscribedCorpus:
    """The utterances listed in the table at `path`; audio is found relative to the table's folder.

    Of tables joined by plus signs the first trains, the second validates, a third tests. `spec.content` becomes a
    hash of transcripts, speakers, partitions, audio bytes and the names of the audio files relative to each other;
    where the files lie is not part of it. Raises `CorpusError` naming every problem once, with file and lines. With
    `skip_broken`, audio that is missing, broken, empty or cut is left out instead; with `skip_impossible`, what is too
    short for its transcript. With another `alphabet` than the English one, texts may be in any language.
    """
    table = read_tables(path, _LINE_FORM, REQUIRED, columns)
    return open_transcribed(table, spec, skip_broken, skip_impossible=skip_impossible, alphabet=alphabet)


def open_transcribed(
    table: Table,
    spec: ManifestSpeech,
    skip_broken: bool = False,
    *,
    skip_impossible: bool = False,
    alphabet: AlphabetChoice = _ENGLISH,
) -> TranscribedCorpus:
    """The utterances that the rows of a table list, as `open_manifest` gives them."""
    for row in table.rows:
        if "text" not in row.fields and not row.problems:
            labelled = "label" in row.fields or "labels" in row.fields
            remedy = (
                "it has labels: name the domain that hears it, as --domain sounds"
                if labelled
                else f"write {_LINE_FORM}"
            )
            row.problems.append(Problem('field "text" is missing', "", remedy))
        _write_plainly(row, english=not alphabet.made)
    listed = [row for row in table.rows if "audio" in row.fields]
    paths = [audio_path(row) for row in listed]
    usable: list[_Listed] = []
    broken = []
    unspelled = {} if alphabet.made else _note_spelling(table.rows)
    for row, path, examined in zip(listed, paths, audio_files.examine_all(list(paths)), strict=True):
        if isinstance(examined, BrokenAudioError):
            broken.append(f"{row.place}: {examined}")
        elif row.number in unspelled.get(row.file, {}):
            broken.append(f"{row.place}: {unspelled[row.file][row.number]}")
        else:
            seconds, digest = examined
            usable.append(_Listed(row, path, part_of(row, path, seconds), digest, seconds))
    compare((one.row, one.path, one.part) for one in usable)
    faults = told_once(table.rows)
    unit = table.rows[0].unit if table.rows else "line"
    audio_files.refuse_problems(
        table.place, len(table.rows), unit, faults=faults, broken=broken, skip_broken=skip_broken
    )
    remarks = (*table.remarks, *_rewritten(table.rows, english=not alphabet.made))
    utterances = _utterances(usable)
    return transcribed_corpus(
        table.place, spec, utterances, broken, remarks, skip_impossible=skip_impossible, units=alphabet.units
    )


def _write_plainly(row: Row, *, english: bool) -> None:
    """Put a text as it is spelled: of published ones, which nobody rewrites, without capitals and punctuation."""
    text = row.fields.get("text")
    if text is None:
        return
    if row.spoken:
        written = plainly(text) if english else spoken_plainly(text)
    else:
        written = text if english else composed(text)
    if written:
        row.fields["text"] = written
    else:
        row.problems.append(Problem('field "text" must be a text that is not empty', shown(text)))
        row.fields.pop("text")


def _note_spelling(rows: Sequence[Row]) -> dict[Path, dict[int, str]]:
    """Note what cannot be spelled; of published texts, which nobody rewrites, give it back by file and number."""
    left: dict[Path, dict[int, str]] = {}
    for spoken in (False, True):
        for row, problem in spelling([row for row in rows if row.spoken == spoken]):
            if spoken:
                left.setdefault(row.file, {})[row.number] = problem
            else:
                row.problems.append(Problem(problem))
    return left


def _rewritten(rows: Sequence[Row], *, english: bool) -> Iterator[Remark]:
    if number := sum(row.spoken for row in rows):
        without = "without punctuation and accents" if english else "without punctuation"
        yield Remark(
            kind="transcripts rewritten",
            text=f"{counted(number, 'transcript')} taken in lower case, {without}",
        )


def _utterances(usable: Sequence[_Listed]) -> Iterator[Utterance]:
    root = common_folder([one.path for one in usable])
    for row, path, part, digest, seconds in usable:
        name = path.relative_to(root).as_posix()
        fields: dict[str, Any] = {name: row.fields.get(name) for name in ("speaker", "fold", "partition")}
        key = name + (part.suffix if part else "")
        recording = row.fields.get("group") or name
        example = Example(key=key, target=row.fields["text"], recording=recording, **fields)
        yield Utterance(example, path, digest, part.seconds if part else seconds, row.place, part)
