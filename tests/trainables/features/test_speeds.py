"""Recordings at other speeds: against what they should be, in the cache, and as a trial hears them."""

import copy
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from training_runs import CLIP_FEATURES, clip_trial, numbers, run_to_end, small_network

from soundproof.search_spaces import PRESETS
from soundproof.search_spaces.planning import infeasible_at
from soundproof.search_spaces.specs import Adam, Cut, Recipe, SpeedPerturbation, SyntheticSounds
from soundproof.search_spaces.specs.classifiers import FeedForward
from soundproof.search_spaces.studies import Variant
from soundproof.trainables.corpora.corpus import Example
from soundproof.trainables.corpora.embedded.synthetic_sounds import make_synthetic_sounds
from soundproof.trainables.features import FeatureStore, load, prepare
from soundproof.trainables.features.cache import entry_path
from soundproof.trainables.features.extraction import extract
from soundproof.trainables.features.speeds import at_speed
from soundproof.trainables.sweeps.planning.feasibility import features_of, infeasible_variants
from soundproof.trainables.training.data.batches import FeatureData
from soundproof.trainables.training.data.normalisation import Normalisation
from soundproof.trainables.training.engine import Training

CPU = torch.device("cpu")
RATE = 8000
CORPUS = SyntheticSounds(cut=Cut(seconds=1.0), sources_per_fold=2, folds=3)
SPEEDS = (0.9, 1.1)


@pytest.fixture(scope="module")
def corpus() -> Any:
    """Sound events of one second."""
    return make_synthetic_sounds(CORPUS)


@pytest.fixture(scope="module")
def sounds(corpus: Any, tmp_path_factory: pytest.TempPathFactory) -> FeatureStore:
    """They, at three speeds."""
    return load(prepare(corpus, CLIP_FEATURES, tmp_path_factory.mktemp("features"), speeds=SPEEDS, workers=1))


@pytest.mark.parametrize("speed", [0.5, 0.8, 0.9, 1.1, 1.25, 2.0])
def test_a_tone_at_another_speed_is_another_tone(speed: float) -> None:
    """Of 440 Hz, one of 440 times the speed, as loud, and as much shorter; one beyond 1 is not cut."""
    seconds = np.arange(RATE) / RATE
    tone = (1.5 * np.sin(2 * np.pi * 440 * seconds)).astype(np.float32)
    made = at_speed(tone, speed)
    assert made.dtype == np.float32
    assert len(made) == int(np.ceil(round(RATE / speed, 6)))
    expected = 1.5 * np.sin(2 * np.pi * 440 * speed * np.arange(len(made)) / RATE)
    inner = slice(200, -200)
    np.testing.assert_allclose(made[inner], expected[inner], atol=2e-3)
    assert at_speed(tone, 1.0) is tone


def test_every_version_is_the_clip_alone_at_its_speed(corpus: Any, sounds: FeatureStore, tmp_path: Path) -> None:
    """Bit for bit, by several processes too; the plain version is what it is without others."""
    count = len(corpus.examples)
    assert len(sounds.all_lengths) == 3 * count
    waveforms = list(corpus.waveforms(range(count), CLIP_FEATURES.sample_rate_hz))
    torch.set_num_threads(1)
    for version, speed in enumerate((1.0, *SPEEDS)):
        for place in (0, 7, count - 1):
            start, stop = sounds.all_offsets[version * count + place :][:2]
            alone = extract(torch.from_numpy(at_speed(waveforms[place], speed)), CLIP_FEATURES).numpy()
            np.testing.assert_array_equal(sounds.frames[start:stop], alone)
    plain = load(prepare(corpus, CLIP_FEATURES, tmp_path, workers=1))
    assert plain.version_offsets is None
    np.testing.assert_array_equal(plain.offsets, sounds.offsets)
    np.testing.assert_array_equal(plain.moments, sounds.moments)
    np.testing.assert_array_equal(plain.frames, sounds.frames[: sounds.offsets[-1]])
    assert entry_path(tmp_path, CORPUS, CLIP_FEATURES) != entry_path(tmp_path, CORPUS, CLIP_FEATURES, SPEEDS)


