"""Ablation paths over simulated landscapes whose truth is known."""

import itertools

import numpy as np
import pytest

from soundproof.analysis.summaries.ablation_path import AblationPath, Wanted, ablation_path

COMPONENTS = ("depth", "dropout", "norm", "cell")
NOTHING: frozenset[str] = frozenset()


def additive(flipped):
    """Each component takes its own share off the loss; the cell costs a little."""
    return 100.0 - sum({"depth": 3.0, "dropout": 8.0, "norm": 1.0, "cell": -2.0}[name] for name in flipped)


def interacting(flipped):
    """Norm helps only a deep network, where dropout then adds nothing; alone dropout helps some."""
    loss = 100.0 - (4.0 if "depth" in flipped else 0.0)
    if {"depth", "norm"} <= flipped:
        return loss - 10.0
    return loss - (2.0 if "dropout" in flipped else 0.0) + (1.0 if "norm" in flipped else 0.0)


def walk(landscape, components=COMPONENTS, *, seeds=8, noise=0.5, impossible=(), **options):
    """The finished path, and the results that it asked for."""
    generator = np.random.default_rng(2)
    hard = 5 * generator.normal(size=seeds)
    results = {}
    while True:
        found = ablation_path(components, results, **options)
        if isinstance(found, AblationPath):
            return found, results
        assert found.sets
        assert not results.keys() & set(found.sets)
        for flipped in found.sets:
            values = landscape(flipped) + hard + noise * generator.normal(size=seeds)
            results[flipped] = {} if flipped in impossible else dict(enumerate(values.tolist()))


def test_additive_components_come_by_size():
    """The order is that of the true gains, the harmful component last, and every interval holds its truth."""
    path, results = walk(additive)
    assert [step.component for step in path.steps] == ["dropout", "depth", "norm", "cell"]
    assert path.unreached == ()
    assert len(results) == 1 + 4 * 5 // 2
    for step, truth in zip(path.steps, (8.0, 3.0, 1.0, -2.0), strict=True):
        assert step.gain.n == 8
        assert step.gain.interval.low < truth < step.gain.interval.high
    assert path.total.value == pytest.approx(sum(step.gain.value for step in path.steps))
    assert path.total.interval.low < 10 < path.total.interval.high


def test_interactions_show_in_their_order():
    """A component that helps only beside another follows it, and one that it makes superfluous gains nothing."""
    path, _ = walk(interacting, ("dropout", "norm", "depth"))
    assert [step.component for step in path.steps] == ["depth", "norm", "dropout"]
    gains = [step.gain.value for step in path.steps]
    assert gains == pytest.approx([4, 10, 0], abs=1)


def test_the_interval_widens_with_the_candidates():
    """The best of four is the likelier to be lucky: its interval has to hold for all four."""
    path, _ = walk(additive)
    assert [step.candidates for step in path.steps] == [4, 3, 2, 1]
    assert [step.gain.interval.confidence for step in path.steps] == pytest.approx([0.9875, 1 - 0.05 / 3, 0.975, 0.95])


def test_the_chosen_gain_is_covered():
    """Of four idle components, over many studies, the gain of the luckiest is covered 95% of the time."""
    generator = np.random.default_rng(5)
    sets = [NOTHING, *(frozenset({name}) for name in COMPONENTS)]
    hits = 0
    for _ in range(400):
        results = {flipped: dict(enumerate(generator.normal(size=6).tolist())) for flipped in sets}
        results |= {frozenset(pair): {} for pair in itertools.combinations(COMPONENTS, 2)}
        interval = ablation_path(COMPONENTS, results).steps[0].gain.interval
        hits += interval.low < 0 < interval.high
    assert hits / 400 >= 0.94


def test_the_direction_can_be_up():
    """For an accuracy the largest rise comes first."""
    path, _ = walk(lambda flipped: -additive(flipped), higher_is_better=True)
    assert [step.component for step in path.steps] == ["dropout", "depth", "norm", "cell"]


def test_impossible_variants_are_gone_around():
    """Dropout alone cannot be built, so it comes after depth; what can never be built stays unreached."""
    path, _ = walk(additive, impossible={frozenset({"dropout"})})
    assert [step.component for step in path.steps][:2] == ["depth", "dropout"]
    without_cell = {frozenset({"cell", *others}) for others in ([], ["depth"], ["dropout"], ["depth", "dropout"])}
    path, _ = walk(additive, ("depth", "dropout", "cell"), impossible=without_cell)
    assert path.unreached == ("cell",)
    assert [step.component for step in path.steps] == ["dropout", "depth"]


def test_nothing_is_imputed():
    """A gain counts the seeds that both sides have; a baseline without numbers leads nowhere."""
    results = {NOTHING: {0: 5.0, 1: 6.0, 2: 7.0}, frozenset({"depth"}): {1: 4.0, 2: 6.0, 3: 9.0}}
    path = ablation_path(("depth",), results)
    assert (path.steps[0].gain.n, path.steps[0].gain.value) == (2, 1.5)
    path = ablation_path(("depth", "norm"), {NOTHING: {}})
    assert (path.steps, path.unreached, path.total.n) == ((), ("depth", "norm"), 0)


def test_what_is_wanted_first():
    """First the baseline, then each component alone; without components the path is empty."""
    assert ablation_path(COMPONENTS, {}) == Wanted(sets=(NOTHING,))
    assert ablation_path(COMPONENTS, {NOTHING: {0: 1.0}}) == Wanted(
        sets=tuple(frozenset({name}) for name in COMPONENTS)
    )
    assert ablation_path((), {NOTHING: {0: 1.0}}).steps == ()


def test_steps_of_a_metric_are_no_certainty():
    """Epochs move by whole ones: the same gain on every seed is not known to a hair."""
    results = {NOTHING: {0: 9.0, 1: 9.0, 2: 9.0}, frozenset({"depth"}): {0: 8.0, 1: 8.0, 2: 8.0}}
    exact = ablation_path(("depth",), results).steps[0].gain.interval
    stepped = ablation_path(("depth",), results, resolution=1.0).steps[0].gain.interval
    assert exact.high - exact.low == 0
    assert stepped.low < 0 < stepped.high
