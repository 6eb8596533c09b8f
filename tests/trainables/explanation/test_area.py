"""Areas that answers rest on: the measure, the comparison, and its interval on simulated truth."""

import re

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from soundproof.trainables.explanation.area import AreaComparison, area_picture, attended_area


def test_an_area_is_the_share_of_values_that_weights_are_spread_over() -> None:
    """Even weights take all, a single one its own place, two even ones two; no weight is no area."""
    even, single, two = torch.ones(4, 5), torch.zeros(20), torch.zeros(20)
    single[3], two[[4, 9]] = 7.0, 0.1
    assert [attended_area(weights) for weights in (even, single, two, 0 * even)] == pytest.approx([1, 0.05, 0.1, 0])
    assert attended_area(3 * torch.arange(9.0)) == pytest.approx(attended_area(torch.arange(9.0)))


def test_the_probability_is_the_area_under_the_curve() -> None:
    """Of scikit-learn, ties counted half."""
    chance = np.random.default_rng(0)
    right, wrong = chance.integers(0, 6, 30) / 6, chance.integers(0, 5, 17) / 6
    expected = roc_auc_score([1] * 30 + [0] * 17, np.concatenate([right, wrong]))
    assert AreaComparison(right=list(right), wrong=list(wrong)).larger()[0] == pytest.approx(expected)


@pytest.mark.parametrize(("shift", "truth"), [(0.0, 0.5), (0.7, 0.6897)])
def test_the_interval_covers_the_truth(shift: float, truth: float) -> None:
    """In about 95 of 100 simulated networks; normal areas that differ by `shift` deviations."""
    chance, covered = np.random.default_rng(1), 0
    for _ in range(400):
        right, wrong = chance.standard_normal(60) + shift, chance.standard_normal(25)
        _, low, high = AreaComparison(right=list(right), wrong=list(wrong)).larger()
        covered += low <= truth <= high
    assert 0.92 <= covered / 400 <= 0.98


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ([0.5] * 9, [0.1], "9 clips classified rightly and 1 wrongly: too few"),
        ([0.5, 0.6, 0.7] * 9, [0.1, 0.2, 0.3] * 9, "probability 1.00 .* right answers rest on larger areas"),
        ([0.1, 0.2, 0.3] * 9, [0.5, 0.6, 0.7] * 9, "probability 0.00 .* right answers rest on smaller areas"),
        ([0.1, 0.2, 0.3], [0.1, 0.2, 0.3], "probability 0.50 .* undecided"),
    ],
)
def test_what_is_said(right: list[float], wrong: list[float], said: str) -> None:
    """With counts, and only what the interval allows; a picture is drawn of it."""
    compared = AreaComparison(right=right, wrong=wrong)
    assert re.search(said, compared.sentence())
    assert area_picture(compared, "areas").startswith(b"\x89PNG")
