"""Anyone's recordings, in a folder per class."""

from pathlib import Path

from soundproof.search_spaces.specs import Cut
from soundproof.trainables.corpora.recorded.clip_files import Findings, LabelledClipsCorpus, Recording, open_clips
from soundproof.trainables.corpora.recorded.folder_listing import (
    AUDIO_SUFFIXES,
    audio_files,
    audio_files_below,
    printable,
    require_folder,
    subfolders,
)

_EXPECTED = f"a folder for each class, with audio files anywhere below it ({' '.join(AUDIO_SUFFIXES)})"


def open_class_folders(path: Path, cut: Cut, *, skip_broken: bool = False) -> LabelledClipsCorpus:
    """The clips of a tree with a folder per class and audio files anywhere below. A recording is a file.

    Raises `CorpusError` naming every file and class that cannot be used.
    """
    folder = require_folder(path, _EXPECTED)
    recordings = []
    problems = [f"{printable(file.name)}: must lie in the folder of its class" for file in audio_files(folder)]
    for class_folder in subfolders(folder):
        names = [file.relative_to(folder).as_posix() for file in audio_files_below(class_folder)]
        recordings += [Recording(name=name, label=class_folder.name) for name in names]
        if not names:
            problems.append(
                f"{printable(class_folder.name)}/: expected audio files ({' '.join(AUDIO_SUFFIXES)}) below a folder "
                "that names a class, got none: add some or remove the folder"
            )
    findings = Findings(recordings=recordings, problems=problems)
    return open_clips("folder", folder, cut, findings, skip_broken=skip_broken)
