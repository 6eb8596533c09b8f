"""Recordings of which nothing is heard: digital silence, and channels that cancel each other in their mean."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from soundproof.common.counting import counted
from soundproof.trainables.corpora.corpus import Remark
from soundproof.trainables.corpora.recorded.audio_files import Peaks, peaks
from soundproof.trainables.corpora.recorded.folder_listing import printable

MOST_DECODED = 200
"""Recordings that are listened to before training: all of a large corpus would take as long as its features."""

_AUDIBLE = 1e-4
"""Of full scale, three steps of 16 bits: converters that record nothing put out as much."""

_CANCELLED = 0.05
"""Part of the channels' peak that is left in their mean."""

_MOST_NAMED = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Listened:
    """What was found among `total` recordings, of which `heard` were decoded: names of files."""

    silent: Sequence[str]
    cancelling: Sequence[str]
    heard: int
    total: int

    def remarks(self) -> Iterator[Remark]:
        """What of it has to be known."""
        among = f"{self.heard:,}" if self.heard == self.total else f"{self.heard:,} listened to, of {self.total:,}"
        if self.silent:
            yield Remark(
                kind="silent",
                text=f"{counted(len(self.silent), 'recording')} of {among} {_are(self.silent)} silent "
                f"({_named(self.silent)}): leave {_them(self.silent)} out, or record again",
            )
        if self.cancelling:
            yield Remark(
                kind="cancelling",
                text=f"{counted(len(self.cancelling), 'recording')} of {among} {_are(self.cancelling)} silent as "
                f"heard, the mean of channels that cancel ({_named(self.cancelling)}): keep one channel alone",
            )


def listen(folder: Path, paths: Sequence[Path], most: int = MOST_DECODED) -> Listened:
    """Decode at most so many of the files, taken evenly. Decoding releases the interpreter's lock."""
    ordered = sorted(set(paths))
    chosen = ordered if len(ordered) <= most else [ordered[n * len(ordered) // most] for n in range(most)]
    with ThreadPoolExecutor() as pool:
        found = list(zip(chosen, pool.map(partial(peaks, enough=_CANCELLED), chosen), strict=True))
    silent = [_shown(path, folder) for path, peak in found if peak.channels < _AUDIBLE]
    cancelling = [_shown(path, folder) for path, peak in found if _cancels(peak)]
    return Listened(silent=silent, cancelling=cancelling, heard=len(chosen), total=len(ordered))


def _cancels(peak: Peaks) -> bool:
    return peak.channels >= _AUDIBLE and peak.mean < max(_AUDIBLE, _CANCELLED * peak.channels)


def _shown(path: Path, folder: Path) -> str:
    return printable(path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path))


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more


def _are(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _them(names: Sequence[str]) -> str:
    return "it" if len(names) == 1 else "them"
