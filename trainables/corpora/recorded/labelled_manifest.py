"""Anyone's recordings with several labels each, listed in a manifest: one JSON object a line."""

import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from soundproof.common.json_texts import parsed
from soundproof.search_spaces.specs import Cut, Partition
from soundproof.trainables.corpora.corpus import CorpusError
from soundproof.trainables.corpora.recorded.clip_files import Findings, LabelledClipsCorpus, Recording, open_clips

_LINE_FORM = '{"audio": "clips/1.wav", "labels": ["dog", "bark"]}'
_FIELDS = ("audio", "labels", "group", "speaker", "fold", "partition")
_PARTITIONS: tuple[Partition, ...] = get_args(Partition)
_APART = re.compile("[,;]")


def open_labelled_manifest(path: Path, cut: Cut, *, skip_broken: bool = False) -> LabelledClipsCorpus:
    """The clips of the recordings listed in the JSON-lines file at `path`, which lie relative to its folder.

    `labels` is a list of names, or a text of names with commas or semicolons between them; `group` is what a recording
    was cut from. Raises `CorpusError` naming every line and file that cannot be used.
    """
    recordings: list[Recording] = []
    faults: list[str] = []
    for place, raw in _lines(path):
        try:
            recordings.append(_recording(parsed(raw), place))
        except (ValueError, TypeError) as error:
            faults.append(f"{place}: {error}: write {_LINE_FORM}")
    counts = Counter(recording.name for recording in recordings)
    twice = sorted(name for name, count in counts.items() if count > 1)
    faults += [f"{name}: is listed more than once: leave all but one line out" for name in twice]
    findings = Findings(recordings=recordings, faults=faults)
    return open_clips(None, path.parent, cut, findings, skip_broken=skip_broken)


def labels_of(value: Any) -> tuple[str, ...]:
    """The labels that a field holds, sorted, each once: of a list, or of a text with commas or semicolons.

    Raises `ValueError` for anything else.

    >>> labels_of("dog,bark"), labels_of(["bark", "dog"])
    (('bark', 'dog'), ('bark', 'dog'))
    """
    names = _APART.split(value) if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError('field "labels" must be a list of names, or a text with commas between them')
    found = tuple(sorted({name.strip() for name in names if name.strip()}))
    if not found or any(_APART.search(name) for name in found):
        raise ValueError('field "labels" must have one name or more, none of them with a comma or semicolon')
    return found


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CorpusError(
            f"{path}: expected a manifest, {_LINE_FORM} a line, which cannot be read ({error})"
        ) from error
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            yield f"{path}:{number}", line


def _recording(fields: Any, place: str) -> Recording:
    """Raises `ValueError` saying what is wrong with a line."""
    if not isinstance(fields, dict):
        raise ValueError(f"must be an object, got {type(fields).__name__}")  # one kind for all faults
    unknown = sorted(fields.keys() - set(_FIELDS))
    if unknown:
        raise ValueError(f"unknown fields {', '.join(unknown)}, expected {', '.join(_FIELDS)}")
    audio, partition, fold = (fields.get(name) for name in ("audio", "partition", "fold"))
    if not isinstance(audio, str) or not audio.strip():
        raise ValueError('field "audio" must be a path')
    if partition not in (None, *_PARTITIONS):
        raise ValueError(f'field "partition" must be one of {", ".join(_PARTITIONS)}')
    if fold is not None and (not isinstance(fold, int) or isinstance(fold, bool) or fold < 1):
        raise ValueError('field "fold" must be a whole number from 1 on')
    labels = labels_of(fields.get("labels"))
    group, speaker = (None if fields.get(name) is None else str(fields[name]) for name in ("group", "speaker"))
    return Recording(
        name=os.path.normpath(audio),
        label="; ".join(labels),
        labels=labels,
        fold=fold,
        partition=partition,
        group=group,
        speaker=speaker,
        listed=place,
    )
