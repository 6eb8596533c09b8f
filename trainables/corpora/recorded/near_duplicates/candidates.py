"""Pairs of fingerprints that may be of one sound, found by an inverted index of their frames, not by all pairs.

As in Haitsma and Kalker (see `fingerprints`): frames whose bits are equal, or equal but for the weakest ones, say which
other recording to look at, and at which shift.
"""

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from soundproof.trainables.corpora.recorded.near_duplicates.fingerprints import WEAK_BITS, Fingerprint, bit_error_rate

_MOST_NEIGHBOURS = 8
"""Later recordings that a frame is compared with: what sounds like many others is linked to the next of them."""

_MOST_ERRORS = 0.2
"""Share of bits. Of ESC-10's clips, copies had at most 0.13, and unlike sounds at least 0.39; takes of one word by
one speaker have less than 0.2 in one pair of 200, which is why `alignment` has the last word."""

_SHIFTS_TRIED = 2
"""Of each pair, those for which most frames speak."""

_LAG_RANGE = 1 << 16
_Places = NDArray[np.int64]


class Candidate(NamedTuple):
    """The numbers of two recordings, the first before the second, and the share of bits that differ."""

    first: int
    second: int
    error_rate: float


class _Index(NamedTuple):
    """Frames that are heard, of all recordings in order: their recording, place in it, bits; and all keys, sorted.

    A key is the bits of a frame before the frame's number. `first_frames` are those of each recording, and the end.
    """

    recordings: _Places
    frames: _Places
    bits: NDArray[np.uint64]
    weak: NDArray[np.uint64]
    keys: NDArray[np.uint64]
    first_frames: _Places


def candidates(prints: Sequence[Fingerprint]) -> list[Candidate]:
    """Pairs of recordings that share most of their bits at some shift, the surest first."""
    if not any(one.heard.any() for one in prints):
        return []
    index = _index(prints)
    found = [_matches(index, flipped) for flipped in _flips(index.weak)]
    pairs, lags = (np.concatenate(part) for part in zip(*found, strict=True))
    return sorted(_sure(prints, pairs, lags), key=lambda one: one.error_rate)


def _index(prints: Sequence[Fingerprint]) -> _Index:
    heard = [np.flatnonzero(one.heard) for one in prints]
    counts = np.array([len(one) for one in heard], dtype=np.int64)
    bits = np.concatenate([one.bits[at] for one, at in zip(prints, heard, strict=True)]).astype(np.uint64)
    weak = np.concatenate([one.weak[at] for one, at in zip(prints, heard, strict=True)])
    return _Index(
        recordings=np.repeat(np.arange(len(prints)), counts),
        frames=np.concatenate(heard),
        bits=bits,
        weak=weak.astype(np.uint64),
        keys=np.sort((bits << np.uint64(32)) | np.arange(len(bits), dtype=np.uint64)),
        first_frames=np.concatenate([[0], np.cumsum(counts)]),
    )


def _flips(weak: NDArray[np.uint64]) -> list[NDArray[np.uint64]]:
    """For each choice of weak bits, these of every frame: what to turn over."""
    chosen = [columns for size in range(WEAK_BITS + 1) for columns in combinations(range(WEAK_BITS), size)]
    return [weak[:, list(columns)].sum(axis=1, dtype=np.uint64) for columns in chosen]


def _matches(index: _Index, flipped: NDArray[np.uint64]) -> tuple[_Places, _Places]:
    """Pairs, as one number each, and shifts of the frames of later recordings that have the bits so turned over."""
    wanted = index.bits ^ flipped
    first_later = index.first_frames[index.recordings + 1].astype(np.uint64)
    at = np.searchsorted(index.keys, (wanted << np.uint64(32)) | first_later)
    asking = np.arange(len(wanted))
    pairs, lags = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for _ in range(_MOST_NEIGHBOURS):
        inside = at < len(index.keys)
        asking, at = asking[inside], at[inside]
        same = (index.keys[at] >> np.uint64(32)) == wanted[asking]
        asking, at = asking[same], at[same]
        found = (index.keys[at] & np.uint64(0xFFFFFFFF)).astype(np.int64)
        pairs.append(index.recordings[asking] * (len(index.first_frames) - 1) + index.recordings[found])
        lags.append(index.frames[found] - index.frames[asking])
        at = at + 1
    return np.concatenate(pairs), np.concatenate(lags)


def _sure(prints: Sequence[Fingerprint], pairs: _Places, lags: _Places) -> list[Candidate]:
    """The pairs for which the rest of their bits speaks, too, at one of the shifts with most votes, or one beside."""
    shifts, votes = np.unique(pairs * _LAG_RANGE + lags + _LAG_RANGE // 2, return_counts=True)
    order = np.lexsort((-votes, shifts // _LAG_RANGE))
    shifts = shifts[order]
    ranks = np.arange(len(shifts)) - np.searchsorted(shifts // _LAG_RANGE, shifts // _LAG_RANGE)
    best: dict[tuple[int, int], float] = {}
    for shift in shifts[ranks < _SHIFTS_TRIED].tolist():
        first, second = divmod(shift // _LAG_RANGE, len(prints))
        lag = shift % _LAG_RANGE - _LAG_RANGE // 2
        errors = min(bit_error_rate(prints[first], prints[second], lag + beside) for beside in (-1, 0, 1))
        best[first, second] = min(errors, best.get((first, second), 1.0))
    return [Candidate(*pair, errors) for pair, errors in best.items() if errors <= _MOST_ERRORS]
