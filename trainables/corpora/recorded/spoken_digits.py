"""The Free Spoken Digit Dataset as single digits: ten classes, and speakers to split by."""

from pathlib import Path

from soundproof.search_spaces.specs import Cut
from soundproof.trainables.corpora.recorded.clip_files import Findings, LabelledClipsCorpus, Recording, open_clips
from soundproof.trainables.corpora.recorded.digit_files import (
    DIGIT_WORDS,
    EXPECTED_NAMES,
    digit_names,
    digits_folder,
    parse_digit_name,
)
from soundproof.trainables.corpora.recorded.folder_listing import printable


def open_spoken_digits(path: Path, cut: Cut, *, skip_broken: bool = False) -> LabelledClipsCorpus:
    """The clips of the digits at `path`, a `recordings` folder or its parent. Classes are the digits as words.

    Raises `CorpusError` naming every file that cannot be used.
    """
    folder = digits_folder(path)
    return open_clips("fsdd-digits", folder, cut, _find(folder), skip_broken=skip_broken)


def _find(folder: Path) -> Findings:
    recordings, problems = [], []
    for name in digit_names(folder):
        file = parse_digit_name(name)
        if file is None:
            problems.append(f"{printable(name)}: must be named {EXPECTED_NAMES}")
        else:
            recordings.append(Recording(name=name, label=DIGIT_WORDS[file.digit], speaker=file.speaker))
    return Findings(recordings=recordings, problems=problems)
