"""Between a padded batch (batch, frames, channels) and the stacked directions of a recurrence, one gather each way.

A recurrence wants (directions, frames, batch, channels), its second direction reversed inside each utterance's real
frames, padding left where it is.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from trainables.networks.frames import Frames


class Directions:
    """The moves of one batch for `count` directions, 1 or 2."""

    def __init__(self, frames: Frames, count: int) -> None:
        self._count = count
        self._shape = (len(frames.lengths), frames.padded)
        rows = torch.arange(frames.padded * len(frames.lengths), device=frames.lengths.device)
        by_time = rows.view(self._shape).t().flatten()
        sources = torch.stack([by_time, frames.reversal[by_time]][:count])
        places = torch.empty_like(sources).scatter_(1, sources, rows.view(1, -1).expand(count, -1))
        directions = torch.arange(count, device=rows.device)
        self._sources = sources
        """(directions, frames * batch): which row of the batch comes there."""
        self._places = (places + len(rows) * directions[:, None]).t()
        """(batch * frames, directions): where a row of the batch goes."""
        self._returns = (sources * count + directions[:, None]).view(-1, 1)
        """(directions * frames * batch, 1): where a row of the directions goes, back in the batch."""

    def part(self, values: Tensor) -> Tensor:
        """(batch, frames, channels) to (directions, frames, batch, channels)."""
        batch, frames = self._shape
        rows = _take(values.flatten(0, 1), self._sources.flatten(), self._places)
        return rows.view(self._count, frames, batch, -1)

    def join(self, states: Tensor) -> Tensor:
        """(directions, frames, batch, units) to (batch, frames, directions, units)."""
        rows = _take(states.flatten(0, 2), self._places.flatten(), self._returns)
        return rows.view(*self._shape, self._count, -1)


def _take(rows: Tensor, chosen: Tensor, places: Tensor) -> Tensor:
    taken: Tensor = _TakeRows.apply(rows, chosen, places)  # type: ignore[no-untyped-call]
    return taken


class _TakeRows(torch.autograd.Function):
    """`rows[chosen]`; `places` (rows, k) says where each row went, so that its gradient is a gather and not a scatter."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor, chosen: Tensor, places: Tensor) -> Tensor:
        ctx.save_for_backward(places)
        return rows.index_select(0, chosen)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        (places,) = ctx.saved_tensors
        first, *others = (gradient.index_select(0, place) for place in places.unbind(1))
        for other in others:
            first += other
        return first, None, None
