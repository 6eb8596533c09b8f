"""Classes that training never saw: pairs of their clips compared, from the manifest to the record."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_curve
from sklearn.metrics.pairwise import cosine_similarity
from training_runs import CLIP_FEATURES, COSTS, clip_trial, numbers, run_to_end, small_network
from voices import write_voices

from soundproof.common import record
from soundproof.search_spaces.specs import (
    ClassSplit,
    Cut,
    GroupSplit,
    Mixup,
    PlateauStopping,
    Sgd,
    SpecError,
    SyntheticSounds,
    TaggedClips,
    Trial,
    ValuedClips,
)
from soundproof.trainables.corpora.recorded.labelled_manifest import open_labelled_manifest
from soundproof.trainables.explanation.explain import ExplanationError, refuse_other_answers
from soundproof.trainables.features import load, prepare
from soundproof.trainables.networks.embedding import embed
from soundproof.trainables.prediction.recorded import PredictionError, RecordedTrial
from soundproof.trainables.prediction.trained import rebuild
from soundproof.trainables.training.data.batches import FeatureData
from soundproof.trainables.training.engine import Outcome, Training
from soundproof.trainables.training.tasks.choice import task_of

CPU = torch.device("cpu")
RATE = record.VALIDATION_VERIFICATION_EQUAL_ERROR_RATE
TEST_RATE = record.TEST_PREFIX + record.VERIFICATION_EQUAL_ERROR_RATE


@dataclass
class Sample:
    """A corpus of ten voices, and a trial on it that was run to its end."""

    data: FeatureData
    training: Training
    history: list[dict[str, float]]
    outcome: Outcome


def _trial(corpus: object, epochs: int = 8, seed: int = 0, **recipe: object) -> Trial:
    network = small_network(len(corpus.classes), 16)
    return clip_trial(corpus, network, split=ClassSplit(), epochs=epochs, seed=seed, **recipe)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """Voices in so much noise that they are told apart, though not all of them."""
    folder = tmp_path_factory.mktemp("voices")
    corpus = open_labelled_manifest(write_voices(folder, noise=1.0), Cut(seconds=1.0))
    data = FeatureData(load(prepare(corpus, CLIP_FEATURES, folder / "features", workers=1)), CPU)
    training = Training(_trial(corpus.spec), data)
    history, outcome = run_to_end(training)
    return Sample(data, training, history, outcome)


def _rate_by_hand(training: Training, indices: list[int]) -> float:
    """By scikit-learn's cosines and curve, of all pairs (each clip is a recording)."""
    examples = training.data.store.examples
    batch = training.data.batch(indices, training.normalisation)
    network = training.network.eval()
    with torch.inference_mode():
        found = (
            embed(network, training.trial.network.classes, len(indices), lambda: network(batch.values)).double().numpy()
        )
    first, second = np.triu_indices(len(indices), 1)
    targets = np.array([examples[index].target for index in indices])
    false_alarms, hits, _ = roc_curve(
        targets[first] == targets[second], cosine_similarity(found)[first, second], drop_intermediate=False
    )
    return float(np.interp(1.0, hits + false_alarms, false_alarms))


def test_the_record_has_the_rate_and_no_loss_or_accuracy_of_unseen_classes(sample: Sample) -> None:
    """Of training, both; what was compared is counted."""
    for epoch in sample.history:
        assert {name for name in epoch if name.startswith(record.VALIDATION_PREFIX)} == {RATE}
        assert {record.TRAIN_LOSS, record.TRAIN_ACCURACY} <= epoch.keys()
    metrics = sample.outcome.metrics
    of_sides = {name for name in metrics if name.startswith((record.TEST_PREFIX, "best/", "gap/"))}
    assert of_sides == {record.best(RATE), TEST_RATE, record.BEST_EPOCH}
    sides = {"train": 6, "validation": 2, "test": 2}
    for side, classes in sides.items():
        assert metrics[f"data/{side}_classes"] == classes
        assert metrics[f"data/{side}"] == 5 * classes
    for side in ("validation", "test"):
        assert (metrics[f"data/{side}_pairs"], metrics[f"data/{side}_same_class_pairs"]) == (45, 20)
    assert "data/train_pairs" not in metrics


def test_rates_are_those_of_scikit_learn_and_the_best_is_kept(sample: Sample) -> None:
    """The lowest of all epochs, the earliest of equals, and the test is read with its weights."""
    training, metrics = sample.training, sample.outcome.metrics
    rates = [epoch[RATE] for epoch in sample.history]
    assert len(set(rates)) > 1
    assert metrics[record.best(RATE)] == min(rates)
    assert metrics[record.BEST_EPOCH] == 1 + rates.index(min(rates))
    for side, name in (("validation", record.best(RATE)), ("test", TEST_RATE)):
        assert metrics[name] == pytest.approx(_rate_by_hand(training, list(training.partitions.of(side))), abs=1e-9)


