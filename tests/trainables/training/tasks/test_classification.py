"""Classification through the engine: small networks on the embedded sound events."""

import math
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score
from torch.nn import functional
from training_runs import numbers, run_to_end

from soundproof.common import record
from soundproof.search_spaces.specs import (
    Adam,
    Budget,
    Cut,
    ExponentialDecay,
    FoldSplit,
    LabelledClips,
    MelSpectrogram,
    Mixup,
    Noise,
    Recipe,
    SpecAugment,
    SpecError,
    StepDecay,
    SyntheticSounds,
    TimeShift,
    Trial,
)
from soundproof.search_spaces.specs.classifiers import BandCnn, FeedForward, MaxPool, SoundBlock
from soundproof.search_spaces.specs.sublayers import BatchNorm
from soundproof.trainables.corpora.embedded.synthetic_sounds import make_synthetic_sounds
from soundproof.trainables.features import FeatureStore, load, prepare
from soundproof.trainables.training.data.augmentation import Mixing
from soundproof.trainables.training.data.batches import FeatureData
from soundproof.trainables.training.data.normalisation import Normalisation
from soundproof.trainables.training.engine import Training
from soundproof.trainables.training.weights import unpack

CPU = torch.device("cpu")
CORPUS = SyntheticSounds(cut=Cut(seconds=1.0), sources_per_fold=10, folds=3)
FEATURES = MelSpectrogram(sample_rate_hz=8000, window_samples=512, hop_samples=256, mel_bands=24)
BLOCK = SoundBlock(filters=8, kernel_size=3, sublayers=(MaxPool(size=2), BatchNorm()))
NETWORK = BandCnn(blocks=(BLOCK,), dense=(16,), classes=10)


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> FeatureStore:
    """Five minutes of sound events as small mel spectrograms."""
    return load(prepare(make_synthetic_sounds(CORPUS), FEATURES, tmp_path_factory.mktemp("features"), workers=1))


def _trial(epochs: int = 3, seed: int = 0, network: Any = NETWORK, **recipe: Any) -> Trial:
    return Trial(
        corpus=CORPUS,
        split=FoldSplit(),
        features=FEATURES,
        network=network,
        recipe=Recipe(**{"optimizer": Adam(learning_rate=3e-3), "batch_size": 8, **recipe}),
        budget=Budget(epochs=epochs, preset="smoke"),
        seed=seed,
    )


def test_what_is_judged_is_what_the_recipe_says(sounds: FeatureStore) -> None:
    """The last epoch's weights, whatever came before; the test split in the place of the validation split."""
    recipe = {"keep": "last", "validate_on": "test", "optimizer": Adam(learning_rate=0.03)}
    history, outcome = run_to_end(Training(_trial(epochs=8, **recipe), FeatureData(sounds, CPU)))
    assert outcome.metrics[record.BEST_EPOCH] == 8
    assert outcome.metrics[record.best(record.VALIDATION_LOSS)] == history[-1][record.VALIDATION_LOSS]
    assert outcome.metrics[record.TEST_ACCURACY] == history[-1][record.VALIDATION_ACCURACY]
    assert outcome.predictions["validation"] == outcome.predictions["test"]
    other, usual = run_to_end(Training(_trial(epochs=8, optimizer=recipe["optimizer"]), FeatureData(sounds, CPU)))
    assert [epoch[record.TRAIN_LOSS] for epoch in other] == [epoch[record.TRAIN_LOSS] for epoch in history]
    assert usual.metrics[record.BEST_EPOCH] < 8


def test_sounds_are_learned(sounds: FeatureStore) -> None:
    """Better than chance (one in ten; 0.2 in one of 500 such tests) on sources never heard; all metrics are there."""
    history, outcome = run_to_end(Training(_trial(epochs=25), FeatureData(sounds, CPU)))
    assert outcome.metrics[record.TEST_ACCURACY] > 0.2
    assert history[-1][record.TRAIN_LOSS] < 0.5 * history[0][record.TRAIN_LOSS]
    wanted = {record.VALIDATION_LOSS, record.VALIDATION_ACCURACY, record.VALIDATION_MACRO_F1}
    assert wanted <= set(history[0])
    assert {record.best(name) for name in wanted} <= set(outcome.metrics)
    assert [outcome.metrics[record.DATA_PREFIX + part] for part in ("train", "validation", "test")] == [100, 100, 100]


