"""Simulated studies whose truth is known: wrong verdicts stay rare, right ones come, and early.

Small versions of `benchmarks/calibration.py`, with room for chance.
"""

from functools import cache

import numpy as np
import pytest

from benchmarks import scenarios
from benchmarks.judge_simulated import declared, judge

STUDIES = 60
ROOM = 0.05 + 3 * (0.05 * 0.95 / STUDIES) ** 0.5
"""5% and three Monte Carlo standard errors."""

FAMILIES = {scenario.name: scenario for scenario in scenarios.families()}
STEPS = {scenario.name: scenario for scenario in scenarios.steps()}
NAMED = FAMILIES | STEPS


def _answers(scenario, studies=STUDIES, **designs):
    request, losses = scenario.request(**designs), scenario.draw(np.random.default_rng(3), studies)
    study = declared(request)
    return [judge(request, study, of_study) for of_study in losses]


@cache
def _at_six_seeds(name):
    """The answers on one of the named scenarios, for all tests that ask about it."""
    return _answers(NAMED[name], fixed=[6])


def _wrong(scenario, answers, design, view="trained"):
    found = [answer[design] if design == "open" else answer["fixed"][6] for answer in answers]
    return np.mean([scenario.is_wrong(of_study[view]) for of_study in found])


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_of_claims_is_rarely_wrong(name):
    """Four claims on one baseline: at most 5% of studies with even one wrong verdict, at 6 seeds looked at once."""
    assert _wrong(FAMILIES[name], _at_six_seeds(name), "fixed") <= ROOM


@pytest.mark.parametrize("name", NAMED)
def test_studies_whose_runs_all_train_rarely_carry_a_warning(name):
    """Neither of a run that did not train nor of a typical run that says the opposite, in fewer than 10%."""
    assert np.mean([answer["fixed"][6]["warned"] for answer in _at_six_seeds(name)]) < 0.1


@pytest.mark.parametrize("scenario", scenarios.rules(), ids=lambda scenario: scenario.name)
def test_a_true_claim_is_rarely_contradicted(scenario):
    """Where rules without one boundary were wrong in up to 60%: now at most 5%, as a plan and until decided."""
    answers = _answers(scenario, studies=60, fixed=[6], processors=12)
    for design in ("fixed", "open"):
        assert _wrong(scenario, answers, design) <= 0.05 + 3 * (0.05 * 0.95 / 60) ** 0.5


@pytest.mark.parametrize("scenario", [*scenarios.steps(), *scenarios.diverged()], ids=lambda scenario: scenario.name)
def test_steps_and_losses_do_not_decide(scenario):
    """Errors that are counted, and a variant whose worst runs are lost: no difference is declared that there is not."""
    answers = _at_six_seeds(scenario.name) if scenario.name in NAMED else _answers(scenario, fixed=[6])
    assert _wrong(scenario, answers, "fixed") <= ROOM


def test_no_sameness_before_a_failure_could_have_been_seen():
    """Of a variant that fails in 20% of seeds, perfect ones alone never say that it is the same before the 19th.

    Nor do more seeds, of which some failed.
    """
    scenario = scenarios.ceilings()[1]
    answers = _answers(scenario, fixed=[6, 25], looks=[18])
    assert _wrong(scenario, answers, "fixed") == 0
    assert not any(answer["looks"][18]["trained"] == ["supported"] for answer in answers)
    assert np.mean([scenario.is_wrong(answer["fixed"][25]["trained"]) for answer in answers]) <= ROOM


def test_a_variant_that_often_fails_is_not_called_better_on_most_seeds_by_its_failures():
    """Of equal means, the baseline better but for its failures: no claim says the opposite of the typical run."""
    scenario = scenarios.skewed()[1]
    answers = _answers(scenario, studies=60, fixed=[10])
    supported = [["supported" in answer["fixed"][10][view] for answer in answers] for view in ("trained", "typical")]
    assert np.mean(supported) <= 0.05
    assert np.mean([answer["fixed"][10]["all runs"] == ["undecided"] * 4 for answer in answers]) == 1


def test_speakers_that_come_again_are_no_new_evidence():
    """Half of the variance is the speaker's: with 20 seeds of six speakers the rate of wrong verdicts stays at 5%."""
    scenario = scenarios.speakers([f"speaker {seed % 6}" for seed in range(scenarios.MAXIMUM_SEEDS)])
    answers = _answers(scenario, fixed=[6, 20])
    assert _wrong(scenario, answers, "fixed") <= ROOM
    assert np.mean([scenario.is_wrong(answer["fixed"][20]["trained"]) for answer in answers]) <= ROOM


@pytest.mark.parametrize(("contrasts", "most"), [(False, 1.0), (True, 0.5)])
def test_contrasts_need_a_part_of_the_trials(contrasts, most):
    """Three factors: by their mean over all pairs, not by each pair, in less than half of all trials there are."""
    scenario = scenarios.factorial(1.0, contrasts=contrasts)
    answers = _answers(scenario, studies=6, processors=4)
    assert np.mean([scenario.is_right(answer["open"]["trained"]) for answer in answers]) > 0.6
    share = np.mean([answer["open"]["trials"] for answer in answers]) / (8 * scenarios.MAXIMUM_SEEDS)
    assert share <= most
