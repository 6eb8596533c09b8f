"""Which frames of a padded batch are real, and moving rows of frames about without touching the padding.

What follows from lengths alone is made on the CPU: a GPU that were asked for it would have to be waited for.

Shapes: (batch, frames, channels). Whatever a network computes, an utterance's output depends on its own frames alone:
padding is zero where a convolution can see it, absent from batch statistics, and reversed sequences start at their
own last frame.
"""

from functools import cached_property
from typing import Any

import torch
from torch import Tensor


class Frames:
    """The extent of a padded batch: `lengths` (batch,) real frames out of `padded` for each utterance.

    The lengths are on the CPU, the frames on `device`.
    """

    def __init__(self, lengths: Tensor, padded: int, device: torch.device | None = None) -> None:
        """`device` None is that of `lengths`."""
        self.device = lengths.device if device is None else device
        self.lengths = lengths.cpu()
        self.padded = padded
        self._real = torch.arange(padded) < self.lengths[:, None]
        self._rows: Tensor | None = None
        self._reversal: Tensor | None = None

    @cached_property
    def beyond(self) -> Tensor | None:
        """(batch, frames) on the device: true beyond the end of each clip; None where nothing is."""
        return None if bool(self._real.all()) else (~self._real).to(self.device, non_blocking=True)

    @property
    def rows(self) -> Tensor:
        """Indices of the real frames among all batch * frames rows, in order."""
        if self._rows is None:
            self._rows = self._real.flatten().nonzero().flatten().to(self.device, non_blocking=True)
        return self._rows

    @property
    def reversal(self) -> Tensor:
        """For each of the batch * frames rows, the row that takes its place when utterances are reversed in time."""
        if self._reversal is None:
            steps = torch.arange(self.padded).expand(len(self.lengths), -1)
            backwards = torch.where(self._real, self.lengths[:, None] - 1 - steps, steps)
            starts = torch.arange(len(self.lengths))[:, None] * self.padded
            self._reversal = (backwards + starts).flatten().to(self.device, non_blocking=True)
        return self._reversal

    def reverse(self, values: Tensor) -> Tensor:
        """`values` (batch, frames, channels) with the real frames of every utterance in reverse order."""
        reversed_rows: Tensor = _PermuteRows.apply(values.flatten(0, 1), self.reversal)  # type: ignore[no-untyped-call]
        return reversed_rows.view_as(values)

    def pack(self, values: Tensor) -> Tensor:
        """The real frames of `values` (batch, frames, channels), as (real frames, channels)."""
        packed: Tensor = _Pack.apply(values.flatten(0, 1), self.rows)  # type: ignore[no-untyped-call]
        return packed

    def unpack(self, packed: Tensor) -> Tensor:
        """Inverse of `pack`; padding is zero."""
        rows = len(self.lengths) * self.padded
        values: Tensor = _Unpack.apply(packed, self.rows, rows)  # type: ignore[no-untyped-call]
        return values.view(len(self.lengths), self.padded, -1)


class _PermuteRows(torch.autograd.Function):
    """Rows in another order. The permutation must be its own inverse, as a reversal is."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor, permutation: Tensor) -> Tensor:
        ctx.save_for_backward(permutation)
        return rows.index_select(0, permutation)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        (permutation,) = ctx.saved_tensors
        return gradient.index_select(0, permutation), None


class _Pack(torch.autograd.Function):
    """Some rows, each at most once, so that the gradient is a copy and not a sum."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor, chosen: Tensor) -> Tensor:
        ctx.save_for_backward(chosen)
        ctx.count = len(rows)
        return rows.index_select(0, chosen)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        (chosen,) = ctx.saved_tensors
        return _spread(gradient, chosen, ctx.count), None


class _Unpack(torch.autograd.Function):
    """Inverse of `_Pack`."""

    @staticmethod
    def forward(ctx: Any, packed: Tensor, chosen: Tensor, count: int) -> Tensor:
        ctx.save_for_backward(chosen)
        return _spread(packed, chosen, count)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        (chosen,) = ctx.saved_tensors
        return gradient.index_select(0, chosen), None, None


def _spread(packed: Tensor, rows: Tensor, count: int) -> Tensor:
    return packed.new_zeros(count, packed.shape[1]).index_copy_(0, rows, packed)
