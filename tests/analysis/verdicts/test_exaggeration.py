"""How much early decisions overstate: the shipped table against a simulation, and when it is mentioned."""

import numpy as np
import pytest
from letters import MARGIN, outcomes_of, study_of, trials_of

from benchmarks.exaggeration import ends, simulated
from soundproof.analysis.statistics.looks import NO_COMMON_SPREAD, shared_looks
from soundproof.analysis.verdicts.comparisons import compare
from soundproof.analysis.verdicts.decisions import FAMILY_ERROR, decide_claims
from soundproof.analysis.verdicts.exaggeration import WORTH_SAYING, exaggeration, measured_ratio
from soundproof.search_spaces.claims import Better, Equivalent

CLAIM = Better(text="t", source="s", pairs=(("a", "b"),))


def test_the_table_is_what_simulation_gives():
    """The mean reported effect over the mean true one of 3,000 studies that end with the fifth to eighth seed."""
    generator = np.random.default_rng(5)
    reported, true, expected = [], [], []
    for _ in range(3_000):
        effect, looks = simulated(generator)
        (end,), (sign,) = ends(looks, np.array([FAMILY_ERROR / 4]))
        if sign and 5 <= end + 1 <= 8:
            reported.append(sign * looks.means[end])
            true.append(sign * effect)
            expected.append(measured_ratio(int(end) + 1))
    assert np.mean(reported) / np.mean(true) == pytest.approx(np.mean(expected), abs=0.05)


def test_the_simulation_ends_where_the_real_decision_does():
    """Of twenty simulated studies each is decided with just the seeds that the benchmark says."""
    generator = np.random.default_rng(2)
    study = study_of(CLAIM, ids="ab")
    for _ in range(20):
        values = generator.normal(0, np.sqrt(0.5), (2, 12))
        values[0] += generator.normal()
        (end,), (sign,) = ends(
            shared_looks(values, (1.0, -1.0), NO_COMMON_SPREAD, variants=2), np.array([FAMILY_ERROR])
        )
        verdicts = []
        for seeds in range(3, 13):
            losses = {name: (-row[:seeds]).tolist() for name, row in zip("ab", values, strict=True)}
            (decision,) = decide_claims(study, outcomes_of(study, trials_of(losses)), 1e-6)
            verdicts.append(decision.verdict)
        decided = [verdict in ("supported", "contradicted") for verdict in verdicts]
        assert decided == [sign != 0 and seeds >= end + 1 for seeds in range(3, 13)]


def test_the_ratio_falls_with_seeds():
    """From a third too large at the first look to nothing worth saying."""
    ratios = [measured_ratio(seeds) for seeds in range(3, 31)]
    assert ratios == sorted(ratios, reverse=True)
    assert ratios[0] > 1.2
    assert ratios[-1] < WORTH_SAYING
    assert measured_ratio(2) is measured_ratio(31) is None


def _exaggeration(claim, losses, planned_seeds=None):
    study = study_of(claim, ids="ab")
    outcomes = outcomes_of(study, trials_of(losses), planned_seeds)
    (decision,) = decide_claims(study, outcomes, MARGIN)
    assert decision.verdict == "supported"
    return exaggeration(decision, compare(decision, decision.groups[0][0]), outcomes)


def test_it_is_said_of_early_decisions_alone():
    """Of an improvement that was found by looking often; not where a plan was kept, nor of variants that are alike."""
    steps = np.array([0.0, 0.1, -0.1, 0.05])
    clear = {"a": (80 + steps).tolist(), "b": (90 + steps[::-1]).tolist()}
    assert _exaggeration(CLAIM, clear) == measured_ratio(3)
    assert _exaggeration(CLAIM, clear, planned_seeds=4) is None
    alike = {"a": (80 + steps).tolist(), "b": (80 + steps[::-1]).tolist()}
    assert _exaggeration(Equivalent(text="t", source="s", pairs=(("a", "b"),)), alike) is None
