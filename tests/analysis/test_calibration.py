"""Simulated studies whose truth is known: wrong verdicts stay rare, right ones come, and early.

Small versions of `benchmarks/calibration.py`, with room for chance.
"""

import numpy as np
import pytest

from benchmarks import calibration, simulated_studies
from soundproof.analysis.verdicts.verdicts import decide

pytestmark = pytest.mark.slow

STUDIES = 150
ROOM = 0.05 + 3 * (0.05 * 0.95 / STUDIES) ** 0.5
"""5% and three Monte Carlo standard errors."""


def _wrong(scenario, simulate, studies=STUDIES):
    generator = np.random.default_rng(3)
    return np.mean([simulated_studies.any_wrong(scenario, simulate(scenario, generator)) for _ in range(studies)])


def _six(scenario, generator):
    return simulated_studies.fixed(scenario, 6, generator)


def _named(scenarios, name):
    return next(scenario for label, scenario in scenarios() if label.startswith(name))


@pytest.mark.parametrize("simulate", [_six, simulated_studies.until_decided])
@pytest.mark.parametrize("name", ["no difference, margin ~0, normal", "no difference, margin 0.5", "all better"])
def test_a_family_of_claims_is_rarely_wrong(name, simulate):
    """Four claims on one baseline: at most 5% of studies with even one wrong verdict."""
    assert _wrong(_named(calibration.families, name), simulate) <= ROOM


@pytest.mark.parametrize("simulate", [_six, simulated_studies.until_decided])
def test_a_difference_of_the_margin_is_rarely_called_none(simulate):
    """Equivalence at its boundary."""
    assert _wrong(_named(calibration.equivalences, "different by the margin, 1.0"), simulate) <= ROOM


def test_a_difference_of_one_deviation_is_found_early():
    """At least 90% of studies right within 30 seeds, with fewer trials than 60% of a fixed plan of 20 seeds."""
    scenario, generator = calibration.one_claim(), np.random.default_rng(5)
    outcomes = [simulated_studies.until_decided(scenario, generator, processors=2) for _ in range(STUDIES)]
    assert np.mean([simulated_studies.all_right(scenario, outcome) for outcome in outcomes]) > 0.9
    assert np.mean([outcome.trials for outcome in outcomes]) < 0.65 * 2 * 20


def test_clear_claims_are_spared_the_seeds_of_the_unclear_ones():
    """Four claims of different sizes: well below the fixed plan that decides them all (21 seeds of 5 variants)."""
    scenario, generator = calibration.four_claims((4, 2, 1, -0.5)), np.random.default_rng(5)
    outcomes = [simulated_studies.until_decided(scenario, generator, processors=2) for _ in range(60)]
    assert np.mean([simulated_studies.all_right(scenario, outcome) for outcome in outcomes]) > 0.9
    assert np.mean([outcome.trials for outcome in outcomes]) < 0.65 * 5 * 21


def test_the_simulation_judges_as_a_report_does(make):
    """The verdicts of the simulated studies are those of `decide` on the same numbers as records."""
    scenario = calibration.four_claims((2, 1, 1, -0.5))
    generator = np.random.default_rng(8)
    losses = np.array([list(scenario.losses.values())]).T + simulated_studies.normal(generator, (5, 6))
    made = make(losses=losses.tolist(), claims=scenario.study.claims, planned_seeds=6)
    verdicts = decide(made.study, made.records, scenario.margin)
    simulated = simulated_studies.fixed(scenario, 6, np.random.default_rng(8))
    assert tuple(verdict.verdict for verdict in verdicts) == simulated.verdicts
