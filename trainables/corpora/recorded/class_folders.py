"""Anyone's recordings, in a folder per class."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from soundproof.search_spaces.specs import Cut
from soundproof.trainables.corpora.audio import endings, foreign
from soundproof.trainables.corpora.corpus import CorpusError, Remark
from soundproof.trainables.corpora.recorded import folder_listing as listing
from soundproof.trainables.corpora.recorded.clip_files import Findings, LabelledClipsCorpus, Recording, open_clips

_SUFFIXES = " ".join((*endings.READ[:14], "and others that libsndfile opens"))
_EXPECTED = f"a folder for each class, with audio files anywhere below it ({_SUFFIXES})"
_SIDES = re.compile(r"train(ing)?|val(id(ation)?)?|dev|test(ing)?|eval(uation)?", re.IGNORECASE)
_FOLD = re.compile(r"fold[-_ ]?[0-9]+", re.IGNORECASE)
_MOST_FOLDERS = 5
"""Named where files of one ending are not taken."""


def open_class_folders(path: Path, cut: Cut, *, skip_broken: bool = False) -> LabelledClipsCorpus:
    """The clips of a tree with a folder per class and audio files anywhere below. A recording is a file.

    Raises `CorpusError` naming every file and class that cannot be used.
    """
    folder = listing.require_folder(path, _EXPECTED)
    _refuse_sides(folder)
    recordings = []
    problems = [
        f"{listing.printable(file.name)}: must lie in the folder of its class" for file in listing.audio_files(folder)
    ]
    passed: dict[str, list[Path]] = {}
    for class_folder in listing.subfolders(folder):
        files = list(listing.files_below(class_folder))
        taken = [file for file in files if _is_taken(file)]
        names = [file.relative_to(folder).as_posix() for file in taken]
        recordings += [Recording(name=name, label=class_folder.name) for name in names]
        passed[class_folder.name] = [file for file in files if not _is_taken(file)]
        if not names:
            problems.append(
                f"{listing.printable(class_folder.name)}/: expected audio files ({_SUFFIXES}) below a folder that "
                "names a class, got none: add some or remove the folder"
            )
    findings = Findings(recordings=recordings, problems=[*problems, *_passed_over(passed)])
    opened = open_clips("folder", folder, cut, findings, skip_broken=skip_broken)
    return replace(opened, remarks=(*opened.remarks, *_others(passed)))


def _refuse_sides(folder: Path) -> None:
    """Folders that are all called as the sides of a split, or as folds, are no classes; `train` may be a vehicle."""
    names = [entry.name for entry in listing.subfolders(folder)]
    if len(names) < 2:
        return
    listed = listing.printable(", ".join(names[:_MOST_FOLDERS]))
    if all(_SIDES.fullmatch(name) for name in names):
        raise CorpusError(
            f"{folder}: expected {_EXPECTED}, got the sides of a split ({listed}): audio-folder:PATH takes them for "
            "that, with a folder for each class below each, and a table says it by a column, manifest:FILE"
        )
    if all(_FOLD.fullmatch(name) for name in names):
        raise CorpusError(
            f"{folder}: expected {_EXPECTED}, got folds ({listed}): give urbansound8k:PATH, the folder above with its "
            "metadata, or a table with the columns label and fold, manifest:FILE"
        )


def _others(passed: dict[str, list[Path]]) -> Iterator[Remark]:
    """What lies in the folders of classes and has nothing to do with sound, by ending."""
    counts: Counter[str] = Counter()
    for files in passed.values():
        plain = (file for file in files if not endings.foreign_name(file) and not endings.unreadable_name(file))
        counts.update(file.suffix.lower() or "no ending" for file in plain)
    for ending, number in sorted(counts.items()):
        text = (
            f"{number} file{'s' if number > 1 else ''} with {ending} in its folders are not taken: no sound by its name"
        )
        yield Remark(kind="not taken", text=text.replace("with no ending", "without an ending"))


def _is_taken(file: Path) -> bool:
    return endings.is_read(file) or (endings.foreign_name(file) is not None and foreign.available())


def _passed_over(passed: dict[str, list[Path]]) -> Iterator[str]:
    """A sentence for each ending that has to do with sound and is not taken, with the number of its files."""
    places: dict[str, Counter[str]] = defaultdict(Counter)
    for class_name, files in passed.items():
        for file in files:
            if endings.foreign_name(file) or endings.unreadable_name(file):
                places[file.suffix.lower()][class_name] += 1
    for ending, counted in sorted(places.items()):
        name = Path(f"a{ending}")
        where, many = _listed(list(counted.items())), counted.total()
        found = endings.foreign_name(name)
        if found is not None:
            what = f"{found}, which libsndfile does not read: {foreign.remedy(found)}"
        else:
            what = f"{endings.unreadable_name(name)}, and not taken: convert or remove them"
        yield f"{ending}: {many} file{'s' if many > 1 else ''} with this ending ({where}): {what}"


def _listed(counted: Sequence[tuple[str, int]]) -> str:
    named = [f"{number} in {listing.printable(name)}/" for name, number in counted[:_MOST_FOLDERS]]
    if len(counted) > _MOST_FOLDERS:
        named.append(f"the others in {len(counted) - _MOST_FOLDERS} more folders")
    return ", ".join(named)