def test_the_metrics_are_those_of_the_predictions(sounds: FeatureStore) -> None:
    """Accuracies and macro F1 of the test split follow from the table of predictions, by scikit-learn."""
    _, outcome = run_to_end(Training(_trial(), FeatureData(sounds, CPU)))
    rows = outcome.predictions["test"]
    truth, said = [row["reference"] for row in rows], [row["hypothesis"] for row in rows]
    assert outcome.metrics[record.TEST_ACCURACY] == accuracy_score(truth, said)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of classes that are answered and not there
        balanced = balanced_accuracy_score(truth, said)
    assert outcome.metrics[record.TEST_PREFIX + record.BALANCED_ACCURACY] == pytest.approx(balanced)
    assert outcome.metrics[record.TEST_PREFIX + record.MACRO_F1] == pytest.approx(
        f1_score(truth, said, average="macro", zero_division=0.0)
    )
    targets = {example.key: example.target for example in sounds.examples}
    assert all(row["reference"] == targets[row["key"]] and 0 < row["probability"] <= 1 for row in rows)


@pytest.mark.parametrize(
    "augmentations", [(), (SpecAugment(), TimeShift(), Noise(), Mixup())], ids=["plain", "augmented"]
)
def test_the_same_trial_twice_and_resumed(sounds: FeatureStore, augmentations: Any) -> None:
    """Bit for bit, augmentation included; a checkpoint goes on as if nothing had happened."""
    trial, data = _trial(augmentations=augmentations), FeatureData(sounds, CPU)
    (first, one), (second, two) = (run_to_end(Training(trial, data)) for _ in range(2))
    assert numbers(first) == numbers(second)
    assert one.predictions == two.predictions
    begun, resumed = Training(trial, data), Training(trial, data)
    history = [begun.run_epoch()]
    resumed.restore(begun.checkpoint())
    rest, three = run_to_end(resumed)
    assert numbers(history + rest) == numbers(first)
    assert numbers([three.metrics]) == numbers([one.metrics])


def test_augmentation_is_for_training_alone(sounds: FeatureStore) -> None:
    """Augmented features change what is learned, and validation hears none of them."""
    data = FeatureData(sounds, CPU)
    plain, noisy = (Training(_trial(augmentations=some), data) for some in ((), (Noise(deviation=2.0),)))
    before = [training._evaluated(training.partitions.validation).metrics for training in (plain, noisy)]
    assert before[0] == before[1]
    assert plain.run_epoch()[record.TRAIN_LOSS] != noisy.run_epoch()[record.TRAIN_LOSS]


def test_mixed_targets_count_in_their_shares(sounds: FeatureStore) -> None:
    """The loss of a mixed clip is the shares' mean of both targets' cross-entropies."""
    training = Training(_trial(), FeatureData(sounds, CPU))
    training.network.eval()
    batch = training.data.batch([0, 50, 100], training.normalisation)
    shares, partners = torch.tensor([1.0, 0.25, 0.0]), torch.tensor([1, 2, 0])
    losses = training.task.losses(training.network, batch, Mixing(partners=partners, shares=shares))
    logits = training.network(batch.values)
    names = CORPUS.classes
    targets = torch.tensor([names.index(sounds.examples[index].target) for index in batch.indices])
    own = functional.cross_entropy(logits, targets, reduction="none")
    other = functional.cross_entropy(logits, targets[partners], reduction="none")
    torch.testing.assert_close(losses, shares * own + (1 - shares) * other)


@pytest.mark.parametrize("mixed", [False, True])
def test_smoothed_targets_are_those_of_torch(sounds: FeatureStore, mixed: bool) -> None:
    """In training alone, mixed or not; what is said of validation is the plain cross-entropy."""
    training = Training(_trial(label_smoothing=0.2), FeatureData(sounds, CPU))
    training.network.eval()
    batch = training.data.batch([0, 50, 100], training.normalisation)
    shares, partners = torch.tensor([1.0, 0.25, 0.0]), torch.tensor([1, 2, 0])
    mixing = Mixing(partners=partners, shares=shares) if mixed else None
    logits = training.network(batch.values)
    targets = torch.tensor([CORPUS.classes.index(sounds.examples[index].target) for index in batch.indices])
    own, other = (
        functional.cross_entropy(logits, wanted, reduction="none", label_smoothing=0.2)
        for wanted in (targets, targets[partners])
    )
    expected = shares * own + (1 - shares) * other if mixed else own
    torch.testing.assert_close(training.task.losses(training.network, batch, mixing), expected)
    judged, _ = training.task.answers(training.network, batch)
    torch.testing.assert_close(judged, functional.cross_entropy(logits, targets, reduction="none"))


