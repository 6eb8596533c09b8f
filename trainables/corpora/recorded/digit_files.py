"""Files of the Free Spoken Digit Dataset: where they lie and what their names say.

Source: Z. Jackson et al., https://github.com/Jakobovski/free-spoken-digit-dataset, doi 10.5281/zenodo.1342401.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from soundproof.trainables.corpora.corpus import CorpusError
from soundproof.trainables.corpora.recorded.folder_listing import require_folder, visible_entries

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


def digit_names(folder: Path) -> list[str]:
    """The names of all WAV files, sorted; hidden ones are passed over. Raises `CorpusError` where there is none."""
    names = [entry.name for entry in visible_entries(folder) if entry.suffix.lower() == ".wav"]
    if not names:
        raise CorpusError(f"{folder}: expected recordings named {EXPECTED_NAMES}, got no WAV file: {DIGITS_SOURCE}")
    return names


def parse_digit_name(name: str) -> DigitFile | None:
    """What a file name says; None where it is not that of a recording."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    digit, speaker, take = match.groups()
    return DigitFile(name=name, digit=int(digit), speaker=speaker, take=int(take))
