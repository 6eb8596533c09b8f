"""Near-duplicates of a corpus: which recordings are compared, which of them are one sound, and what is said of it."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import groupby
from pathlib import Path

from soundproof.common.counting import counted
from soundproof.common.json_texts import parsed
from soundproof.common.machine_notes import own_folder, read_note, write_note
from soundproof.trainables.corpora.corpus import Remark, Waveform
from soundproof.trainables.corpora.recorded.audio_files import file_digest, inspect, read_beginning, read_mono
from soundproof.trainables.corpora.recorded.folder_listing import printable
from soundproof.trainables.corpora.recorded.identical import Targets
from soundproof.trainables.corpora.recorded.near_duplicates.alignment import LEAST_CORRELATION, correlation, whitened
from soundproof.trainables.corpora.recorded.near_duplicates.candidates import candidates
from soundproof.trainables.corpora.recorded.near_duplicates.fingerprints import Fingerprint, fingerprint
from soundproof.trainables.corpora.recorded.tables.parts import Part

KIND = "near-duplicates"
CONTRADICTING = "contradicting near-duplicates"

MOST_SECONDS = 10_800.0
"""Of sound that is listened to in all, 2,160 clips of 5 s: a run of a large corpus is not to wait for hours."""

HEARD_SECONDS = 10.0
"""Of each recording, from its start: what is one sound in longer ones is one there, too."""

_MOST_CHECKED = 4
"""Pairs that are laid on each other for each recording that is compared, the likeliest first."""

_METHOD = 2
"""Raise it when other pairs are found: what is noted on machines is found out again."""

_MOST_NAMED = 3
_MOST_KEPT = 1 << 14
"""Fingerprints of files that are remembered for the next time that this process opens a corpus; 8 kB each."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sound:
    """A recording as far as its near-duplicates go: its name, right answer, group, fixed side, and where it lies.

    `group` is what a split by groups keeps together, `side` the fold or partition that the corpus fixes; None for none.
    """

    name: str
    target: str
    group: str
    side: str | None
    path: Path
    part: Part | None = None


