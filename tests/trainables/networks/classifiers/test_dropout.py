"""Dropout against its definition."""

from __future__ import annotations

import pytest
import torch

from trainables.networks.classifiers.dropout import Dropout


@pytest.mark.parametrize("rate", [0.1, 0.35, 0.5, 0.9])
def test_the_share_of_zeros_is_the_rate(rate: float) -> None:
    """Of a million values, within five standard deviations; what stays is scaled so that the mean stays."""
    torch.manual_seed(0)
    dropped = Dropout(rate)(torch.ones(1000, 1001))
    zeros = float((dropped == 0).float().mean())
    assert abs(zeros - rate) < 5 * (rate * (1 - rate) / dropped.numel()) ** 0.5
    torch.testing.assert_close(dropped[dropped > 0], torch.full_like(dropped[dropped > 0], 1 / (1 - rate)))


def test_values_are_dropped_independently() -> None:
    """Neighbours, which share a random word, do not share their fate."""
    torch.manual_seed(1)
    kept = (Dropout(0.5)(torch.ones(400_000)) > 0).float() - 0.5
    for lag in range(1, 9):
        assert abs(float((kept[lag:] * kept[:-lag]).mean()) * 4) < 5 / 400_000**0.5


def test_gradients_follow_the_mask_and_evaluation_changes_nothing() -> None:
    """What was zeroed gets no gradient; the same seed gives the same mask; in evaluation values pass."""
    values = torch.randn(7, 13, requires_grad=True)
    layer = Dropout(0.3)
    torch.manual_seed(2)
    first = layer(values)
    torch.manual_seed(2)
    assert torch.equal(first, layer(values))
    (gradient,) = torch.autograd.grad(first.sum(), values)
    torch.testing.assert_close(gradient * values, first)
    assert layer.eval()(values) is values
