"""New seeds, new clips, both: the joint interval against simulated seeds and clips, and what is concluded."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundproof.analysis.statistics.clustered_ratios import clustered_ratio
from soundproof.analysis.statistics.intervals import Interval, mean_interval
from soundproof.analysis.statistics.paired_tests import wilcoxon_p_value
from soundproof.analysis.statistics.sequential import sequential_p_value
from soundproof.analysis.statistics.two_chances import both_anew, holds_for, seeds_interval, seeds_p_value

STUDIES = 2000
halves = st.floats(0, 10)


def _interval(low, high):
    return Interval(low=low, high=high, confidence=0.95)


@pytest.mark.parametrize(
    ("seeds", "clips", "both", "expected"),
    [
        (_interval(1, 3), _interval(1, 3), _interval(0.5, 3.5), "both"),
        (_interval(-3, -1), _interval(-3, -1), _interval(-3.5, -0.5), "both"),
        (_interval(1, 3), _interval(1, 3), _interval(-0.1, 4), "each"),
        (_interval(1, 3), _interval(-1, 5), _interval(-2, 6), "seeds"),
        (_interval(1, 3), None, None, "seeds"),
        (_interval(-1, 5), _interval(1, 3), _interval(-2, 6), "clips"),
        (None, _interval(1, 3), None, "clips"),
        (_interval(-1, 5), _interval(0, 3), _interval(-2, 6), "neither"),
        (None, None, None, "neither"),
    ],
)
def test_what_is_concluded(seeds, clips, both, expected):
    """An interval clear of zero on either side shows a difference; one that is not known shows nothing."""
    assert holds_for(seeds, clips, both) == expected


@given(st.floats(-5, 5), halves, halves, halves, halves)
def test_the_joint_interval_holds_both(value, seeds_below, seeds_above, clips_below, clips_above):
    """It reaches as far as either on both sides, so that what holds for both holds for each."""
    seeds, clips = (
        _interval(value - seeds_below, value + seeds_above),
        _interval(value - clips_below, value + clips_above),
    )
    both = both_anew(value, seeds, clips)
    assert both.low <= min(seeds.low, clips.low) + 1e-9
    assert both.high >= max(seeds.high, clips.high) - 1e-9


def test_intervals_cover_what_they_say():
    """Scores of 5 seeds on 8 speakers with effects of both: each interval covers its own truth in 95%, both the whole.

    The truth over new seeds is the mean on these clips, over new clips the mean of these seeds, over both that of all.
    """
    generator = np.random.default_rng(1)
    seeds, speakers, clips = 5, 8, 20
    covered = {"seeds": 0, "clips": 0, "both": 0, "seeds alone for both": 0}
    for _ in range(STUDIES):
        of_seeds, of_speakers = generator.normal(0, 1, seeds), generator.normal(0, 1.5, speakers)
        own = generator.normal(0, 3, (seeds, speakers * clips))
        scores = 2.0 + of_seeds[:, None] + np.repeat(of_speakers, clips) + own
        by_seeds = mean_interval(scores.mean(axis=1)).interval
        groups = np.repeat(np.arange(speakers), clips)
        ratio = clustered_ratio(scores.mean(axis=0), np.ones(speakers * clips), groups)
        by_clips = ratio.interval()
        both = both_anew(ratio.value, by_seeds, by_clips)
        on_these_clips, by_these_seeds = 2.0 + of_speakers.mean(), 2.0 + of_seeds.mean()
        covered["seeds"] += by_seeds.low <= on_these_clips <= by_seeds.high
        covered["clips"] += by_clips.low <= by_these_seeds <= by_clips.high
        covered["both"] += both.low <= 2.0 <= both.high
        covered["seeds alone for both"] += by_seeds.low <= 2.0 <= by_seeds.high
    shares = {name: count / STUDIES for name, count in covered.items()}
    error = np.sqrt(0.95 * 0.05 / STUDIES)
    for name in ("seeds", "clips", "both"):
        assert shares[name] >= 0.95 - 3 * error, shares
    assert shares["seeds alone for both"] < 0.9


def test_seeds_are_tested_as_they_were_looked_at():
    """One look is Student's test; looks at any time take the test for that, which is never the smaller."""
    differences = np.array([0.5, 0.9, 0.7, 1.1])
    once = seeds_p_value(differences, 0.0, looked_once=True)
    often = seeds_p_value(differences, 0.0, looked_once=False)
    assert once == seeds_p_value(-differences, 0.0, looked_once=True)
    assert often == 2 * sequential_p_value(differences)
    assert once < often
    assert once < wilcoxon_p_value(differences)
    narrow, wide = (seeds_interval(differences, 0.95, 0.0, looked_once=looked) for looked in (True, False))
    assert wide.interval.low < narrow.interval.low < narrow.interval.high < wide.interval.high
    assert seeds_p_value(np.zeros(4), 0.01, looked_once=True) == 1.0
