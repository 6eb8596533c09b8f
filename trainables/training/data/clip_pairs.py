"""Pairs of clips of classes that training never saw: of one class, or of two."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundproof.trainables.corpora.corpus import Example
from soundproof.trainables.training.data.random_streams import numpy_generator

MOST_PAIRS = 200_000
"""Of a side. Where there are more, as many of one class as of two are drawn, or all of a kind that has fewer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipPairs:
    """Positions of clips among those of a side, and whether both clips are of one class, each (pairs,)."""

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    same: NDArray[np.bool_]


def clip_pairs(examples: Sequence[Example], indices: Sequence[int], seed: int, *, most: int = MOST_PAIRS) -> ClipPairs:
    """All pairs of the examples at `indices`, or as many as are asked about, drawn by the seed of the trial alone.

    Two clips of one recording are no pair: they have a microphone and a room in common, whoever speaks.
    """
    classes, recordings = (
        np.unique([getattr(examples[index], name) for index in indices], return_inverse=True)[1]
        for name in ("target", "recording")
    )
    counts = np.array([[one.sum() for one in _partners(place, classes, recordings)] for place in range(len(classes))])
    same, different = counts.sum(axis=0).tolist()
    asked_same = min(same, max(most - most // 2, most - different))
    asked = (asked_same, min(different, most - asked_same))
    chance = numpy_generator(seed, "pairs")
    found = [
        _pairs_of_kind(kind, np.sort(_drawn(total, number, chance)), counts[:, kind], classes, recordings)
        for kind, (total, number) in enumerate(zip((same, different), asked, strict=True))
    ]
    first, second = np.concatenate(found, axis=1)
    return ClipPairs(first=first, second=second, same=np.arange(len(first)) < asked[0])


def _partners(
    place: int, classes: NDArray[np.int64], recordings: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which of the clips after the one at `place` make a pair with it: of its class, and of others."""
    others, same = recordings[place + 1 :] != recordings[place], classes[place + 1 :] == classes[place]
    return others & same, others & ~same


def _drawn(total: int, number: int, chance: np.random.Generator) -> NDArray[np.int64]:
    return np.arange(total) if number == total else chance.choice(total, number, replace=False, shuffle=False)


def _pairs_of_kind(
    kind: int,
    ranks: NDArray[np.int64],
    counts: NDArray[np.int64],
    classes: NDArray[np.int64],
    recordings: NDArray[np.int64],
) -> NDArray[np.int64]:
    """The pairs of a kind with these `ranks`, ascending, in the order of both clips, (2, pairs)."""
    ends = np.cumsum(counts)
    places = np.searchsorted(ends, ranks, side="right")
    firsts, starts = np.unique(places, return_index=True)
    seconds = [
        place
        + 1
        + np.flatnonzero(_partners(place, classes, recordings)[kind])[its_ranks - (ends[place] - counts[place])]
        for place, its_ranks in zip(firsts.tolist(), np.split(ranks, starts[1:]), strict=False)
    ]
    return np.stack([places, np.concatenate([*seconds, np.zeros(0, np.int64)])])
