"""Claims that arithmetic decides, read off the records."""

import pytest
from letters import record_of, records_of, study_of

from soundproof.analysis.verdicts.verdicts import decide
from soundproof.common.record import PARAMETERS
from soundproof.search_spaces.claims import Infeasible, Larger

LARGER = Larger(text="l", source="s", pair=("a", "b"), ratio=1.2, tolerance=0.05)


def _decide(claim, *extra):
    records = records_of({}, *extra)
    (verdict,) = decide(study_of(claim), records, records.margin)
    return verdict


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        ((), "undecided"),
        ((record_of("c", None, "infeasible"),), "supported"),
        ((record_of("c", 0),), "contradicted"),
        ((record_of("c", 0, "failed"),), "undecided"),
    ],
)
def test_infeasibility_is_read_off_the_statuses(extra, expected):
    """Found infeasible supports, trained contradicts, and a crash says nothing."""
    verdict = _decide(Infeasible(text="i", source="s", variants=("c",)), *extra)
    assert (verdict.verdict, verdict.ratio) == (expected, None)
    assert "“level c”" in verdict.sentence


def _sized(variant, parameters, status="completed"):
    return record_of(variant, 0, status, {PARAMETERS: parameters})


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        ((), "undecided"),
        ((_sized("a", 1200),), "undecided"),
        ((_sized("a", 1200), _sized("b", 1000, "failed")), "undecided"),
        ((_sized("a", 1200), _sized("b", 1000)), "supported"),
        ((_sized("a", 1250), _sized("b", 1000)), "supported"),
        ((_sized("a", 1260), _sized("b", 1000)), "contradicted"),
        ((_sized("a", 1000), _sized("b", 1200)), "contradicted"),
    ],
)
def test_size_is_read_off_the_recorded_parameters(extra, expected):
    """The ratio has to lie within the tolerance of the claimed one, the boundary included."""
    assert _decide(LARGER, *extra).verdict == expected


def test_the_sentence_about_size_has_both_counts_and_the_ratio():
    """And the effect is the ratio seen."""
    verdict = _decide(LARGER, _sized("a", 12_345), _sized("b", 10_000))
    assert verdict.sentence == (
        "Holds: “level a” has 12,345 parameters and “level b” 10,000, 1.23 times as many, where 1.2 ± 0.05 is claimed."
    )
    assert (verdict.claim, verdict.ratio, verdict.n) == (LARGER, 1.2345, 2)
    missing = _decide(LARGER, _sized("a", 12_345)).sentence
    assert missing == "Not decided: no number of parameters is recorded for “level b”, which was not trained yet."