def test_weights_are_kept_by_accuracy_where_the_recipe_says_so(sounds: FeatureStore) -> None:
    """The earliest epoch with the highest validation accuracy; by loss it is the lowest loss, as ever."""
    for keep in ("accuracy", "loss"):
        history, outcome = run_to_end(Training(_trial(epochs=10, keep=keep), FeatureData(sounds, CPU)))
        accuracies = [epoch[record.VALIDATION_ACCURACY] for epoch in history]
        losses = [epoch[record.VALIDATION_LOSS] for epoch in history]
        best = accuracies.index(max(accuracies)) if keep == "accuracy" else losses.index(min(losses))
        assert outcome.metrics[record.BEST_EPOCH] == best + 1
        assert outcome.metrics[record.best(record.VALIDATION_ACCURACY)] == accuracies[best]


@pytest.mark.parametrize(
    ("schedule", "factors"),
    [
        (ExponentialDecay(hold_epochs=2, rate=0.1), [1, 1, math.exp(-0.1), math.exp(-0.2)]),
        (StepDecay(after_epochs=(1, 3), factors=(0.5, 0.3)), [1, 0.5, 0.5, 0.3]),
        (None, [1, 1, 1, 1]),
    ],
)
def test_the_learning_rate_follows_its_schedule(sounds: FeatureStore, schedule: Any, factors: list[float]) -> None:
    """The optimiser really uses the rate that the schedule names, epoch by epoch."""
    training = Training(_trial(epochs=4, schedule=schedule), FeatureData(sounds, CPU))
    rates = []
    while training.status is None:
        training.run_epoch()
        rates.append(training.optimisation.optimizer.param_groups[0]["lr"])
    assert rates == pytest.approx([3e-3 * factor for factor in factors])


def test_a_weight_penalty_shrinks_weights(sounds: FeatureStore) -> None:
    """L2 of the spec reaches the optimiser: the same network ends with smaller weights, and its loss excludes it."""
    sizes = []
    for l2 in (None, 0.05):
        training = Training(_trial(network=FeedForward(dense=(16,), l2=l2, classes=10)), FeatureData(sounds, CPU))
        run_to_end(training)
        sizes.append(sum(float(weight.detach().square().sum()) for weight in training.network.parameters()))
    assert sizes[1] < 0.9 * sizes[0]


def test_normalisation_is_kept_with_the_weights(sounds: FeatureStore) -> None:
    """Whoever has the weights can hear as the trial did: mean and deviation of its training split, or none."""
    training = Training(_trial(), FeatureData(sounds, CPU))
    _, outcome = run_to_end(training)
    assert outcome.weights is not None
    state, normalisation = unpack(outcome.weights, CPU)
    training.network.load_state_dict(state)
    frames = sounds.frames.reshape(len(sounds.examples), -1, FEATURES.dimensions)[list(training.partitions.train)]
    torch.testing.assert_close(normalisation.mean, torch.from_numpy(frames.mean(axis=(0, 1))), atol=1e-3, rtol=1e-4)
    torch.testing.assert_close(normalisation.deviation, torch.from_numpy(frames.std(axis=(0, 1))), atol=1e-2, rtol=1e-3)
    untouched = Training(_trial(normalise=False), FeatureData(sounds, CPU)).normalisation
    assert isinstance(untouched, Normalisation)
    assert torch.equal(untouched.apply(torch.ones(2, FEATURES.dimensions)), torch.ones(2, FEATURES.dimensions))


def test_streamed_and_resident_clips_give_the_same_numbers(sounds: FeatureStore) -> None:
    """Where the features lie does not show in the result."""
    kept, streamed = (
        run_to_end(Training(_trial(), FeatureData(sounds, CPU, resident=resident)))[0] for resident in (True, False)
    )
    assert numbers(kept) == numbers(streamed)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda trial: replace(trial, network=replace(NETWORK, classes=9)), "9 outputs cannot name the 10 classes"),
        (
            lambda trial: replace(trial, corpus=LabelledClips(dataset="esc10", cut=Cut(seconds=5))),
            "10 outputs cannot name the 0 classes",
        ),
    ],
)
def test_networks_and_corpora_must_fit(change: Callable[[Trial], Trial], message: str) -> None:
    """A trial whose network cannot name the classes of its corpus is refused when it is made."""
    with pytest.raises(SpecError, match=message):
        change(_trial())
