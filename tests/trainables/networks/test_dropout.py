"""Dropout against its definition."""

import itertools
from collections.abc import Iterator

import pytest
import torch
from torch import Tensor, nn

from soundproof.trainables.networks.sublayers import Dropout, draw_from


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


def test_networks_that_draw_from_their_own_generators_do_not_notice_each_other() -> None:
    """Two networks in turn draw what each draws alone, and the global generator is left as it was."""
    values = torch.ones(50, 40)

    def masks(seed: int) -> Iterator[Tensor]:
        network = nn.Sequential(Dropout(0.5), nn.Sequential(Dropout(0.2)))
        draw_from(network, torch.Generator().manual_seed(seed))
        while True:
            yield network(values)

    before = torch.get_rng_state()
    alone = [list(itertools.islice(masks(seed), 3)) for seed in (3, 4)]
    in_turn = zip(*itertools.islice(zip(masks(3), masks(4), strict=True), 3), strict=True)
    for expected, got in zip(alone, in_turn, strict=True):
        assert all(torch.equal(one, other) for one, other in zip(expected, got, strict=True))
    assert not torch.equal(alone[0][0], alone[1][0])
    assert torch.equal(torch.get_rng_state(), before)
