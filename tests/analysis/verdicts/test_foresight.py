"""What claims are said to take, against simulated studies that the real decisions judge."""

import math
from dataclasses import replace

import numpy as np
import pytest
from letters import study_of

from soundproof.analysis.statistics.looks import common_spread, shared_looks
from soundproof.analysis.statistics.spread import Spread
from soundproof.analysis.verdicts.decisions import compared_variants, decide_claims
from soundproof.analysis.verdicts.foresight import TRUE_EFFECTS, foresee, right_verdict
from soundproof.analysis.verdicts.outcomes import Outcomes
from soundproof.common.record import EndedTrial
from soundproof.search_spaces.claims import (
    BETTER,
    EQUIVALENT,
    NO_LOSS,
    NOT_BETTER,
    BestOf,
    Better,
    Degree,
    Equivalent,
    MainEffect,
)

WORDS = {"text": "t", "source": "s"}
STUDIES = 120
CORRELATION = 0.3


def _spread(deviation, correlation=0.0, groups=None):
    return Spread(deviation=deviation, correlation=correlation, variants=2, values=12, groups=groups)


def _share_right(claims, better_by, deviation, effect):
    """Of simulated studies with the fixed seeds that were foreseen, the share in which the first claim is right."""
    study = study_of(*claims, ids=tuple(better_by))
    compared = compared_variants(study)
    spread = _spread(deviation, CORRELATION)
    foreseen = foresee(claims[0], spread, 1.0, claims=len(claims), compared=len(compared))[TRUE_EFFECTS.index(effect)]
    generator = np.random.default_rng(20_261_130)
    right = 0
    for _ in range(STUDIES):
        seeds = generator.normal(0, math.sqrt(CORRELATION), (1, foreseen.fixed))
        own = generator.normal(0, math.sqrt(1 - CORRELATION), (len(better_by), foreseen.fixed))
        losses = deviation * (seeds + own) - np.array(list(better_by.values()))[:, None]
        trials = [
            EndedTrial(variant=variant, seed=seed, status="completed", metrics={study.metric: float(loss)})
            for variant, row in zip(better_by, losses, strict=True)
            for seed, loss in enumerate(row)
        ]
        decided = decide_claims(study, Outcomes(trials, compared=compared, planned_seeds=foreseen.fixed), 1.0)
        right += decided[0].verdict == foreseen.verdict
    return right / STUDIES


@pytest.mark.parametrize(
    ("claims", "better_by", "deviation", "effect"),
    [
        ([Better(**WORDS, pairs=(("a", "b"),))], {"a": 1, "b": 0}, 1.0, 1.0),
        ([Better(**WORDS, pairs=(("a", "b"),))], {"a": 0, "b": 0}, 0.8, 0.0),
        (
            [Better(**WORDS, pairs=((name, "a"),)) for name in "bcde"],
            {"a": 0, "b": 1, "c": 1, "d": 1, "e": 1},
            0.8,
            1.0,
        ),
        ([Better(**WORDS, pairs=(("b", "a"), ("c", "a"), ("d", "a")))], {"a": 0, "b": 1, "c": 1, "d": 1}, 0.8, 1.0),
        ([Equivalent(**WORDS, pairs=(("a", "b"),))], {"a": 0, "b": 0}, 0.8, 0.0),
        ([Equivalent(**WORDS, pairs=(("a", "b"),))], {"a": 2, "b": 0}, 0.8, 2.0),
        ([BestOf(**WORDS, best=("a", "b"), others=("c", "d"))], {"a": 1, "b": 1, "c": 0, "d": 0}, 0.8, 1.0),
        (
            [MainEffect(**WORDS, levels=("x", "y"), pairs=(("a", "b"), ("c", "d")))],
            {"a": 1, "b": 0, "c": 1, "d": 0},
            1.2,
            1.0,
        ),
    ],
    ids=["better", "negligible", "four claims", "three pairs at once", "alike", "not alike", "best of", "main effect"],
)
def test_about_half_of_studies_decide(claims, better_by, deviation, effect):
    """As foreseen, give or take a whole seed of few, what pairs share, and chance (0.5 ± 0.09 in 120 studies)."""
    assert 0.38 < _share_right(claims, better_by, deviation, effect) < 0.8


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (BETTER, ("negligible", "supported", "supported", "supported")),
        (NOT_BETTER, ("supported", "undecided", "contradicted", "contradicted")),
        (EQUIVALENT, ("supported", "undecided", "contradicted", "contradicted")),
        (NO_LOSS, ("supported", "supported", "supported", "supported")),
        (Degree(words="far", least_margins=3).rule, ("contradicted", "contradicted", "contradicted", "supported")),
    ],
)
def test_the_right_verdict_is_that_of_the_rule(rule, expected):
    """A truth on a boundary has none; one of nothing makes an improvement negligible."""
    assert tuple(right_verdict(rule, effect) for effect in TRUE_EFFECTS) == expected