@pytest.mark.parametrize("resident", [True, False])
def test_a_batch_of_versions_has_each_clip_as_it_is_alone(sounds: FeatureStore, resident: bool) -> None:
    """Whatever its neighbours are; its padding is silent. Versions are those of the examples, not of the places."""
    data = FeatureData(sounds, CPU, resident=resident)
    normalisation = Normalisation.measured(sounds, range(20), CPU)
    versions = np.arange(len(sounds.examples)) % 3
    indices = [4, 3, 11, 2]
    batch = data.batch(indices, normalisation, versions)
    assert batch.indices == indices
    assert batch.lengths.tolist() == data.lengths(versions)[indices].tolist()
    assert len(set(batch.lengths.tolist())) == 3
    for row, index in enumerate(indices):
        alone = data.batch([index], normalisation, versions)
        length = int(batch.lengths[row])
        assert torch.equal(batch.values[row, :length], alone.values[0])
        assert not batch.values[row, length:].any()


def _trial(**recipe: Any) -> Any:
    usual: dict[str, Any] = {"augmentations": (SpeedPerturbation(),)}
    return clip_trial(CORPUS, small_network(10), epochs=3, **usual | recipe)


def test_training_hears_speeds_and_nobody_else_does(corpus: Any, sounds: FeatureStore, tmp_path: Path) -> None:
    """Each epoch draws its own; a resumed one the same; validation is that of the plain features."""
    data = FeatureData(sounds, CPU)
    plain = Training(_trial(augmentations=()), FeatureData(load(prepare(corpus, CLIP_FEATURES, tmp_path)), CPU))
    training = Training(_trial(), data)
    assert training._evaluated(training.partitions.validation) == plain._evaluated(plain.partitions.validation)
    heard: list[set[int]] = []
    batch = data.batch

    def noted(indices: Sequence[int], normalisation: Normalisation, versions: Any = None) -> Any:
        if versions is not None:
            heard[-1] |= {int(index + versions[index] * len(sounds.examples)) for index in indices}
        return batch(indices, normalisation, versions)

    data.batch = noted  # type: ignore[method-assign]
    checkpoint = None
    while training.status is None:
        heard.append(set())
        training.run_epoch()
        checkpoint = checkpoint or copy.deepcopy(training.checkpoint())
    train, examples = list(training.partitions.train), len(sounds.examples)
    assert all(sorted(place % examples for place in epoch) == sorted(train) for epoch in heard)
    assert all({place // examples for place in epoch} == {0, 1, 2} for epoch in heard)
    assert heard[0] != heard[1] != heard[2]
    resumed = Training(_trial(), data)
    resumed.restore(checkpoint)
    heard.append(set())
    run_to_end(resumed)
    assert numbers(resumed.history) == numbers(training.history)


def test_networks_of_clips_of_one_length_are_refused(sounds: FeatureStore) -> None:
    """By plan and before training, with the remedy; the shortest version decides whether others can be trained."""
    recipe = Recipe(optimizer=Adam(learning_rate=0.01), augmentations=(SpeedPerturbation(),))
    dense = FeedForward(dense=(4,), classes=10)
    any_length = Variant(
        id="toy/any", levels=(), features=CLIP_FEATURES, network=small_network(10), recipe=recipe, epochs=1
    )
    fixed = replace(any_length, id="toy/fixed", network=dense)
    reason = (
        "FeedForward takes clips of one length, and SpeedPerturbation makes them longer and shorter: leave it out, or "
        "take a network that hears clips of any length"
    )
    smoke = PRESETS["sounds"]["smoke"]
    assert infeasible_at(fixed, smoke) == reason
    assert infeasible_at(any_length, smoke) is None
    stores = {features_of(any_length): sounds}
    assert infeasible_variants({"a": any_length, "b": fixed}, CORPUS, stores) == {"toy/fixed": reason}


class _Short:
    """One example of 300 samples."""

    spec = CORPUS
    skipped = ()
    remarks = ()
    examples = (Example(key="short", target="a", recording="short"),)

    def waveforms(self, indices: Sequence[int], sample_rate_hz: int) -> Iterator[Any]:
        """See `Corpus`."""
        for _ in indices:
            yield np.full(300, 0.1, np.float32)


def test_who_hears_clips_faster_needs_longer_ones(tmp_path: Path) -> None:
    """The least length is that of the fastest version: a mel frame around the start is there of any clip."""
    store = load(prepare(_Short(), CLIP_FEATURES, tmp_path, speeds=(0.5, 2.0), workers=1))  # type: ignore[arg-type]
    assert store.lengths.tolist() == [2]
    assert store.all_lengths.tolist() == [2, 3, 1]
    assert store.least_lengths.tolist() == [1]
