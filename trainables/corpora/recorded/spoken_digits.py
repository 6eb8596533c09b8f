"""The Free Spoken Digit Dataset: its files, and its single digits as ten classes with speakers to split by.

Source: Z. Jackson et al., https://github.com/Jakobovski/free-spoken-digit-dataset, doi 10.5281/zenodo.1342401.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from soundproof.search_spaces.specs import Cut
from soundproof.trainables.corpora.corpus import CorpusError
from soundproof.trainables.corpora.recorded.clip_files import Findings, LabelledClipsCorpus, Recording, open_clips
from soundproof.trainables.corpora.recorded.folder_listing import printable, require_folder, visible_entries

DIGIT_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")

EXPECTED_NAMES = "{digit}_{speaker}_{take}.wav, as in 7_jackson_32.wav"
DIGITS_SOURCE = "give the folder of https://github.com/Jakobovski/free-spoken-digit-dataset or its recordings folder"

_NAME = re.compile(r"([0-9])_(.+)_(0|[1-9][0-9]*)\.wav")


@dataclass(frozen=True, kw_only=True, slots=True)
class DigitFile:
    """One spoken digit: a file name and what it says."""

    name: str
    digit: int
    speaker: str
    take: int


def digits_folder(path: Path) -> Path:
    """The folder of the recordings, given it or the one around it. Raises `CorpusError`."""
    inner = require_folder(path, f"a folder of recordings named {EXPECTED_NAMES}", DIGITS_SOURCE) / "recordings"
    return inner if inner.is_dir() else path


def read_digit_names(folder: Path) -> tuple[list[DigitFile], list[str]]:
    """What the names of all WAV files say, and a problem for each that is misnamed; hidden files are passed over.

    Raises `CorpusError` where there is none.
    """
    names = [entry.name for entry in visible_entries(folder) if entry.suffix.lower() == ".wav"]
    if not names:
        raise CorpusError(f"{folder}: expected recordings named {EXPECTED_NAMES}, got no WAV file: {DIGITS_SOURCE}")
    digits, problems = [], []
    for name in names:
        if match := _NAME.fullmatch(name):
            digit, speaker, take = match.groups()
            digits.append(DigitFile(name=name, digit=int(digit), speaker=speaker, take=int(take)))
        else:
            problems.append(f"{printable(name)}: must be named {EXPECTED_NAMES}")
    return digits, problems


def open_spoken_digits(path: Path, cut: Cut, *, skip_broken: bool = False) -> LabelledClipsCorpus:
    """The clips of the digits at `path`, a `recordings` folder or its parent. Classes are the digits as words.

    Raises `CorpusError` naming every file that cannot be used.
    """
    folder = digits_folder(path)
    digits, problems = read_digit_names(folder)
    recordings = [Recording(name=file.name, label=DIGIT_WORDS[file.digit], speaker=file.speaker) for file in digits]
    findings = Findings(recordings=recordings, problems=problems)
    return open_clips("fsdd-digits", folder, cut, findings, skip_broken=skip_broken)
