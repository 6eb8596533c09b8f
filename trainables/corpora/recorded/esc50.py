"""ESC-50, its ten animals, and ESC-10: environmental sounds in five folds, in the layout of either release.

Source: K. J. Piczak, ESC: dataset for environmental sound classification, 2015, https://github.com/karolpiczak/ESC-50.
"""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from soundproof.search_spaces.specs import Cut
from soundproof.search_spaces.specs.clips import ANIMAL_CLASSES, SOUND_CLASSES
from soundproof.trainables.corpora.corpus import CorpusError
from soundproof.trainables.corpora.recorded.clip_files import Findings, LabelledClipsCorpus, Recording, open_clips
from soundproof.trainables.corpora.recorded.folder_listing import audio_files, printable, require_folder, subfolders

FOLDS = range(1, 6)
_TABLE = "meta/esc50.csv"
_EXPECTED = f'audio/ beside {_TABLE}, or a folder for each class as in "001 - Dog bark" with 1-100032-A.ogg and others'
_COLUMNS = ("filename", "fold", "category", "esc10", "src_file")
_CLASS_FOLDER = re.compile(r"[0-9]{3} - (.*\S.*)")
_CLIP_NAME = re.compile(r"([1-5])-([0-9]+)-[A-Z]\.(ogg|wav)")
_CURRENT_NAMES = {
    "baby_cry": "crying_baby",
    "dog_bark": "dog",
    "fire_crackling": "crackling_fire",
    "person_sneeze": "sneezing",
}
"""What the classes of ESC-10's own release are called in ESC-50."""


def open_esc(
    dataset: Literal["esc10", "esc50", "esc50-animals"], path: Path, cut: Cut, *, skip_broken: bool = False
) -> LabelledClipsCorpus:
    """The clips of ESC-50, those of its ten animals, or those of ESC-10, from its own release or from ESC-50's.

    A recording is a source: its takes are one fold's. Raises `CorpusError` naming every line and file that cannot be
    used.
    """
    folder = require_folder(path, _EXPECTED)
    find = _listed if (folder / _TABLE).exists() else _in_class_folders
    findings = find(folder, dataset)
    return open_clips(dataset, folder, cut, findings, skip_broken=skip_broken)


def _listed(folder: Path, dataset: str) -> Findings:
    """The recordings that the table names; a fault for each row that does not say what it should."""
    reader = csv.DictReader(io.StringIO(_text(folder / _TABLE), newline=""))
    recordings: dict[str, Recording] = {}
    faults = []
    for row in _rows(reader, folder / _TABLE):
        listed = f"{_TABLE}:{reader.line_num}"
        found = [f"{listed}: {fault}" for fault in _row_faults(row)]
        faults += found
        label = row["category"].strip()
        if found or not _belongs(label, dataset, in_esc10=row["esc10"].strip().lower() == "true"):
            continue
        name, fold = f"audio/{row['filename'].strip()}", int(row["fold"])
        if name in recordings:
            faults.append(f"{listed}: {printable(name)} was listed before: list every file once")
        group = f"{fold}-{row['src_file'].strip()}"
        recordings[name] = Recording(name=name, label=label, group=group, fold=fold, listed=listed)
    if not recordings and not faults:
        faults.append(f"{_TABLE}: expected a row for each clip, got none: copy it again from its source")
    return Findings(recordings=list(recordings.values()), faults=faults)


def _belongs(label: str, dataset: str, *, in_esc10: bool) -> bool:
    """Whether the clips of a class are part of the dataset."""
    return {"esc10": in_esc10, "esc50-animals": label in ANIMAL_CLASSES}.get(dataset, True)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path}: must be UTF-8, got byte {error.start} that is not: save it as UTF-8") from error
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read ({error.strerror}): check the path and its permissions") from error


def _rows(reader: "csv.DictReader[str]", path: Path) -> Iterator[dict[str, str]]:
    try:
        given = [name.strip() for name in reader.fieldnames or ()]
        missing = [name for name in _COLUMNS if name not in given]
        if missing:
            raise CorpusError(
                f"{path}:1: expected the columns {', '.join(_COLUMNS)}, got {printable(', '.join(given)) or 'none'}: "
                f"add {', '.join(missing)}"
            )
        reader.fieldnames = given
        for row in reader:
            yield {name: row[name] or "" for name in _COLUMNS}
    except csv.Error as error:
        raise CorpusError(f"{path}:{reader.line_num}: must be comma-separated values ({error}): correct it") from error


def _row_faults(row: dict[str, str]) -> Iterator[str]:
    for column in ("filename", "category", "src_file"):
        if not row[column].strip():
            yield f"{column} is empty: fill it in"
    if row["fold"].strip() not in {str(fold) for fold in FOLDS}:
        yield f"fold must be a whole number from 1 to 5, got {printable(row['fold'])!r}: correct it"
    if row["esc10"].strip().lower() not in ("true", "false"):
        yield f"esc10 must be True or False, got {printable(row['esc10'])!r}: correct it"


def _in_class_folders(folder: Path, dataset: str) -> Findings:
    """The recordings in folders that are named after classes; a problem for each file that is misnamed."""
    recordings, problems = [], []
    for class_folder in subfolders(folder):
        label = _class_name(class_folder.name)
        if label is None or not _belongs(label, dataset, in_esc10=label in SOUND_CLASSES):
            continue
        for file in audio_files(class_folder):
            name = f"{class_folder.name}/{file.name}"
            parts = _CLIP_NAME.fullmatch(file.name)
            if parts is None:
                problems.append(f"{printable(name)}: must be named FOLD-SOURCE-TAKE.ogg, as in 1-100032-A.ogg")
                continue
            fold, source = parts[1], parts[2]
            recordings.append(Recording(name=name, label=label, group=f"{fold}-{source}", fold=int(fold)))
    faults = () if recordings or problems else (f"expected {_EXPECTED}: give the folder that holds them",)
    return Findings(recordings=recordings, problems=problems, faults=faults)


def _class_name(folder_name: str) -> str | None:
    """The name that ESC-50 gives to a class, from that of its folder; None for another folder."""
    match = _CLASS_FOLDER.fullmatch(folder_name)
    if match is None:
        return None
    words = re.sub(r"[^a-z0-9]+", "_", match[1].lower()).strip("_")
    return _CURRENT_NAMES.get(words, words)
