"""Anyone's recordings, in a folder per class."""

from pathlib import Path

from soundproof.search_spaces.specs import Cut
from soundproof.trainables.corpora.recorded import folder_listing as listing
from soundproof.trainables.corpora.recorded.clip_files import Findings, LabelledClipsCorpus, Recording, open_clips

_SUFFIXES = " ".join(listing.AUDIO_SUFFIXES)
_EXPECTED = f"a folder for each class, with audio files anywhere below it ({_SUFFIXES})"


def open_class_folders(path: Path, cut: Cut, *, skip_broken: bool = False) -> LabelledClipsCorpus:
    """The clips of a tree with a folder per class and audio files anywhere below. A recording is a file.

    Raises `CorpusError` naming every file and class that cannot be used.
    """
    folder = listing.require_folder(path, _EXPECTED)
    recordings = []
    problems = [
        f"{listing.printable(file.name)}: must lie in the folder of its class" for file in listing.audio_files(folder)
    ]
    for class_folder in listing.subfolders(folder):
        names = [file.relative_to(folder).as_posix() for file in listing.audio_files_below(class_folder)]
        recordings += [Recording(name=name, label=class_folder.name) for name in names]
        if not names:
            problems.append(
                f"{listing.printable(class_folder.name)}/: expected audio files ({_SUFFIXES}) below a folder that "
                "names a class, got none: add some or remove the folder"
            )
    findings = Findings(recordings=recordings, problems=problems)
    return open_clips("folder", folder, cut, findings, skip_broken=skip_broken)
