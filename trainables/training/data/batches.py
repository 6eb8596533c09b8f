"""The features of one corpus as a trial reads them: in batches, normalised, on the device where they fit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from soundproof.search_spaces.specs import Recipe
from soundproof.trainables.features import FeatureStore
from soundproof.trainables.training.data.normalisation import Normalisation

RESIDENT_FRACTION = 0.25
"""Features up to this share of a GPU's free memory are kept there; larger ones are read batch by batch."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """Examples padded with zeros to the longest of them.

    `indices` of the examples in their corpus; `values` (batch, frames, dimensions); `lengths` (batch,) real frames, on
    the CPU wherever the values are.
    """

    indices: Sequence[int]
    values: Tensor
    lengths: Tensor

    def rows_of(self, table: Tensor) -> Tensor:
        """The rows of the batch's examples in a `table` (examples, ...) of the whole corpus."""
        return table[torch.tensor(self.indices).to(table.device, non_blocking=True)]


class FeatureData:
    """Batches of a feature store."""

    def __init__(self, store: FeatureStore, device: torch.device, *, resident: bool | None = None) -> None:
        """`resident` says whether features are kept on the device; by default they are where they fit.

        On a CPU they stay where they are: in a memory map, which all processes share.
        """
        self.store = store
        self.device = device
        if resident is None and device.type == "cuda":
            resident = store.frames.nbytes <= RESIDENT_FRACTION * torch.cuda.mem_get_info(device)[0]
        self.resident = True if resident is None else resident
        self._frames = torch.from_numpy(store.frames).to(device) if self.resident else None

    @property
    def frame_range(self) -> tuple[int, int]:
        """Frames of the shortest and of the longest example."""
        return int(self.store.all_lengths.min()), int(self.store.all_lengths.max())

    def lengths(self, versions: NDArray[np.int64] | None = None) -> NDArray[np.int64]:
        """Frames of each example, in the version that `versions` has for it; None are the plain ones."""
        return self.store.lengths if versions is None else self.store.all_lengths[self._places(versions)]

    def _places(self, versions: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.arange(len(versions)) + versions * len(self.store.examples)

    def batch(
        self, indices: Sequence[int], normalisation: Normalisation, versions: NDArray[np.int64] | None = None
    ) -> Batch:
        """The examples at `indices`, in that order, their frames normalised; `versions` as for `lengths`."""
        places = np.asarray(indices) if versions is None else self._places(versions)[np.asarray(indices)]
        lengths = self.store.all_lengths[places]
        values = self._resident(places, lengths) if self._frames is not None else self._streamed(places, lengths)
        values = normalisation.apply(values)
        if lengths.min() < lengths.max():
            real = self._there(np.arange(values.shape[1]) < lengths[:, None])
            values.mul_(real[:, :, None])
        return Batch(indices=indices, values=values, lengths=torch.from_numpy(lengths))

    def _resident(self, places: NDArray[np.int64], lengths: NDArray[np.int64]) -> Tensor:
        assert self._frames is not None
        if len(np.unique(self.store.all_lengths)) == 1:
            clips = self._frames.view(len(self.store.all_lengths), -1, self.store.dimensions)
            return clips.index_select(0, self._there(places))
        steps = np.minimum(np.arange(lengths.max()), lengths[:, None] - 1)  # padding is made of what will be zeroed
        rows = self.store.all_offsets[places][:, None] + steps
        gathered = self._frames.index_select(0, self._there(rows.ravel()))
        return gathered.view(*steps.shape, -1)

    def _streamed(self, places: NDArray[np.int64], lengths: NDArray[np.int64]) -> Tensor:
        values = np.zeros((len(places), lengths.max(), self.store.dimensions), np.float32)
        for row, place in enumerate(places):
            start, stop = self.store.all_offsets[place], self.store.all_offsets[place + 1]
            values[row, : stop - start] = self.store.frames[start:stop]
        return self._there(values)

    def _there(self, values: NDArray[Any]) -> Tensor:
        """On the device, which may still be busy with earlier operations: the values are copied at once, or stay."""
        return torch.from_numpy(values).to(self.device, non_blocking=True)


def updates_of(
    recipe: Recipe, lengths: NDArray[np.int64], indices: Sequence[int], chance: np.random.Generator
) -> list[list[list[int]]]:
    """`indices` in the batches of one epoch, as many in a list as one update is made from; see `batches_of`."""
    batches = batches_of(lengths, indices, recipe.batch_size, recipe.batch_frames, chance)
    several = recipe.accumulate_batches
    return [batches[start : start + several] for start in range(0, len(batches), several)]


def examples_at_once(recipe: Recipe, lengths: NDArray[np.int64], indices: Sequence[int]) -> int:
    """How many examples a batch has; where batches have so many frames, that of the longest of them."""
    if recipe.batch_frames is None:
        return recipe.batch_size
    return len(batches_of_frames(lengths, indices, recipe.batch_frames, None)[-1])


def batches_of(
    lengths: NDArray[np.int64],
    indices: Sequence[int],
    batch_size: int,
    batch_frames: int | None,
    chance: np.random.Generator | None,
) -> list[list[int]]:
    """`indices` in batches of so many frames, or where that is None, of so many examples; see `bucketed_batches`.

    `lengths` are the frames of every example of the corpus.
    """
    if batch_frames is None:
        return bucketed_batches(lengths, indices, batch_size, chance)
    return batches_of_frames(lengths, indices, batch_frames, chance)


def bucketed_batches(
    lengths: NDArray[np.int64], indices: Sequence[int], batch_size: int, chance: np.random.Generator | None
) -> list[list[int]]:
    """`indices` in batches of examples of about equal length, so that little is padding.

    With `chance`, lengths are jittered by up to a tenth before sorting, so that batches differ between epochs, and the
    batches are shuffled; without, the order is that of the lengths. A last batch of one example, of which batch
    normalisation could learn nothing, takes another from the batch before it.
    """
    ordered = _by_length(lengths, indices, chance)
    starts = list(range(0, len(ordered), batch_size))
    if len(starts) > 1 and len(ordered) - starts[-1] == 1 and batch_size > 2:
        starts[-1] -= 1
    batches = [ordered[start:stop] for start, stop in zip(starts, [*starts[1:], len(ordered)], strict=True)]
    return _shuffled(batches, chance)


def batches_of_frames(
    lengths: NDArray[np.int64], indices: Sequence[int], most_frames: int, chance: np.random.Generator | None
) -> list[list[int]]:
    """`indices` in batches that have at most `most_frames` once each example is as long as the longest of its batch.

    Two examples, of which batch normalisation can learn something, are a batch however long they are; and where only
    one is left at the end, the last batch has one more than there is room for. Lengths and order are as those of
    `bucketed_batches`. How many batches there are may differ between epochs.
    """
    batches: list[list[int]] = []
    longest = 0
    for index in _by_length(lengths, indices, chance):
        longest = max(longest, int(lengths[index]))
        if batches and (len(batches[-1]) < 2 or longest * (len(batches[-1]) + 1) <= most_frames):
            batches[-1].append(index)
        else:
            batches.append([index])
            longest = int(lengths[index])
    if len(batches) > 1 and len(batches[-1]) == 1:
        lonely = batches.pop()
        batches[-1] += lonely
    return _shuffled(batches, chance)


def _by_length(lengths: NDArray[np.int64], indices: Sequence[int], chance: np.random.Generator | None) -> list[int]:
    chosen = np.asarray(indices)
    keys = lengths[chosen].astype(np.float64)
    if chance is not None:
        keys *= chance.uniform(0.9, 1.1, len(keys))
    ordered: list[int] = chosen[np.argsort(keys, kind="stable")].tolist()
    return ordered


def _shuffled(batches: list[list[int]], chance: np.random.Generator | None) -> list[list[int]]:
    return batches if chance is None else [batches[position] for position in chance.permutation(len(batches))]
