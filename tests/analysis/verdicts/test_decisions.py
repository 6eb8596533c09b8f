"""From pairs to claims to a study: groups, Holm's correction, and which way a claim is decided."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from letters import MARGIN, outcomes_of, study_of, trials_of

from soundproof.analysis.verdicts.decisions import decide_claims
from soundproof.search_spaces.claims import (
    BestOf,
    Better,
    Equivalent,
    Infeasible,
    Monotone,
    NotBetter,
    WorstOf,
    every_pair,
)

STEPS = np.array([0.0, 0.3, -0.2, 0.1, -0.1, 0.2])


def _losses(**means):
    """Six seeds of each variant around its mean, with little spread and none of it in common."""
    return {
        name: (mean + np.roll(STEPS, 2 * shift) * (1 + shift)).tolist()
        for shift, (name, mean) in enumerate(means.items())
    }


def _decide(study, losses, planned_seeds=6):
    return decide_claims(study, outcomes_of(study, trials_of(losses), planned_seeds), MARGIN)


def _verdict(claim, losses, planned_seeds=6):
    (decision,) = _decide(study_of(claim, ids=tuple(losses)), losses, planned_seeds)
    return decision.verdict


@pytest.mark.parametrize("planned_seeds", [6, None])
@pytest.mark.parametrize(
    ("means", "expected"),
    [
        ({"a": 80, "b": 90, "c": 99}, "supported"),
        ({"a": 80, "b": 90, "c": 70}, "contradicted"),
        ({"a": 80, "b": 90, "c": 81}, "negligible"),
        ({"a": 80, "b": 90, "c": 80}, "negligible"),
    ],
)
def test_better_holds_for_every_pair(means, expected, planned_seeds):
    """One pair that is worse contradicts; one that is not better by what matters makes the claim negligible."""
    claim = Better(text="t", source="s", pairs=(("a", "b"), ("a", "c")))
    assert _verdict(claim, _losses(**means), planned_seeds) == expected


@pytest.mark.parametrize(
    ("means", "expected"),
    [
        ({"a": 90, "b": 80, "c": 70}, "supported"),
        ({"a": 90, "b": 80, "c": 79}, "negligible"),
        ({"a": 90, "b": 95, "c": 70}, "contradicted"),
    ],
)
def test_monotone_holds_for_every_step(means, expected):
    """Each of a, b, c has to be better than the one before, by a difference that matters."""
    assert _verdict(Monotone(text="t", source="s", variants=("a", "b", "c")), _losses(**means)) == expected


@pytest.mark.parametrize(
    ("means", "expected"),
    [
        ({"a": 70, "b": 71, "c": 80, "d": 90}, "supported"),
        ({"a": 90, "b": 70, "c": 80, "d": 80}, "supported"),
        ({"a": 90, "b": 80, "c": 80, "d": 99}, "negligible"),
        ({"a": 85, "b": 85, "c": 90, "d": 80}, "contradicted"),
    ],
)
def test_best_of_needs_one_of_the_best_for_each_other(means, expected):
    """A or b has to beat c, and a or b has to beat d; where neither beats one of them the claim is contradicted."""
    claim = BestOf(text="t", source="s", best=("a", "b"), others=("c", "d"))
    assert _verdict(claim, _losses(**means)) == expected


@pytest.mark.parametrize(
    ("means", "expected"),
    [({"a": 95, "b": 80, "c": 70}, "supported"), ({"a": 95, "b": 80, "c": 99}, "contradicted")],
)
def test_worst_of_is_beaten_by_every_other(means, expected):
    """B and c have to be better than a."""
    assert _verdict(WorstOf(text="t", source="s", worst=("a",), others=("b", "c")), _losses(**means)) == expected


@pytest.mark.parametrize(
    ("means", "expected"),
    [
        ({"a": 80, "b": 80.2, "c": 80.4}, "supported"),
        ({"a": 80, "b": 80, "c": 90}, "contradicted"),
        ({"a": 80, "b": 80, "c": 83}, "undecided"),
    ],
)
def test_equivalence_holds_for_every_pair(means, expected):
    """Differences below the margin support, one beyond it contradicts, one at the margin leaves it open."""
    assert _verdict(Equivalent(text="t", source="s", pairs=every_pair("a", "b", "c")), _losses(**means)) == expected


@pytest.mark.parametrize(
    ("means", "expected"),
    [
        ({"a": 80, "b": 80}, "supported"),
        ({"a": 80, "b": 82}, "supported"),
        ({"a": 90, "b": 80}, "supported"),
        ({"a": 80, "b": 90}, "contradicted"),
    ],
)
def test_not_better_allows_what_is_below_the_margin(means, expected):
    """A may be worse, equal, or better by less than what matters."""
    assert _verdict(NotBetter(text="t", source="s", pairs=(("a", "b"),)), _losses(**means)) == expected


def test_the_p_values_of_groups_worked_by_hand():
    """Groups {p, q} and {r}: support is the greater of 2·min(p, q) and r; contradiction 2·min(max(p', q'), r')."""
    claim = BestOf(text="t", source="s", best=("a", "b"), others=("c",))
    study = study_of(claim, Better(text="t", source="s", pairs=(("a", "c"), ("b", "c"))))
    noise = np.random.default_rng(3).normal(0, 2, (3, 6))
    losses = {name: (80 + row + noise[row]).tolist() for row, name in enumerate("abc")}
    best_of, better = _decide(study, losses)
    (first, second), ((one,), (two,)) = best_of.groups[0], better.groups
    assert (first.test, second.test) == (one.test, two.test)
    assert best_of.support == min(1, 2 * min(first.test.support, second.test.support))
    assert best_of.contradict == max(first.test.contradict, second.test.contradict)
    assert better.support == max(one.test.support, two.test.support)
    assert better.contradict == min(1, 2 * min(one.test.contradict, two.test.contradict))


def test_holm_tests_the_clearest_claim_at_a_quarter_and_the_next_at_a_third():
    """Four claims, two of them decided: levels 0.05/4 and 0.05/3, and 0.05/2 for the two that are left.

    A claim of arithmetic takes no share.
    """
    pairs = ("b", "c", "d", "e")
    claims = [Better(text=name, source="s", pairs=((name, "a"),)) for name in pairs]
    study = study_of(*claims, Infeasible(text="i", source="s", variants=("f",)), ids="abcdef")
    noise = np.random.default_rng(5).normal(0, 4, (5, 6))
    means = {"a": 80, "b": 60, "c": 70, "d": 78.0, "e": 78.0}
    decisions = _decide(study, {name: (means[name] + noise[row]).tolist() for row, name in enumerate(means)})
    assert [decision.verdict for decision in decisions] == ["supported", "supported", "undecided", "undecided"]
    assert [decision.level for decision in decisions] == pytest.approx([0.05 / 4, 0.05 / 3, 0.05 / 2, 0.05 / 2])
    p_values = [min(decision.support, decision.contradict, decision.negligible) for decision in decisions]
    assert decisions[0].adjusted == pytest.approx(4 * p_values[0])
    assert decisions[1].adjusted == pytest.approx(max(3 * p_values[1], 4 * p_values[0]))


def test_a_sure_improvement_of_less_than_matters_is_negligible():
    """Shown are both that there is one and that it is too small, and the latter is what a reader has to know."""
    losses = {"a": (80 + STEPS / 100).tolist(), "b": (82 - STEPS / 100).tolist()}
    (decision,) = _decide(study_of(Better(text="t", source="s", pairs=(("a", "b"),))), losses)
    assert decision.support < decision.negligible < 0.001
    assert decision.verdict == "negligible"


def test_the_verdicts_of_pairs_make_that_of_the_claim():
    """At the level of a claim: some pair of every group supports it, or every pair of some group contradicts it."""
    generator = np.random.default_rng(11)
    claims = (
        BestOf(text="1", source="s", best=("a", "b"), others=("c", "d")),
        Better(text="2", source="s", pairs=(("a", "c"), ("b", "d"))),
        Equivalent(text="3", source="s", pairs=(("a", "b"), ("c", "d"))),
    )
    study = study_of(*claims, ids="abcd")
    seen = set()
    for _ in range(150):
        means = generator.normal(80, 2.5, 4)
        losses = {name: (means[row] + generator.normal(0, 0.5, 6)).tolist() for row, name in enumerate("abcd")}
        for decision in _decide(study, losses):
            verdicts = [[pair.verdict for pair in group] for group in decision.groups]
            if any(all(member == "contradicted" for member in group) for group in verdicts):
                assert decision.verdict == "contradicted"
            elif decision.verdict == "supported":
                assert all("supported" in group for group in verdicts)
            seen.add(decision.verdict)
    assert seen == {"supported", "contradicted", "negligible", "undecided"}


def test_without_trials_every_claim_is_open():
    """Nothing has ended: p = 1 everywhere, and no claim at all gives no decision."""
    study = study_of(
        Better(text="t", source="s", pairs=(("a", "b"),)), NotBetter(text="n", source="s", pairs=(("b", "c"),))
    )
    assert [(decision.verdict, decision.adjusted) for decision in _decide(study, {}, None)] == [("undecided", 1.0)] * 2
    assert decide_claims(study_of(), outcomes_of(study_of(), []), MARGIN) == ()


@given(st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_adding_seeds_never_undecides_what_is_looked_at_again_and_again(seed):
    """Every claim that was decided with n seeds is decided with n + 1."""
    generator = np.random.default_rng(seed)
    study = study_of(
        Better(text="t", source="s", pairs=(("a", "b"), ("a", "c"))),
        NotBetter(text="n", source="s", pairs=(("c", "a"),)),
        Equivalent(text="e", source="s", pairs=(("b", "c"),)),
        BestOf(text="o", source="s", best=("a", "b"), others=("c",)),
    )
    means = generator.normal(80, 3, 3)
    losses = means[:, None] + generator.normal(0, 1.5, (3, 14))
    decided: set[str] = set()
    for n in range(3, 15):
        decisions = _decide(study, {name: losses[row, :n].tolist() for row, name in enumerate("abc")}, None)
        now = {decision.claim.text for decision in decisions if decision.verdict != "undecided"}
        assert decided <= now
        decided = now


_SHARPER = {
    "undecided": {"undecided", "supported", "contradicted", "negligible"},
    "supported": {"supported", "negligible"},
    "negligible": {"negligible", "contradicted"},
    "contradicted": {"contradicted"},
}


@given(st.integers(0, 1000), st.sampled_from([None, 14]))
@settings(max_examples=40, deadline=None)
def test_a_later_look_sharpens_a_verdict_and_never_reverses_it(seed, planned):
    """With mean differences about half a margin, where opposites were both near: what was said is never taken back.

    Runs are lost now and then, and with a plan the looks before its end and the one at its end are held together.
    """
    generator = np.random.default_rng(seed)
    study = study_of(
        Better(text="t", source="s", pairs=(("a", "b"),)),
        NotBetter(text="n", source="s", pairs=(("c", "b"),)),
        Equivalent(text="e", source="s", pairs=(("a", "c"),)),
    )
    losses = generator.normal(80, 1, 3)[:, None] + generator.normal(0, 1.2, (3, 14))
    lost = generator.uniform(size=losses.shape) < 0.08
    rows = {name: [None if lost[row, n] else losses[row, n] for n in range(14)] for row, name in enumerate("abc")}
    before = ["undecided"] * 3
    for n in range(3, 15):
        now = [decision.verdict for decision in _decide(study, {name: row[:n] for name, row in rows.items()}, planned)]
        assert all(later in _SHARPER[earlier] for earlier, later in zip(before, now, strict=True))
        before = now