_File = tuple[Path, tuple[Sound, ...]]
"""A file and the recordings in it: itself, or its parts."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NearDuplicates:
    """Sets of recordings of one sound, of which not all are the same bytes, among `compared` ones of `total`."""

    sets: tuple[tuple[Sound, ...], ...]
    compared: int
    total: int

    def remarks(self, targets: Targets) -> Iterator[Remark]:
        """What of it has to be known."""
        if not self.sets:
            return
        more = sum(len(same) - 1 for same in self.sets)
        among = (
            f"{self.compared:,}" if self.compared == self.total else f"{self.compared:,} compared, of {self.total:,}"
        )
        yield Remark(
            kind=KIND,
            text=(
                f"{counted(more, 'recording')} of {among} {'is' if more == 1 else 'are'} the sound of another but for "
                f"level, compression, rate or shift ({_named(self.sets)}); {_where(self.sets)}"
            ),
        )
        contradicting = [same for same in self.sets if len({sound.target for sound in same}) > 1]
        if contradicting:
            yield Remark(
                kind=CONTRADICTING,
                text=(
                    f"{counted(len(contradicting), 'set')} of near-duplicates {_are(contradicting)} of different "
                    f"{targets} ({_named(contradicting)}): at most one of these is "
                    "right"
                ),
            )


def _where(sets: Sequence[Sequence[Sound]]) -> str:
    """On which sides of a split they may be, and what to do."""
    fixed = [same for same in sets if len({sound.side for sound in same}) > 1]
    free = [same for same in sets if any(sound.side is None for sound in same)]
    apart = [same for same in free if len({sound.group for sound in same}) > 1]
    if not apart and not fixed:
        return "all of one group, fold or partition, on one side of a split by these"
    where = []
    if apart:
        several = f"{counted(len(apart), 'set')} {_are(apart)}"
        where.append(f"{several} of different groups, which nothing keeps on one side of a split")
    if fixed:
        where.append(f"{counted(len(fixed), 'set')} {_are(fixed)} in more than one fold or partition of the corpus")
    return " and ".join(where) + ": what is tested may have been heard in training, so leave all but one of each out"


def find_near_duplicates(sounds: Sequence[Sound], most_seconds: float = MOST_SECONDS) -> NearDuplicates:
    """Compare recordings, so many seconds in all at most; where there are more, files taken evenly.

    The time grows with the number of recordings, not with that of pairs, and is spent once on a machine: what was found
    among files in their state is noted. Copies of the same bytes are no finding of their own.

    Raises `BrokenAudioError` where a file that could be read before no longer can.
    """
    files = [(path, tuple(of_file)) for path, of_file in groupby(sorted(sounds, key=_place), key=lambda one: one.path)]
    chosen = _spread(files, most_seconds)
    compared = [sound for _, of_file in chosen for sound in of_file]
    note = _note(chosen)
    pairs = _remembered(note, len(compared))
    if pairs is None:
        pairs = _pairs(chosen, compared)
        write_note(note, json.dumps(pairs))
    same = [(compared[first], compared[second]) for first, second in pairs]
    return NearDuplicates(sets=_sets(same), compared=len(compared), total=len(sounds))


def _pairs(chosen: Sequence[_File], compared: Sequence[Sound]) -> list[tuple[int, int]]:
    """The numbers of those that are one sound."""
    with ThreadPoolExecutor() as pool:
        prints = [found for of_file in pool.map(_fingerprints, chosen) for found in of_file]
    likely = candidates(prints)[: _MOST_CHECKED * len(compared)]
    return [(one.first, one.second) for one in likely if _one_sound(compared[one.first], compared[one.second])]


def _note(chosen: Sequence[_File]) -> Path:
    """Where it is noted what was found among these files in this state."""
    facts = [[str(path), _state(path), [sound.part for sound in of_file]] for path, of_file in chosen]
    name = hashlib.sha256(json.dumps([_METHOD, facts]).encode()).hexdigest()[:32]
    return own_folder() / "near-duplicates" / f"{name}.json"


def _remembered(note: Path, compared: int) -> list[tuple[int, int]] | None:
    """The pairs that were found before; None where nothing was noted that makes sense."""
    try:
        pairs = [(int(first), int(second)) for first, second in parsed(read_note(note) or "")]
    except (TypeError, ValueError):
        return None
    return pairs if all(0 <= first < second < compared for first, second in pairs) else None


def _state(path: Path) -> tuple[int, ...]:
    """Another one after anybody wrote to the file."""
    status = path.stat()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _place(sound: Sound) -> tuple[Path, tuple[float, ...]]:
    return sound.path, sound.part or ()


def _spread(files: Sequence[_File], most_seconds: float) -> Sequence[_File]:
    """As many of the files as can be listened to, taken evenly."""
    costs = sum(_seconds(path, of_file) for path, of_file in files)
    if costs <= most_seconds:
        return files
    number = max(1, int(len(files) * most_seconds / costs))
    return [files[place * len(files) // number] for place in range(number)]


def _seconds(path: Path, of_file: Sequence[Sound]) -> float:
    """Of sound that has to be decoded."""
    ends = [HEARD_SECONDS if sound.part is None else sound.part.start + sound.part.seconds for sound in of_file]
    return min(max(ends), inspect(path).duration_seconds)


def _fingerprints(file: _File) -> Sequence[Fingerprint]:
    path, of_file = file
    return _known(path, tuple(sound.part for sound in of_file), _state(path))


@lru_cache(maxsize=_MOST_KEPT)
def _known(path: Path, parts: tuple[Part | None, ...], _state: tuple[int, ...]) -> Sequence[Fingerprint]:
    return [fingerprint(*read) for read in _read(path, parts)]


def _read(path: Path, parts: Iterable[Part | None]) -> Iterator[tuple[Waveform, int]]:
    """Beginnings (time,) of the parts of a file, and their rate."""
    whole: tuple[Waveform, int] | None = None
    for part in parts:
        if part is None:
            yield read_beginning(path, HEARD_SECONDS)
            continue
        whole = whole or read_mono(path)
        mono, rate = whole
        yield part._replace(seconds=min(part.seconds, HEARD_SECONDS)).of(mono, rate), rate


def _one_sound(one: Sound, other: Sound) -> bool:
    """Whether two candidates are the same sound, and not the same bytes."""
    if one.part == other.part and file_digest(one.path) == file_digest(other.path):
        return False
    first, second = (whitened(*next(_read(sound.path, [sound.part]))) for sound in (one, other))
    return correlation(first, second) >= LEAST_CORRELATION


def _sets(pairs: Iterable[tuple[Sound, Sound]]) -> tuple[tuple[Sound, ...], ...]:
    """Recordings that pairs link with each other, by name; sets by the name of their first."""
    sets: dict[Sound, set[Sound]] = {}
    for pair in pairs:
        joined = set[Sound]().union(*(sets.get(sound, {sound}) for sound in pair))
        sets.update(dict.fromkeys(joined, joined))
    by_name = partial(sorted, key=lambda sound: sound.name)
    different = {id(joined): tuple(by_name(joined)) for joined in sets.values()}
    return tuple(sorted(different.values(), key=lambda same: same[0].name))


def _are(things: Sequence[object]) -> str:
    return "is" if len(things) == 1 else "are"


def _named(sets: Sequence[Sequence[Sound]]) -> str:
    shown = "; ".join(" ~ ".join(printable(sound.name) for sound in same[:3]) for same in sets[:_MOST_NAMED])
    return shown + (f"; and {len(sets) - _MOST_NAMED:,} more" if len(sets) > _MOST_NAMED else "")
