"""Anyone's recordings with a label each, several, or a value, listed in tables with what else is known."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from soundproof.search_spaces.specs import Cut
from soundproof.trainables.corpora.audio.broken import BrokenAudioError
from soundproof.trainables.corpora.recorded.audio_files import AudioInfo, inspect, refuse_problems
from soundproof.trainables.corpora.recorded.clip_files import Findings, LabelledClipsCorpus, Recording, open_clips
from soundproof.trainables.corpora.recorded.tables.parts import Part, audio_path, common_folder, compare, part_of
from soundproof.trainables.corpora.recorded.tables.reading import Table, read_tables
from soundproof.trainables.corpora.recorded.tables.rows import Problem, Row, told_once

_LINE_FORM = '{"audio": "clips/1.wav", "label": "dog"} or {"audio": "clips/1.wav", "labels": ["dog", "bark"]}'
_VALUE_FORM = '{"audio": "clips/1.wav", "value": 0.5}'
REQUIRED = frozenset({"audio"})


def open_labelled_manifest(
    path: Path, cut: Cut, *, skip_broken: bool = False, columns: Mapping[str, str] | None = None
) -> LabelledClipsCorpus:
    """The clips of the recordings listed in the table at `path`, which lie relative to its folder.

    `label` is one name; `labels` is a list of names, or a text of names with commas or semicolons between them, and
    makes a corpus of several labels; `value` is a number, and makes a corpus of values. `group` is what a recording was
    cut from. Raises `CorpusError` naming every
    problem once, with its lines.
    """
    return open_labelled(read_tables(path, _LINE_FORM, REQUIRED, columns), cut, skip_broken=skip_broken)


def open_labelled(table: Table, cut: Cut, *, skip_broken: bool = False) -> LabelledClipsCorpus:
    """The clips of the recordings that the rows of a table list, as `open_labelled_manifest` gives them."""
    several, values = (any(name in row.fields for row in table.rows) for name in ("labels", "value"))
    if values:
        _check_values(table.rows)
    else:
        _check_labels(table.rows, several=several)
    listed = [(row, audio_path(row)) for row in table.rows if "audio" in row.fields]
    folder = common_folder([path for _, path in listed])
    parts = _parts(listed)
    compare((row, path, part) for (row, path), part in zip(listed, parts, strict=True) if path.is_file())
    recordings = [
        _recording(row, path.relative_to(folder).as_posix(), part)
        for (row, path), part in zip(listed, parts, strict=True)
        if not row.problems
    ]
    unit = table.rows[0].unit if table.rows else "line"
    faults = told_once(table.rows)
    refuse_problems(table.place, len(table.rows), unit, faults=faults, broken=(), skip_broken=skip_broken)
    findings = Findings(recordings=recordings)
    opened = open_clips(None if several or values else "manifest", folder, cut, findings, skip_broken=skip_broken)
    return replace(opened, remarks=(*opened.remarks, *table.remarks))


def _check_labels(rows: Sequence[Row], *, several: bool) -> None:
    for row in rows:
        given = [name for name in ("label", "labels") if name in row.fields]
        if not given and not row.problems:
            row.problems.append(Problem('field "label" or "labels" is missing', "", f"write {_LINE_FORM}"))
        if several and given != ["labels"] and given:
            row.problems.append(Problem('every recording must have "labels", or every one "label"'))


def _check_values(rows: Sequence[Row]) -> None:
    for row in rows:
        if "label" in row.fields or "labels" in row.fields:
            remedy = (
                "leave the other out, or say which is meant, as with --columns value=value or --columns label=label"
            )
            row.problems.append(Problem('every recording must have "value", or every one "label"', "", remedy))
        elif "value" not in row.fields and not row.problems:
            row.problems.append(Problem('field "value" is missing', "", f"write {_VALUE_FORM}"))


def _parts(listed: Sequence[tuple[Row, Path]]) -> list[Part | None]:
    """The part that each row names, of those that name one. Reading headers releases the interpreter's lock."""
    with ThreadPoolExecutor() as pool:
        seen = list(pool.map(_seen, listed))
    return [
        None if found is None else part_of(row, path, found.duration_seconds)
        for (row, path), found in zip(listed, seen, strict=True)
    ]


def _seen(listed: tuple[Row, Path]) -> AudioInfo | None:
    """Length and form of a file whose row says something of it; None also for a broken one, which is named later."""
    row, path = listed
    if not {"start", "duration"} & row.fields.keys():
        return None
    try:
        return inspect(path)
    except BrokenAudioError:
        return None


def _recording(row: Row, name: str, part: Part | None) -> Recording:
    fields = row.fields
    labels, value = fields.get("labels", ()), fields.get("value")
    return Recording(
        name=name,
        label="; ".join(labels) or (fields["label"] if value is None else repr(value)),
        labels=labels,
        value=value,
        fold=fields.get("fold"),
        partition=fields.get("partition"),
        group=fields.get("group"),
        speaker=fields.get("speaker"),
        listed=row.place,
        part=part,
    )
