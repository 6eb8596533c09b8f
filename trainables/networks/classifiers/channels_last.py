"""Convolution, ReLU, max pool and batch norm along many short rows, channels last: (rows, length, channels).

A network for every frame runs along 128 mel bands of thousands of rows. There the library's pooling and normalisation
take more time than its convolutions; with channels last and pairs of outputs side by side a training step takes half
the time (docs/decisions/training.md).
"""

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

from soundproof.trainables.networks.classifiers.layers import ChannelNorm


class ConvolutionRelu(nn.Conv1d):
    """`nn.Conv1d` without padding, then ReLU."""

    def forward(self, values: Tensor) -> Tensor:
        """(rows, length, channels) to (rows, length - kernel size + 1, filters)."""
        return _convolve(values, self.weight, self.bias, stride=1).relu()


class ConvolutionReluPool(nn.Conv1d):
    """`nn.Conv1d` without padding, ReLU, then the larger of each two neighbours; a last one alone stays.

    Even and odd positions are filters of one convolution with stride 2, whose kernel is longer by one.
    """

    def forward(self, values: Tensor) -> Tensor:
        """(rows, length, channels) to (rows, ceil((length - kernel size + 1) / 2), filters)."""
        assert self.bias is not None
        alone = (values.shape[1] - self.kernel_size[0]) % 2 == 0
        if alone:
            values = functional.pad(values, (0, 0, 0, 1))
        weight = torch.cat([functional.pad(self.weight, (0, 1)), functional.pad(self.weight, (1, 0))])
        pairs = _convolve(values, weight, self.bias.repeat(2), stride=2)
        larger: Tensor = _LargerOfPairs.apply(pairs, alone)  # type: ignore[no-untyped-call]
        return larger


class RowNorm(ChannelNorm):
    """`ChannelNorm` of (rows, length, channels)."""

    def forward(self, values: Tensor) -> Tensor:
        """Each channel over rows and length."""
        return super().forward(values.reshape(-1, values.shape[-1])).view(values.shape)


class RowPool(nn.Module):
    """The largest of each `size` neighbours; a last group may be smaller."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def forward(self, values: Tensor) -> Tensor:
        """(rows, length, channels) to (rows, ceil(length / size), channels)."""
        missing = -values.shape[1] % self.size
        values = functional.pad(values, (0, 0, 0, missing), value=-torch.inf).contiguous()
        groups = values.view(values.shape[0], -1, self.size, values.shape[2])
        largest: Tensor = groups.amax(dim=2)
        return largest


class _LargerOfPairs(torch.autograd.Function):
    """ReLU of the larger half of the channels, position by position; of equal halves the first counts."""

    @staticmethod
    def forward(ctx: Any, pairs: Tensor, alone: bool) -> Tensor:
        """`pairs` (rows, length, 2 * filters); `alone`: the last position has no second half."""
        first, second = pairs.chunk(2, dim=2)
        is_first = first >= second
        larger = torch.maximum(first, second)
        if alone:
            is_first[:, -1] = True
            larger[:, -1] = first[:, -1]
        larger.relu_()
        ctx.save_for_backward(is_first, larger)
        return larger

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        """To the half that was larger, where it was positive."""
        is_first, larger = ctx.saved_tensors
        gradient = gradient * (larger > 0)
        halves = gradient.new_empty(*gradient.shape[:2], 2 * gradient.shape[2])
        first, second = halves.chunk(2, dim=2)
        torch.mul(gradient, is_first, out=first)
        torch.sub(gradient, first, out=second)
        return halves, None


def _convolve(values: Tensor, weight: Tensor, bias: Tensor | None, stride: int) -> Tensor:
    """`values` (rows, length, channels), `weight` (filters, channels, kernel) to (rows, length', filters)."""
    image = values.unsqueeze(1).permute(0, 3, 1, 2)  # (rows, channels, 1, length), channels last in memory
    kernel = weight.unsqueeze(2).contiguous(memory_format=torch.channels_last)
    convolved = functional.conv2d(image, kernel, bias, stride=(1, stride))
    return convolved.permute(0, 2, 3, 1).squeeze(1).contiguous()
