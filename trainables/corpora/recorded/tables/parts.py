"""Where the audio of a row lies: its file, and the part of it that is meant."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from soundproof.trainables.corpora.recorded.tables.rows import Problem, Row

_ROUNDING_SECONDS = 0.1
_ROUNDING_PART = 0.1


class Part(NamedTuple):
    """A part of a recording, in seconds."""

    start: float
    seconds: float

    @property
    def suffix(self) -> str:
        """What the key of a part has beyond its file's name."""
        return f"#{self.start:.3f}-{self.start + self.seconds:.3f}"

    def of(self, mono: Any, rate: int) -> Any:
        """The samples (time,) of the part."""
        begin = round(self.start * rate)
        return mono[begin : begin + max(1, round(self.seconds * rate))]


def audio_path(row: Row) -> Path:
    """The file that a row lists, absolute and without `..`; links are kept as they are."""
    usual = [*row.elsewhere[:1], row.fields["audio"]]
    paths = [os.path.abspath(row.file.parent / audio) for audio in dict.fromkeys((usual[-1], *row.elsewhere))]
    there = next((path for path in paths if os.path.isfile(path)), None)
    return Path(there or os.path.abspath(row.file.parent / usual[0]))


def part_of(row: Row, path: Path, seconds: float) -> Part | None:
    """The part that a row names of its file, which takes so many `seconds`; None for all of it.

    Without a start, a duration is that of the file. What does not fit is noted in the row.
    """
    start, stated = row.fields.get("start"), row.fields.get("duration")
    if start is None:
        if stated is not None and abs(stated - seconds) > max(_ROUNDING_SECONDS, _ROUNDING_PART * seconds):
            row.problems.append(
                Problem(
                    'field "duration" must be that of the audio within 10% or 0.1 s',
                    f"{stated:g} s for {path} of {seconds:.3f} s",
                    "correct it, or leave it out",
                )
            )
        return None
    left = seconds - start
    wanted = left if stated is None else stated
    if left <= 0 or wanted <= 0 or wanted - left > max(_ROUNDING_SECONDS, _ROUNDING_PART * wanted):
        got = f"{start:g} s and {wanted:.6g} s in {path} of {seconds:.3f} s"
        row.problems.append(Problem('"start" and "duration" must lie within the audio', got, "correct them"))
        return None
    if start == 0 and abs(wanted - seconds) < 1e-3:
        return None
    return Part(float(start), float(min(wanted, left)))


def compare(listed: Iterable[tuple[Row, Path, Part | None]]) -> None:
    """Note on each row where what it lists was listed before."""
    first_rows: dict[tuple[Any, ...], Row] = {}
    for row, path, part in listed:
        status = path.stat()
        first = first_rows.setdefault((status.st_dev, status.st_ino, part), row)
        if first is not row:
            where = f"{first.unit} {first.number}" if first.file == row.file else first.place
            row.problems.append(Problem("every recording is to be listed once", f"{path} of {where} again"))


def common_folder(paths: Sequence[Path]) -> Path:
    """The deepest folder that holds all of them."""
    return Path(os.path.commonpath([path.parent for path in paths])) if paths else Path(os.sep)
