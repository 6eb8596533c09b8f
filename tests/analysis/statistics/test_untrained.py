"""Runs that did not train, told from those that did."""

import numpy as np
import pytest

from soundproof.analysis.statistics.untrained import clean_seeds_needed, unseen_share, untrained


def test_runs_on_the_plateau_are_found_and_no_others():
    """Six variants around 40 nats, 15% of the runs of two of them at 75, in 50 studies: 7 of 10, and hardly others.

    Missed are those of variants of which two of the first three failed.
    """
    generator = np.random.default_rng(1)
    right = wrong = failed = 0
    for _ in range(50):
        losses = generator.normal(40, 2, (6, 12))
        plateau = generator.uniform(size=losses.shape) < np.array([0.15, 0.15, 0, 0, 0, 0])[:, None]
        found = untrained(losses + 35 * plateau, 1.0, higher_is_better=False)
        right, wrong, failed = right + (found & plateau).sum(), wrong + (found & ~plateau).sum(), failed + plateau.sum()
    assert right > 0.7 * failed
    assert wrong <= 3  # of 3,600


def test_a_later_seed_changes_no_earlier_call():
    """What the first eight seeds were called stays, whatever follows."""
    generator = np.random.default_rng(2)
    losses = generator.normal(40, 2, (5, 20)) + 40 * (generator.uniform(size=(5, 20)) < 0.15)
    whole, part = (untrained(losses[:, :seeds], 1.0, higher_is_better=False) for seeds in (20, 8))
    assert np.array_equal(whole[:, :8], part)
    assert whole.any()


@pytest.mark.parametrize("higher_is_better", [False, True])
def test_a_run_that_is_better_than_all_others_did_train(higher_is_better):
    """Only the worse side counts, and nothing within the smallest difference that matters; NaN is neither."""
    values = np.array([[40.0, 40.1, 40.2, 40.1, 90.0, np.nan]] * 3)
    assert untrained(values, 1.0, higher_is_better=higher_is_better).any() != higher_is_better
    assert not untrained(values, 60.0, higher_is_better=False).any()


def test_what_clean_seeds_leave_open():
    """0.05 = (1 - share)ⁿ, both ways: 63% after three seeds, 26% after ten; 19 clean seeds leave less than 15%."""
    assert [round(unseen_share(n), 2) for n in (3, 10, 20)] == [0.63, 0.26, 0.14]
    for share in (0.05, 0.15, 0.4):
        needed = clean_seeds_needed(share)
        assert (1 - share) ** needed <= 0.05 < (1 - share) ** (needed - 1)
    assert unseen_share(0) == 1.0
