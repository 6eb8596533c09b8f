"""The engine on real, if small, training runs."""

import math
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from training_runs import numbers, run_to_end

from soundproof.common import record
from soundproof.search_spaces.specs import PlateauStopping, Sgd, Trial
from soundproof.trainables.corpora.corpus import CorpusError, Example
from soundproof.trainables.features import FeatureStore
from soundproof.trainables.training import engine, evaluation
from soundproof.trainables.training.data.batches import FeatureData
from soundproof.trainables.training.data.splitting import split_examples
from soundproof.trainables.training.engine import Training
from soundproof.trainables.training.evaluation import REPEATS, Evaluation

MakeTrial = Callable[..., Trial]
CPU = torch.device("cpu")


def test_the_same_trial_twice_gives_the_same_numbers(store: FeatureStore, make_trial: MakeTrial) -> None:
    """Bit for bit: every metric of every epoch, the test metrics, the weights, the transcripts."""
    (first, one), (second, two) = (run_to_end(Training(make_trial(), FeatureData(store, CPU))) for _ in range(2))
    assert numbers(first) == numbers(second)
    assert numbers([one.metrics]) == numbers([two.metrics])
    assert one.predictions == two.predictions
    assert one.weights is not None
    assert two.weights is not None
    assert all(torch.equal(one.weights[name], two.weights[name]) for name in one.weights)


def test_another_seed_changes_everything(store: FeatureStore, make_trial: MakeTrial) -> None:
    """Initialisation, order and dropout all come from the seed."""
    (first, _), (second, _) = (run_to_end(Training(make_trial(seed=seed), FeatureData(store, CPU))) for seed in (0, 1))
    assert first[0][record.TRAIN_LOSS] != second[0][record.TRAIN_LOSS]


def test_chance_outside_does_not_reach_a_trial(store: FeatureStore, make_trial: MakeTrial) -> None:
    """What an actor trained before, and whatever else drew random numbers, leaves no trace."""
    data = FeatureData(store, CPU)
    expected, _ = run_to_end(Training(make_trial(), data))
    training = Training(make_trial(), data)
    history = []
    while training.status is None:
        torch.rand(7)
        history.append(training.run_epoch())
    assert numbers(history) == numbers(expected)


def test_resident_and_streamed_features_give_the_same_numbers(store: FeatureStore, make_trial: MakeTrial) -> None:
    """Where the features lie does not show in the result."""
    (kept, _), (streamed, _) = (
        run_to_end(Training(make_trial(), FeatureData(store, CPU, resident=resident))) for resident in (True, False)
    )
    assert numbers(kept) == numbers(streamed)


def test_a_resumed_trial_is_the_uninterrupted_one(store: FeatureStore, make_trial: MakeTrial) -> None:
    """A checkpoint after the first epoch, restored in a fresh object, ends in the same bits."""
    data = FeatureData(store, CPU)
    expected, whole = run_to_end(Training(make_trial(epochs=3), data))
    first = Training(make_trial(epochs=3), data)
    history = [first.run_epoch()]
    second = Training(make_trial(epochs=3), data)
    second.restore(first.checkpoint())
    rest, outcome = run_to_end(second)
    assert numbers(history + rest) == numbers(expected)
    assert numbers([outcome.metrics]) == numbers([whole.metrics])


def test_training_lowers_the_loss(store: FeatureStore, make_trial: MakeTrial) -> None:
    """The engine learns: a few epochs on real speech take the training loss well below where it began."""
    history, outcome = run_to_end(Training(make_trial(epochs=8), FeatureData(store, CPU)))
    assert history[-1][record.TRAIN_LOSS] < 0.8 * history[0][record.TRAIN_LOSS]
    assert outcome.status == "completed"


def test_the_best_epoch_is_kept(store: FeatureStore, make_trial: MakeTrial) -> None:
    """Recorded best values are those of the epoch with the lowest validation loss, and its weights are what is left."""
    history, outcome = run_to_end(Training(make_trial(epochs=5, rate=0.05), FeatureData(store, CPU)))
    losses = [epoch[record.VALIDATION_LOSS] for epoch in history]
    best = losses.index(min(losses))
    assert outcome.metrics[record.BEST_EPOCH] == best + 1
    assert outcome.metrics[record.best(record.VALIDATION_LOSS)] == losses[best]
    assert outcome.metrics[record.best(record.VALIDATION_CER)] == history[best][record.VALIDATION_CER]


def test_predictions_hold_every_validation_and_test_utterance(store: FeatureStore, make_trial: MakeTrial) -> None:
    """Real transcripts beside predictions, with the error rate of each."""
    _, outcome = run_to_end(Training(make_trial(), FeatureData(store, CPU)))
    texts = {utterance.key: utterance.target for utterance in store.examples}
    assert {name: len(rows) for name, rows in outcome.predictions.items()} == {"validation": 8, "test": 8}
    for row in outcome.predictions["test"]:
        assert row["reference"] == texts[row["key"]]
        assert row["cer"] >= 0


