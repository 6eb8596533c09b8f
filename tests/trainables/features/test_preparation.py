"""Features on disk: once, in parallel, by content."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from search_spaces import PRESETS
from search_spaces.specs import GroupSplit, LogSpectrogram, SyntheticSpeech
from trainables.corpora.corpus import CorpusError, Utterance, Waveform
from trainables.corpora.synthetic_speech import make_synthetic_speech
from trainables.features import load, prepare
from trainables.features.cache import entry_path
from trainables.training.splitting import split_utterances

SMOKE = PRESETS["smoke"].corpus
FEATURES = LogSpectrogram(sample_rate_hz=8000)


@dataclass(frozen=True)
class Tones:
    """Utterances of given lengths in samples, each a different noise."""

    samples: tuple[int, ...]
    spec: SyntheticSpeech = SMOKE
    skipped: tuple[str, ...] = ()

    @property
    def utterances(self) -> Sequence[Utterance]:
        return tuple(Utterance(key=f"tone-{n}", text="a", recording=f"tone-{n}") for n in range(len(self.samples)))

    def waveforms(self, indices: Sequence[int], sample_rate_hz: int) -> Iterator[Waveform]:
        for index in indices:
            yield np.random.default_rng(index).standard_normal(self.samples[index]).astype(np.float32)


def test_workers_and_one_process_write_the_same(tmp_path: Path) -> None:
    """How the work is shared does not show in the result, bit for bit."""
    corpus = Tones(tuple(400 + 37 * n for n in range(150)))
    alone = load(prepare(corpus, FEATURES, tmp_path / "alone", workers=1))
    shared = load(prepare(corpus, FEATURES, tmp_path / "shared", workers=2))
    np.testing.assert_array_equal(alone.frames, shared.frames)
    np.testing.assert_array_equal(alone.offsets, shared.offsets)
    assert alone.utterances == shared.utterances == corpus.utterances


def test_second_time_nothing_is_computed(tmp_path: Path) -> None:
    """The cache is found by content: a corpus that cannot be read any more is not read."""
    first = prepare(Tones((900, 800)), FEATURES, tmp_path)
    assert prepare(Tones(()), FEATURES, tmp_path) == first


def test_another_corpus_or_another_feature_is_another_entry(tmp_path: Path) -> None:
    """Everything that the content depends on is part of the address."""
    entries = {
        entry_path(tmp_path, SMOKE, FEATURES),
        entry_path(tmp_path, replace(SMOKE, seed=1), FEATURES),
        entry_path(tmp_path, SMOKE, LogSpectrogram()),
    }
    assert len(entries) == 3


def test_normalisation_comes_from_the_training_split_alone(tmp_path: Path) -> None:
    """Mean and deviation are those of the training frames, whatever the rest holds; checked against numpy."""
    corpus = make_synthetic_speech(SMOKE)
    store = load(prepare(corpus, FEATURES, tmp_path, workers=1))
    train = split_utterances(store.utterances, split=GroupSplit(), seed=0).train
    frames = np.concatenate([store.frames[store.offsets[i] : store.offsets[i + 1]] for i in train]).astype(np.float64)
    mean, deviation = store.normalisation(train)
    np.testing.assert_allclose(mean, frames.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(deviation, frames.std(axis=0), rtol=1e-4)
    assert not np.allclose(mean, np.asarray(store.frames).mean(axis=0), rtol=1e-5)


def test_too_short_utterances_are_named(tmp_path: Path) -> None:
    """An utterance of less than one window is an error that names it, and leaves no entry behind."""
    with pytest.raises(CorpusError, match=r"1 utterances are shorter than one analysis window .*tone-1"):
        prepare(Tones((900, 100)), FEATURES, tmp_path)
    assert not entry_path(tmp_path, SMOKE, FEATURES).exists()
    assert not list(tmp_path.iterdir())


def test_features_are_memory_mapped(tmp_path: Path) -> None:
    """An actor's memory does not grow with the corpus."""
    assert isinstance(load(prepare(Tones((900,)), FEATURES, tmp_path)).frames, np.memmap)
