"""Whether what is reported was declared before the data, judged from entries and ends alone."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundproof.analysis.prose.declared import declared_sentence
from soundproof.analysis.records.declared import Declared, Entry, judge_declared
from soundproof.common import record
from soundproof.search_spaces.declarations import Statement

START = datetime(2026, 11, 30, 4, 43, tzinfo=UTC)
FIRST = Statement(claims="a", metric="loss", margin=1.0, seeds="6", first_seed=0)


def _moment(minutes: float) -> int:
    """Milliseconds since 1970."""
    return round((START + timedelta(minutes=minutes)).timestamp() * 1000)


def _judge(entries: dict[float, Statement], ended: list[float], **reported: str) -> Declared:
    """Entries and ends by their minutes."""
    made = [
        Entry(at=START + timedelta(minutes=minutes), digest="", statement=statement)
        for minutes, statement in entries.items()
    ]
    return judge_declared(made, [_moment(minutes) for minutes in ended], **reported)


def _with(**changed: object) -> Statement:
    said = {name: getattr(FIRST, name) for name in ("claims", "metric", "margin", "seeds", "first_seed")}
    return Statement(**said | changed)  # type: ignore[arg-type]


def _kinds(declared: Declared) -> list[str]:
    return [reason.kind for reason in declared.reasons]


def test_before_the_first_end_is_before() -> None:
    """And is said with the time and the number of trials."""
    declared = _judge({0: FIRST}, [1, 2, 3])
    assert declared.before
    assert declared_sentence(declared) == (
        "The claims and the margin were declared at 2026-11-30 04:43 UTC, before the first of 3 trials had ended."
    )
    assert "before any trial had ended" in declared_sentence(_judge({0: FIRST}, []))
    assert declared_sentence(None) == ""


def test_trials_of_another_study_that_ended_earlier_are_counted() -> None:
    """A study that is written over records that exist."""
    declared = _judge({0: FIRST}, [-2, -1, 1])
    assert [(reason.kind, reason.count) for reason in declared.reasons] == [("trials ended before it", 2)]
    assert declared_sentence(declared) == (
        "2 of 3 trials ended before this was declared (2026-11-30 04:43 UTC): the test that is valid at every look was "
        "used."
    )


@pytest.mark.parametrize(("what", "value"), [("claims", "b"), ("margin", 2.0), ("metric", "cer")])
def test_an_edit_counts_from_the_first_data_on(what: str, value: object) -> None:
    """Before any trial had ended, everything may be edited; to put it back later does not undo an edit."""
    edited = _with(**{what: value})
    assert _judge({0: FIRST, 1: edited}, [2, 3]).before
    assert _kinds(_judge({0: FIRST, 2.5: edited}, [2, 3])) == ["trials ended before it", f"{what} edited after data"]
    back = _judge({0: FIRST, 2.5: edited, 3.5: FIRST}, [2, 3])
    assert _kinds(back) == ["trials ended before it", f"{what} edited after data"]
    assert back.at == START + timedelta(minutes=3.5)


@pytest.mark.parametrize(
    ("plans", "raised"),
    [
        ([{"seeds": "6"}, {"seeds": "10"}], True),
        ([{"seeds": "6"}, {"seeds": "3"}], False),
        ([{"seeds": "6"}, {"seeds": "3"}, {"seeds": "6"}], False),
        ([{"seeds": "6"}, {"seeds": "3"}, {"seeds": "7"}], True),
        ([{"seeds": "6"}, {"seeds": record.UNTIL_DECIDED}], True),
        ([{"seeds": record.UNTIL_DECIDED}, {"seeds": "6"}], True),
        ([{"seeds": "6"}, {"first_seed": 6}], True),
    ],
)
def test_a_plan_may_shrink_and_nothing_else(plans: list[dict[str, object]], raised: bool) -> None:
    """After data, to ask for fewer seeds than were planned decides nothing; whatever else is asked for does."""
    late = {2.0 * number: _with(**plan) for number, plan in enumerate(plans)}
    assert _kinds(_judge(late, [1])) == (["seeds raised after data"] if raised else [])
    early = {number - 10.0: _with(**plan) for number, plan in enumerate(plans)}
    assert _judge(early, [1]).before


def test_a_report_on_other_claims_than_the_last_ones_is_not_before() -> None:
    """A file that was edited and only reported on has declared nothing."""
    declared = _judge({0: FIRST}, [1], claims="b", metric="cer")
    assert _kinds(declared) == ["claims edited after data", "metric edited after data"]
    assert declared.at is None
    assert _judge({0: FIRST}, [1], claims="a", metric="loss").before


def test_no_entry_is_no_declaration() -> None:
    """Of an earlier version's records nothing is claimed."""
    declared = _judge({}, [1])
    assert _kinds(declared) == ["no declaration recorded"]
    assert not declared.before


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 1), st.integers(1, 4)), min_size=1, max_size=6),
       st.lists(st.integers(0, 50), max_size=6))  # fmt: skip
def test_before_means_that_every_end_comes_after_the_last_change(
    edits: list[tuple[int, int, int]], ended: list[int]
) -> None:
    """By brute force: claims stand since their last change, and no plan grew once a trial had ended."""
    edits = sorted(edits, key=lambda edit: edit[0])
    entries = [
        Entry(
            at=START + timedelta(minutes=minutes),
            digest="",
            statement=_with(claims=str(claims), seeds=str(seeds)),
        )
        for minutes, claims, seeds in edits
    ]
    declared = judge_declared(entries, [_moment(end) for end in ended])
    first_end = min(ended, default=1000)
    unlike = [index for index, edit in enumerate(edits) if edit[1] != edits[-1][1]]
    since = edits[unlike[-1] + 1 if unlike else 0][0]
    planned_then = max([seeds for minutes, _, seeds in edits if minutes <= first_end], default=edits[0][2])
    planned_then = max(planned_then, edits[0][2])
    grew = any(seeds > planned_then for _, _, seeds in edits)
    assert declared.before is (first_end >= since and not grew)