def test_no_difference_is_out_of_reach_where_noise_is_large():
    """At a margin of 0.075 standard deviations of a difference: a thousand fixed seeds, thousands until decided."""
    claim = Equivalent(**WORDS, pairs=(("a", "b"),))
    alike, *_ = foresee(claim, _spread(math.sqrt(0.5) / 0.075), 1.0, claims=1, compared=2)
    assert alike.fixed == pytest.approx(((1.695 + 0.674) / 0.075) ** 2, rel=0.02)  # normal quantiles of 4.5% and 25%
    assert 4_000 < alike.until_decided < 7_000


def test_degrees_of_freedom_are_those_of_the_real_looks():
    """The mean over simulated studies of what `shared_looks` estimates of eight variants after six seeds."""
    generator = np.random.default_rng(1)
    errors = []
    for _ in range(400):
        values = generator.normal(0, 2.0, (8, 6))
        looks = shared_looks(values[:2], (1.0, -1.0), common_spread(values[:, :3]), variants=8)
        errors.append((looks.errors[-1] ** 2 * 6, looks.freedom[-1]))
    variance, freedom = np.mean(errors, axis=0)
    # 8 without correlation; what estimated correlations save by chance is not foreseen
    assert variance == pytest.approx(8.0, rel=0.12)
    lent, unpaired = 1.25 * 6 / 7, 2 * (1.25 * 6 / 7 + 5)
    assert freedom == pytest.approx(5 + (7 / 8) * (unpaired - 5), rel=0.12)
    assert lent < 1.25


def test_groups_leave_fewer_degrees_of_freedom():
    """Where seeds take turns with four groups the test has at most three degrees of freedom, and needs more seeds."""
    claim = Better(**WORDS, pairs=(("a", "b"),))
    free, grouped = (foresee(claim, _spread(2.0, 0.0, groups), 1.0, claims=4, compared=2)[1] for groups in (None, 4))
    assert free.fixed < grouped.fixed


def test_folds_share_what_they_train_on():
    """Five folds: Nadeau and Bengio's variance is 1 + 5/3 times that of five independent groups, and so are seeds."""
    claim = Better(**WORDS, pairs=(("a", "b"),))
    groups = _spread(20.0, 0.0, 5)
    apart, folds = (
        foresee(claim, spread, 1.0, claims=1, compared=2)[1].fixed for spread in (groups, replace(groups, folds=True))
    )
    assert folds / apart == pytest.approx(1 + 5 / 3, rel=0.01)


def test_more_claims_take_more_seeds():
    """Each is tested at a smaller level."""
    claim = Better(**WORDS, pairs=(("a", "b"),))
    needed = [foresee(claim, _spread(1.0), 1.0, claims=claims, compared=3)[1].fixed for claims in (1, 4, 16)]
    assert needed == sorted(set(needed))