def test_clips_of_their_own_lengths_hear_no_padding(tmp_path: Path) -> None:
    """A clip beside longer ones is compared by what it is compared by alone."""
    path = write_voices(tmp_path / "voices", longer_seconds=0.1)
    corpus = open_labelled_manifest(path, Cut(seconds=1.0, place="own-length"))
    data = FeatureData(load(prepare(corpus, CLIP_FEATURES, tmp_path / "features", workers=1)), CPU)
    training = Training(_trial(corpus.spec, epochs=1), data)
    training.run_epoch()
    task, network = task_of(training.trial, data), training.network.eval()

    def compared(indices: list[int]) -> torch.Tensor:
        with torch.inference_mode():
            task.answers(network, data.batch(indices, training.normalisation))
        return torch.stack([task._embeddings.pop(index) for index in indices])

    together = compared([0, 1, 2, 3, 4])
    assert len({int(data.store.lengths[index]) for index in range(5)}) == 5
    for index in range(5):
        torch.testing.assert_close(together[index], compared([index])[0], rtol=1e-5, atol=1e-6)


def test_classes_that_train_help_to_tell_others_apart(tmp_path: Path) -> None:
    """Voices in noise: after training on some, pairs of others are judged better than before, the mean of 3 seeds."""
    corpus = open_labelled_manifest(write_voices(tmp_path / "clips", 20, 8, noise=1.0), Cut(seconds=1.0))
    data = FeatureData(load(prepare(corpus, CLIP_FEATURES, tmp_path / "features", workers=1)), CPU)
    before, after = [], []
    for seed in range(3):
        training = Training(_trial(corpus.spec, 12, seed), data)
        before.append(_rate_by_hand(training, list(training.partitions.test)))
        after.append(run_to_end(training)[1].metrics[TEST_RATE])
    assert np.mean(after) < np.mean(before) < 0.4


def test_clips_that_were_compared_are_named(sample: Sample) -> None:
    """With the number of their pairs; no class is answered."""
    rows = sample.outcome.predictions["validation"]
    assert len(rows) == 10
    assert {row["pairs"] for row in rows} == {9}
    assert all("hypothesis" not in row for row in rows)


def test_a_trial_repeats_itself_and_goes_on_where_it_stood(sample: Sample) -> None:
    """To the last bit: pairs are those of the seed, not of the network or the epoch."""
    again, resumed = Training(sample.training.trial, sample.data), Training(sample.training.trial, sample.data)
    for _ in range(3):
        again.run_epoch()
    resumed.restore(again.checkpoint())
    for training in (again, resumed):
        _, outcome = run_to_end(training)
        assert numbers(training.history) == numbers(sample.history)
        assert outcome.predictions == sample.outcome.predictions
        left = {name: value for name, value in outcome.metrics.items() if name not in COSTS}
        assert left == {name: value for name, value in sample.outcome.metrics.items() if name not in COSTS}


def test_training_stops_where_the_rate_does_not_fall(sample: Sample) -> None:
    """It takes the place of the loss; with mixed clips too, and the last epoch is kept where that is asked for."""
    corpus = sample.training.trial.corpus
    stopping = PlateauStopping(patience_epochs=2, minimum_improvement=1.0)
    recipe = {"stopping": stopping, "augmentations": (Mixup(),), "keep": "last"}
    training = Training(_trial(corpus, **recipe), sample.data)
    history, outcome = run_to_end(training)
    assert (training.status, len(history)) == ("stopped_early", 3)  # the first rate is below infinity
    assert outcome.metrics[record.BEST_EPOCH] == 3
    assert outcome.metrics[record.best(RATE)] == history[-1][RATE]
    assert record.TRAIN_ACCURACY not in history[-1]


def test_the_test_may_be_validated_on(sample: Sample) -> None:
    """As some documents do; it is then the same number."""
    _, outcome = run_to_end(Training(_trial(sample.training.trial.corpus, 2, validate_on="test"), sample.data))
    assert outcome.metrics[record.best(RATE)] == outcome.metrics[TEST_RATE]


def test_embeddings_that_are_no_numbers_are_a_divergence(sample: Sample) -> None:
    """No rate is made of them."""
    training = Training(_trial(sample.training.trial.corpus, optimizer=Sgd(learning_rate=1e30)), sample.data)
    run_to_end(training)
    assert training.status == "diverged"
    assert "loss or an embedding of epoch" in (training.reason or "")


def test_networks_are_not_asked_for_classes_that_they_never_saw(sample: Sample) -> None:
    """Neither of files nor what decided for one; the refusals say why."""
    trial = sample.training.trial
    assert sample.outcome.weights is not None
    recorded = RecordedTrial(trial_id=trial.trial_id, trial=trial, weights=sample.outcome.weights)
    with pytest.raises(PredictionError, match="compare clips of others .*choose a trial of another split"):
        rebuild(recorded)
    with pytest.raises(ExplanationError, match="are of classes that training never saw"):
        refuse_other_answers(trial)


@pytest.mark.parametrize(
    ("corpus", "words"),
    [
        (TaggedClips(cut=Cut(seconds=1.0), classes=("a", "b")), "corpus of several labels: choose another split"),
        (ValuedClips(cut=Cut(seconds=1.0)), "corpus of values: choose another split"),
    ],
)
def test_other_answers_have_no_classes_to_split_by(corpus: object, words: str) -> None:
    """Found out where the trial is made, as is what would be kept by an accuracy; another split is another trial."""
    with pytest.raises(SpecError, match=words):
        _trial(corpus)
    sounds = SyntheticSounds(sources_per_fold=2)
    with pytest.raises(SpecError, match="never saw have no accuracy: leave out keep"):
        _trial(sounds, keep="accuracy")
    trial = _trial(sounds)
    assert replace(trial, split=GroupSplit()).trial_id != trial.trial_id
    assert (trial.has_one_class, replace(trial, split=GroupSplit()).has_one_class) == (False, True)