def test_without_a_test_part_there_are_no_test_numbers(store: FeatureStore, make_trial: MakeTrial) -> None:
    """Nothing stands for what is missing, and the rest is what it was."""
    trial = make_trial()
    _, usual = run_to_end(Training(trial, FeatureData(store, CPU)))
    training = Training(trial, FeatureData(store, CPU))
    training.partitions = replace(training.partitions, test=())
    _, outcome = run_to_end(training)
    timed = {record.TRAIN_SECONDS, record.LATENCY_SECONDS}
    expected = {name: value for name, value in usual.metrics.items() if not name.startswith(record.TEST_PREFIX)}
    expected |= dict.fromkeys((record.DATA_PREFIX + part for part in ("test", "test_words", "test_characters")), 0.0)
    assert expected.keys() == outcome.metrics.keys()
    assert all(expected[name] == outcome.metrics[name] for name in expected.keys() - timed)
    assert outcome.predictions == {"validation": usual.predictions["validation"], "test": []}


def test_a_recipe_that_validates_on_the_test_split_needs_one(make_trial: MakeTrial) -> None:
    """Its validation split is the test split, the rest is as it was; without a test, the reason is said."""
    examples = [
        Example(key=str(place), target="a", recording=str(place), speaker=str(place), partition=partition)
        for place, partition in enumerate(("train", "validation", "test"))
    ]
    trial = make_trial()
    on_test = replace(trial, recipe=replace(trial.recipe, validate_on="test"))
    assert split_examples(examples, on_test) == replace(split_examples(examples, trial), validation=(2,))
    with pytest.raises(CorpusError, match=r'validate_on="test", and the corpus has no test split: give it one'):
        split_examples(examples[:2], on_test)


def test_divergence_is_recognised(store: FeatureStore, make_trial: MakeTrial) -> None:
    """A learning rate of a million ends as `diverged`, with a reason, without a number standing for the loss."""
    trial = make_trial(epochs=5)
    recipe = replace(trial.recipe, optimizer=Sgd(learning_rate=1e6), clip_norm=None)
    history, outcome = run_to_end(Training(replace(trial, recipe=recipe), FeatureData(store, CPU)))
    assert outcome.status == "diverged"
    assert outcome.reason is not None
    assert "not finite" in outcome.reason
    assert all(math.isfinite(value) for epoch in history for value in epoch.values())
    assert not {record.best(record.VALIDATION_LOSS), record.LATENCY_SECONDS} & outcome.metrics.keys()
    assert not outcome.predictions


def test_a_plateau_stops_early(store: FeatureStore, make_trial: MakeTrial) -> None:
    """No improvement of a thousand nats is possible, so patience runs out after two epochs."""
    stopping = PlateauStopping(patience_epochs=2, minimum_improvement=1000.0)
    history, outcome = run_to_end(Training(make_trial(epochs=9, stopping=stopping), FeatureData(store, CPU)))
    assert outcome.status == "stopped_early"
    assert len(history) == 3
    assert outcome.metrics[record.BEST_EPOCH] >= 1


def test_latency_is_that_of_one_example_of_median_length(store: FeatureStore, make_trial: MakeTrial) -> None:
    """The forward passes after the test split see one example each, neither a short nor a long one."""
    training = Training(make_trial(epochs=1), FeatureData(store, CPU))
    training.run_epoch()
    seen: list[tuple[int, ...]] = []
    training.network.register_forward_pre_hook(lambda network, inputs: seen.append(tuple(inputs[0].shape)))
    started = time.perf_counter()
    outcome = training.finish()
    assert 0 < outcome.metrics[record.LATENCY_SECONDS] < time.perf_counter() - started
    lengths = sorted(int(store.lengths[index]) for index in training.partitions.test)
    assert seen[-1 - REPEATS :] == [(1, lengths[len(lengths) // 2], store.dimensions)] * (1 + REPEATS)
    assert not training.network.training


def test_the_test_split_is_read_once_and_last(
    store: FeatureStore, make_trial: MakeTrial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No epoch looks at the test split; it is evaluated once, when the weights have been chosen."""
    seen: list[Any] = []

    def evaluate(*given: Any, **options: Any) -> list[Evaluation]:
        seen.append(given[3])
        return evaluation.evaluate(*given, **options)

    monkeypatch.setattr(engine, "evaluate", evaluate)
    training = Training(make_trial(epochs=2), FeatureData(store, CPU))
    run_to_end(training)
    assert [indices == training.partitions.test for indices in seen] == [False, False, True]
