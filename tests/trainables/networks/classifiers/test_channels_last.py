"""Channels-last layers against the library's own."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional

from soundproof.trainables.networks.classifiers.channels_last import (
    ConvolutionRelu,
    ConvolutionReluPool,
    RowNorm,
    RowPool,
)
from soundproof.trainables.networks.classifiers.layers import ChannelNorm


def _library(values: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Convolution, ReLU and max pool of 2 by the library, on (rows, length, channels)."""
    convolved = functional.conv1d(values.transpose(1, 2), weight, bias).relu()
    return functional.max_pool1d(convolved, 2, ceil_mode=True).transpose(1, 2)


@settings(deadline=None)
@given(st.integers(1, 5), st.integers(1, 4), st.integers(1, 5), st.integers(1, 9), st.integers(0, 12))
def test_a_pooled_convolution_is_the_librarys(rows: int, channels: int, filters: int, kernel: int, more: int) -> None:
    """Outputs and all gradients, for odd and even lengths; in double precision, so that nothing hides in rounding."""
    torch.manual_seed(rows + 7 * kernel + more)
    layer = ConvolutionReluPool(channels, filters, kernel).double()
    values = torch.randn(rows, kernel + more, channels, dtype=torch.double, requires_grad=True)
    expected = _library(values, layer.weight, layer.bias)
    actual = layer(values)
    torch.testing.assert_close(actual, expected)
    towards = torch.randn_like(expected)
    wanted = (values, layer.weight, layer.bias)
    for one, other in zip(
        torch.autograd.grad(actual, wanted, towards), torch.autograd.grad(expected, wanted, towards), strict=True
    ):
        torch.testing.assert_close(one, other)


def test_gradients_by_finite_differences() -> None:
    """The pool's own backward pass agrees with numerical differentiation."""
    torch.manual_seed(0)
    layer = ConvolutionReluPool(2, 3, 3).double()
    values = torch.randn(2, 8, 2, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(layer, (values,))


@pytest.mark.parametrize("size", [1, 2, 3])
def test_the_other_layers_are_the_librarys(size: int) -> None:
    """Convolution without a pool, pools of any size, and batch norm with its running statistics."""
    torch.manual_seed(0)
    values = torch.randn(4, 11, 3)
    turned = values.transpose(1, 2)
    convolution = ConvolutionRelu(3, 5, 4)
    by_library = functional.conv1d(turned, convolution.weight, convolution.bias).relu()
    torch.testing.assert_close(convolution(values), by_library.transpose(1, 2))
    pooled = functional.max_pool1d(turned, size, ceil_mode=True)
    torch.testing.assert_close(RowPool(size)(values), pooled.transpose(1, 2))
    mine, theirs = RowNorm(3), ChannelNorm(3)
    for _ in range(2):
        torch.testing.assert_close(mine(values), theirs(turned).transpose(1, 2))
    for one, other in zip(mine.state_dict().values(), theirs.state_dict().values(), strict=True):
        torch.testing.assert_close(one, other)


def test_names_of_weights_are_those_of_a_convolution() -> None:
    """Parameters are counted and initialised as those of any `nn.Conv1d`."""
    assert isinstance(ConvolutionReluPool(1, 2, 3), nn.Conv1d)
    assert {name: tuple(value.shape) for name, value in ConvolutionReluPool(1, 2, 3).state_dict().items()} == {
        "weight": (2, 1, 3),
        "bias": (2,),
    }
