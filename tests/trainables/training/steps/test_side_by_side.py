"""Trials that are trained side by side, against the same trials alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
import torch
from training_runs import numbers

from soundproof.search_spaces.specs import PlateauStopping, RecurrentStack, Sgd, Trial
from soundproof.search_spaces.specs.network import Cell
from soundproof.trainables.features import FeatureStore
from soundproof.trainables.training.data.batches import FeatureData
from soundproof.trainables.training.engine import Outcome, Training, run_epochs

MakeTrial = Callable[..., Trial]
CPU = torch.device("cpu")


def _run_together(trainings: Sequence[Training]) -> list[tuple[list[dict[str, float]], Outcome]]:
    """To the end of all; whoever has ended leaves the others to themselves."""
    while running := [training for training in trainings if training.status is None]:
        run_epochs(running)
    return [(training.history, training.finish()) for training in trainings]


def _assert_equal(ours: tuple[list[dict[str, float]], Outcome], theirs: tuple[list[dict[str, float]], Outcome]) -> None:
    (history, outcome), (expected, wanted) = ours, theirs
    assert numbers(history) == numbers(expected)
    assert numbers([outcome.metrics]) == numbers([wanted.metrics])
    assert outcome.predictions == wanted.predictions
    assert outcome.weights is not None
    assert wanted.weights is not None
    assert all(torch.equal(tensor, wanted.weights[name]) for name, tensor in outcome.weights.items())


def _with_recurrence(trial: Trial, **changes: Any) -> Trial:
    network = trial.network
    assert isinstance(network.recurrent, RecurrentStack)
    return replace(trial, network=replace(network, recurrent=replace(network.recurrent, **changes)))


def test_four_seeds_are_the_same_bits_as_one_after_another(store: FeatureStore, make_trial: MakeTrial) -> None:
    """Every epoch's numbers, the weights and the transcripts: seeds differ in examples, lengths, masks and weights."""
    data = FeatureData(store, CPU)
    trials = [make_trial(seed=seed, epochs=3) for seed in range(4)]
    together = _run_together([Training(trial, data) for trial in trials])
    for trial, ours in zip(trials, together, strict=True):
        _assert_equal(ours, _run_together([Training(trial, data)])[0])


def test_orders_optimisers_and_rates_may_differ(store: FeatureStore, make_trial: MakeTrial) -> None:
    """Sublayers in another order, another optimiser, and a trial that stops early beside the others."""
    data = FeatureData(store, CPU)
    momentum = Sgd(learning_rate=0.02, momentum=0.9, nesterov=True, decay=1e-4)
    first, second = make_trial(0, epochs=3), make_trial(3, epochs=3, rate=0.02)
    third = replace(second, recipe=replace(second.recipe, optimizer=momentum, clip_norm=None), seed=4)
    stopping = make_trial(1, epochs=6, rate=1e-9, stopping=PlateauStopping(patience_epochs=1, minimum_improvement=0.0))
    trials = [first, second, third, stopping]
    together = _run_together([Training(trial, data) for trial in trials])
    for trial, ours in zip(trials, together, strict=True):
        _assert_equal(ours, _run_together([Training(trial, data)])[0])


@pytest.mark.parametrize("cell", ["simple_rnn", "gru", "lstm"])
def test_every_cell_and_way_of_connecting_layers(cell: Cell, store: FeatureStore, make_trial: MakeTrial) -> None:
    """Two layers, the second of one direction, densely connected: the same bits."""
    data = FeatureData(store, CPU)
    changes = {"cell": cell, "layers": 2, "connectivity": "dense", "merge": "mul"}
    trials = [_with_recurrence(make_trial(seed=seed, epochs=1), **changes) for seed in range(3)]
    together = _run_together([Training(trial, data) for trial in trials])
    for trial, ours in zip(trials, together, strict=True):
        _assert_equal(ours, _run_together([Training(trial, data)])[0])


def test_sizes_that_fill_no_cache_line_agree_up_to_rounding(store: FeatureStore, make_trial: MakeTrial) -> None:
    """Five units and batches of seven: products depend on where in a cache line their numbers begin."""
    data = FeatureData(store, CPU)
    trials = [_with_recurrence(make_trial(seed=seed, epochs=1), units=5) for seed in range(3)]
    trials = [replace(trial, recipe=replace(trial.recipe, batch_size=7)) for trial in trials]
    together = _run_together([Training(trial, data) for trial in trials])
    for trial, (history, _) in zip(trials, together, strict=True):
        (expected,), (epoch,) = numbers(_run_together([Training(trial, data)])[0][0]), numbers(history)
        assert epoch == pytest.approx(expected, rel=1e-4)


def test_a_trial_may_go_on_in_other_company(store: FeatureStore, make_trial: MakeTrial) -> None:
    """An epoch with one neighbour, a checkpoint, the rest with another: the same bits still."""
    data = FeatureData(store, CPU)
    trial, neighbours = make_trial(epochs=3), [make_trial(seed=seed, epochs=3) for seed in (5, 6)]
    begun = Training(trial, data)
    run_epochs([begun, Training(neighbours[0], data)])
    resumed = Training(trial, data)
    resumed.restore(begun.checkpoint())
    ours, _ = _run_together([resumed, Training(neighbours[1], data)])
    _assert_equal(ours, _run_together([Training(trial, data)])[0])


def test_micro_batches_go_alone(store: FeatureStore, make_trial: MakeTrial) -> None:
    """A trial that memory does not suffice for is trained in parts, beside others that are not."""
    data = FeatureData(store, CPU)
    trials = [make_trial(seed=seed, epochs=1) for seed in range(3)]
    sizes = [None, 3, None]
    build = [Training(trial, data, micro_batch=size) for trial, size in zip(trials, sizes, strict=True)]
    alone = [Training(trial, data, micro_batch=size) for trial, size in zip(trials, sizes, strict=True)]
    for ours, expected in zip(_run_together(build), alone, strict=True):
        _assert_equal(ours, _run_together([expected])[0])
