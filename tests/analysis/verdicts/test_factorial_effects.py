"""Main effects of real factorial designs, decided by the engine: truth recovered, and the trials that it takes."""

import itertools

import numpy as np
import pytest
from letters import record_of

from soundproof.analysis.json_forms.study import to_plain
from soundproof.analysis.pages.study import render_page
from soundproof.analysis.records.trials import Results
from soundproof.analysis.summaries.study import summarise
from soundproof.analysis.tables.study import study_tables
from soundproof.analysis.verdicts.decisions import decide_claims
from soundproof.analysis.verdicts.outcomes import Outcomes
from soundproof.analysis.verdicts.until_decided import UntilDecided
from soundproof.common.record import EndedTrial
from soundproof.search_spaces import Better, find_study
from soundproof.search_spaces.ablation import dissect
from soundproof.search_spaces.claims import weights_of
from soundproof.search_spaces.factorial import factorial

ABLATION = dissect(find_study("genre-cnn-filters"), "genre-cnn-filters/01", what="removals")
SLUGS = [component.slug for component in ABLATION.components]
CUBE = factorial(ABLATION, factors=SLUGS[:3])
MARGIN = 0.001
SPREAD = np.sqrt(0.5)
"""Of a trial: differences of two then have a standard deviation of 1."""


def levels_of(study):
    """By variant, 1 or 0 for each factor: with it, or without."""
    return {
        variant.id: np.array([level.value == "with" for level in variant.levels], dtype=float)
        for variant in study.variants
    }


def trials_until_decided(study, effects, generator, maximum=30):
    """How many trials it takes, and the verdicts; accuracies are the sum of the effects and normal noise."""
    means = {name: levels @ effects for name, levels in levels_of(study).items()}
    noise = {name: generator.normal(0, SPREAD, maximum) for name in means}
    trials = []
    schedule = UntilDecided(study, margin=MARGIN, maximum_seeds=maximum)
    while wanted := schedule.wanted(trials, ()):
        trials += [
            EndedTrial(
                variant=name, seed=seed, status="completed", metrics={study.metric: means[name] + noise[name][seed]}
            )
            for name, seed in wanted[:2]
        ]
    decisions = decide_claims(study, Outcomes(trials, compared=means), MARGIN)
    return len(trials), [decision.verdict for decision in decisions]


def pair_by_pair(study):
    """The same study with the claims that it would otherwise take: each component helps in every pair."""
    claims = tuple(Better(text=claim.text, source="s", pairs=claim.pairs) for claim in study.claims)
    return type(study)(
        **{name: getattr(study, name) for name in study.__dataclass_fields__ if name not in ("claims", "estimates")},
        claims=claims,
    )


@pytest.mark.parametrize("runs", [16, 8])
def test_the_truth_is_recovered(runs):
    """Four effects of different signs, in a full design and in a half: every verdict has the right sign.

    Of a loss it may be said first that it is no gain that matters.
    """
    study = factorial(ABLATION, runs=runs)
    effects = np.array([3.0, -3.0, 2.0, -2.0])
    generator = np.random.default_rng(1)
    for _ in range(5):
        _, verdicts = trials_until_decided(study, effects, generator)
        assert verdicts[::2] == ["supported", "supported"]
        assert set(verdicts[1::2]) <= {"contradicted", "negligible"}


def test_an_effect_in_a_fraction_is_that_of_all_its_aliases():
    """A pure interaction of three factors in a half of sixteen: the fourth factor's claim gets it, as is said."""
    study = factorial(ABLATION, runs=8)
    signs = {name: 2 * levels - 1 for name, levels in levels_of(study).items()}
    ((contrast,),) = study.claims[3].groups
    effect = sum(weight * signs[name][:3].prod() for name, weight in weights_of(contrast).items())
    assert effect == pytest.approx(2.0)
    assert study.claims[3].confounded_with == (" x ".join(component.name for component in ABLATION.components[:3]),)


def test_main_effects_take_a_third_of_the_trials_of_pairs():
    """2 x 2 x 2 with effects of one standard deviation: claims by contrasts against claims that every pair shows it."""
    generator = np.random.default_rng(2)
    effects = np.ones(3)
    by_claims = {
        study.claims[0].__class__: np.mean([trials_until_decided(study, effects, generator)[0] for _ in range(5)])
        for study in (CUBE, pair_by_pair(CUBE))
    }
    contrasts, pairs = by_claims.values()
    assert contrasts / pairs <= 0.45


def test_a_half_takes_fewer_trials_than_all_combinations():
    """Four factors at two standard deviations: the half of eight is done before the sixteen, which need 48 to look."""
    generator = np.random.default_rng(3)
    half, full = (
        np.mean([trials_until_decided(factorial(ABLATION, runs=runs), np.full(4, 2.0), generator)[0] for _ in range(5)])
        for runs in (8, 16)
    )
    assert half < full


def test_no_effect_is_decided_in_at_most_five_percent():
    """Nothing but noise, all three main effects together, on six seeds fixed beforehand."""
    generator, studies, names = np.random.default_rng(5), 200, [variant.id for variant in CUBE.variants]
    decided = 0
    for _ in range(studies):
        trials = [
            EndedTrial(variant=name, seed=seed, status="completed", metrics={CUBE.metric: generator.normal(0, SPREAD)})
            for name in names
            for seed in range(6)
        ]
        decisions = decide_claims(CUBE, Outcomes(trials, compared=names, planned_seeds=6), MARGIN)
        decided += any(decision.verdict in ("supported", "contradicted") for decision in decisions)
    assert decided / studies <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / studies)


def test_the_report_has_interactions_and_what_nothing_tells_apart():
    """JSON, page and terminal: an estimate that is three pairs' sum, and a caution below every claim."""
    study, generator = factorial(ABLATION, runs=8), np.random.default_rng(6)
    trials = tuple(
        record_of(name, seed, metrics={study.metric: 0.5 + 0.1 * levels[0] * levels[1] + generator.normal(0, 0.001)})
        for name, levels in levels_of(study).items()
        for seed in range(3)
    )
    place = {"tracking_uri": "", "study": study.id, "preset": "quick", "corpus": "x"}
    records = Results(margin=0.02, trials=trials, planned_seeds=3, **place)
    summary = summarise(study, records)
    plain = to_plain(summary)
    first = plain["estimates"][0]
    assert first["text"] == "dropout in the blocks x dropout before the output"
    assert first["confounded_with"] == ["the L2 penalty x the schedule of the learning rate"]
    assert first["effect"] == pytest.approx(0.1, abs=0.005)
    assert first["interval"][0] < first["effect"] < first["interval"][1]
    assert [effect["effect"] for effect in plain["estimates"][1:]] == pytest.approx([0, 0], abs=0.005)
    page, caution = render_page(summary, records), "The effect of the L2 penalty cannot be told from"
    assert caution in page
    assert "Interactions" in page
    assert caution in plain["claims"][2]["sentence"]
    assert [table.name for table in study_tables(summary)][-2:] == ["claims", "interactions"]


def test_contrasts_share_no_trial_twice():
    """Main effects of the cube are orthogonal: the noise of one says nothing of the others'."""
    weights = [weights_of(claim.groups[0][0]) for claim in CUBE.claims]
    for one, other in itertools.combinations(weights, 2):
        assert sum(one[name] * other[name] for name in one) == pytest.approx(0.0)
