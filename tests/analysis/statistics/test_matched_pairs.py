"""Two runs on the same clips: the textbook's segments, hand-checked p values, and statsmodels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar

from soundproof.analysis.statistics.matched_pairs import (
    matched_pairs_test,
    mcnemar_p_value,
    segment_errors,
    word_errors,
)

TIMES = "it was the best of times it was the worst of times it was"
FIRST = "its the best of times it is the worst of times or it was"
SECOND = "it was the best times it on the test of times it was"

sentences = st.lists(st.sampled_from("abc"), max_size=9).map(" ".join)


def test_the_segments_of_the_textbook():
    """The four regions of Jurafsky and Martin's figure of MAPSSWE (Speech and Language Processing)."""
    assert segment_errors(TIMES, FIRST, SECOND) == [(2, 0), (0, 1), (1, 2), (1, 0)]


@pytest.mark.parametrize(
    ("first", "segments"),
    [("x b y d e", [(2, 0)]), ("x b c y e", [(1, 0), (1, 0)]), ("x a b c d y e", [(1, 0), (1, 0)])],
    ids=["one right word between", "two right words between", "insertions"],
)
def test_two_right_words_end_a_segment(first, segments):
    """One word that both have right joins the errors around it; two part them."""
    assert segment_errors("a b c d e", first, "a b c d e") == segments


@given(sentences, sentences, sentences)
def test_segments_have_all_errors(reference, first, second):
    """Over its segments an utterance has the errors that the word error rate counts, of either side; none is empty."""
    segments = segment_errors(reference, first, second)
    totals = [sum(segment[side] for segment in segments) for side in range(2)]
    assert totals == [word_errors(reference, first), word_errors(reference, second)]
    assert all(sum(segment) > 0 for segment in segments)
    assert segment_errors(reference, second, first) == [(there, here) for here, there in segments]


def test_word_errors_by_hand():
    """A substitution, a deletion and two insertions."""
    assert word_errors("a b c", "a x c") == 1
    assert word_errors("a b c", "a c") == 1
    assert word_errors("a", "b a c") == 2
    assert word_errors("", "") == 0


def test_matched_pairs_by_hand():
    """Differences 1, 1, 0, 2 have mean 1 and standard deviation 0.8165: Z = 2.4495, p = 0.0143."""
    found = matched_pairs_test(np.array([1, 1, 0, 2]))
    assert found.segments == 4
    assert found.p_value == pytest.approx(2 * stats.norm.sf(np.sqrt(6)))
    assert found.p_value == pytest.approx(0.0143, abs=5e-5)


def test_equal_differences_are_no_certainty():
    """Without spread the sign test takes over, and one segment tells nothing."""
    assert matched_pairs_test(np.full(5, 1)).p_value == 2 * 0.5**5
    assert matched_pairs_test(np.zeros(5, dtype=int)).p_value == 1.0
    assert matched_pairs_test(np.array([3])).p_value is None


def test_matched_pairs_keep_their_level():
    """Of two equal recognisers, 5% of tests over 100 segments tell them apart, within Monte Carlo error."""
    generator = np.random.default_rng(1)
    errors = generator.poisson(0.8, (4000, 100, 2))
    rejected = np.mean([matched_pairs_test(study[:, 0] - study[:, 1]).p_value <= 0.05 for study in errors])
    assert rejected == pytest.approx(0.05, abs=3 * np.sqrt(0.05 * 0.95 / 4000) + 0.005)


@given(st.integers(0, 60), st.integers(0, 60))
def test_mcnemar_is_that_of_statsmodels(only_first, only_second):
    """The exact test, by a trusted reference; without a clip to tell by it is 1."""
    table = [[10, only_first], [only_second, 20]]
    expected = mcnemar(table, exact=True).pvalue if only_first + only_second else 1.0
    assert mcnemar_p_value(only_first, only_second) == pytest.approx(min(1.0, expected))
