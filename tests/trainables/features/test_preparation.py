"""Features on disk: once, in parallel, by content."""

import multiprocessing
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from soundproof.search_spaces import PRESETS
from soundproof.search_spaces.specs import (
    CorpusSpec,
    Features,
    LogSpectrogram,
    MelCepstrum,
    MelSpectrogram,
    RawWaveform,
    SyntheticGenres,
)
from soundproof.trainables.corpora.corpus import CorpusError, Example, Waveform
from soundproof.trainables.corpora.embedded.synthetic_speech import make_synthetic_speech
from soundproof.trainables.features import load, prepare
from soundproof.trainables.features.cache import entry_path

SMOKE = PRESETS["speech"]["smoke"].corpus
FEATURES = LogSpectrogram(sample_rate_hz=8000)


@dataclass(frozen=True)
class Tones:
    """Examples of given lengths in samples, each a different noise."""

    samples: tuple[int, ...]
    spec: CorpusSpec = SMOKE
    skipped: tuple[str, ...] = ()

    @property
    def examples(self) -> Sequence[Example]:
        return tuple(Example(key=f"tone-{n}", target="a", recording=f"tone-{n}") for n in range(len(self.samples)))

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
    assert alone.examples == shared.examples == corpus.examples


UNGUARDED = """
from pathlib import Path
from soundproof.search_spaces import PRESETS
from soundproof.search_spaces.specs import LogSpectrogram
from soundproof.trainables.corpora.embedded.synthetic_speech import make_synthetic_speech
from soundproof.trainables.features import prepare
prepare(make_synthetic_speech(PRESETS["speech"]["quick"].corpus), LogSpectrogram(), Path("cache"), workers=2)
"""


def test_a_script_that_trains_where_it_is_imported_is_told_so(tmp_path: Path) -> None:
    """Its processes end as they begin, before they have read a corpus larger than a pipe holds. Nobody waits."""
    script = tmp_path / "script.py"
    script.write_text(UNGUARDED)
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}
    ended = subprocess.run(
        [sys.executable, script], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert 'has to do so below `if __name__ == "__main__":`' in ended.stderr
    assert not list((tmp_path / "cache").glob("[!.]*"))


@dataclass(frozen=True)
class Slow(Tones):
    """One part of examples that come at once, and two that nobody waits for, of which a file counts those that came."""

    samples: tuple[int, ...] = (400,) * 192
    count: Path = Path(os.devnull)

    def waveforms(self, indices: Sequence[int], sample_rate_hz: int) -> Iterator[Waveform]:
        for index, waveform in zip(indices, super().waveforms(indices, sample_rate_hz), strict=True):
            if index >= 64:
                time.sleep(0.5)
                with self.count.open("a") as count:
                    count.write("1")
            yield waveform


@pytest.mark.parametrize("workers", [1, 2])
def test_who_stops_waits_for_no_part(workers: int, tmp_path: Path) -> None:
    """Soon after the word, in the midst of a part, nothing runs any more and nothing is left."""
    stopped, finished, cache = threading.Event(), [], tmp_path / "cache"
    count = tmp_path / "count"
    count.touch()

    def stop(*parts: int) -> None:
        stopped.set()
        finished.append(parts)

    with pytest.raises(CancelledError):
        prepare(Slow(count=count), FEATURES, cache, workers=workers, progress=stop, stopped=stopped.is_set)
    assert len(finished) == 1
    assert not multiprocessing.active_children()
    assert count.stat().st_size < 64, "somebody waited for a part"
    assert not list(cache.iterdir())


def test_threads_of_the_caller_do_not_show(tmp_path: Path) -> None:
    """However many threads the calling process has, the features are the same bit for bit, and it keeps its threads."""
    corpus, before, frames = Tones(tuple(range(400, 20000, 1000))), torch.get_num_threads(), []
    try:
        for threads in (1, 2):
            torch.set_num_threads(threads)
            frames.append(load(prepare(corpus, MelCepstrum(), tmp_path / str(threads), workers=1)).frames)
            assert torch.get_num_threads() == threads
    finally:
        torch.set_num_threads(before)
    np.testing.assert_array_equal(*frames)


def test_second_time_nothing_is_computed(tmp_path: Path) -> None:
    """The cache is found by content: a corpus that cannot be read any more is not read."""
    first = prepare(Tones((900, 800)), FEATURES, tmp_path)
    assert prepare(Tones(()), FEATURES, tmp_path) == first


@pytest.mark.parametrize("file", ["index.json", "frames.npy", "moments.npy"])
@pytest.mark.parametrize("share", [0, 0.5, None])
def test_an_entry_that_the_disk_did_not_get_is_made_again(file: str, share: float | None, tmp_path: Path) -> None:
    """Whichever file is empty, cut off or missing."""
    corpus = Tones((900, 800))
    entry = prepare(corpus, FEATURES, tmp_path)
    before = {path.name: path.read_bytes() for path in entry.iterdir()}
    if share is None:
        (entry / file).unlink()
    else:
        (entry / file).write_bytes(before[file][: int(share * len(before[file]))])
    assert prepare(corpus, FEATURES, tmp_path) == entry
    assert {path.name: path.read_bytes() for path in entry.iterdir()} == before
    assert list(tmp_path.iterdir()) == [entry]


def test_another_corpus_or_another_feature_is_another_entry(tmp_path: Path) -> None:
    """Everything that the content depends on is part of the address."""
    entries = {
        entry_path(tmp_path, SMOKE, FEATURES),
        entry_path(tmp_path, replace(SMOKE, seed=1), FEATURES),
        entry_path(tmp_path, SMOKE, LogSpectrogram()),
        entry_path(tmp_path, SMOKE, MelSpectrogram()),
        entry_path(tmp_path, SMOKE, MelSpectrogram(scale="power")),
        entry_path(tmp_path, SyntheticGenres(tracks_per_genre=3), MelSpectrogram()),
    }
    assert len(entries) == 6


def test_normalisation_comes_from_the_training_split_alone(tmp_path: Path) -> None:
    """Mean and deviation are those of the training frames, whatever the rest holds; checked against numpy."""
    corpus = make_synthetic_speech(SMOKE)
    store = load(prepare(corpus, FEATURES, tmp_path, workers=1))
    train = [index for index, example in enumerate(store.examples) if example.partition == "train"]
    frames = np.concatenate([store.frames[store.offsets[i] : store.offsets[i + 1]] for i in train]).astype(np.float64)
    mean, deviation = store.normalisation(train)
    np.testing.assert_allclose(mean, frames.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(deviation, frames.std(axis=0), rtol=1e-4)
    assert not np.allclose(mean, np.asarray(store.frames).mean(axis=0), rtol=1e-5)


@pytest.mark.parametrize(("features", "samples", "least"), [(FEATURES, 159, 160), (RawWaveform(), 0, 1)])
def test_too_short_examples_are_named(features: Features, samples: int, least: int, tmp_path: Path) -> None:
    """An example without a frame is an error that names it and what is needed, and leaves no entry behind."""
    with pytest.raises(CorpusError, match=rf"1 of 2 examples are too short: .* at least {least} samples .*: tone-1\."):
        prepare(Tones((900, samples)), features, tmp_path)
    assert not entry_path(tmp_path, SMOKE, features).exists()
    assert not list(tmp_path.iterdir())


def test_raw_waveforms_keep_samples_and_moments(tmp_path: Path) -> None:
    """A frame for every sample; sums and sums of squares of each example, beyond one chunk, as numpy has them."""
    corpus = Tones(tuple(500 + 3 * n for n in range(70)))
    store = load(prepare(corpus, RawWaveform(), tmp_path, workers=1))
    waveforms = list(corpus.waveforms(range(70), 16000))
    np.testing.assert_array_equal(store.frames, np.concatenate(waveforms)[:, None])
    assert store.moments.shape == (70, 2, 1)
    np.testing.assert_allclose(store.moments[:, 0, 0], [waveform.sum(dtype=np.float64) for waveform in waveforms])
    np.testing.assert_allclose(store.moments[:, 1, 0], [np.square(w.astype(np.float64)).sum() for w in waveforms])
    chosen = [3, 64, 69]
    mean, deviation = store.normalisation(chosen)
    heard = np.concatenate([waveforms[index] for index in chosen])
    np.testing.assert_allclose((mean, deviation), ([heard.mean()], [heard.std()]), rtol=1e-4)


def test_features_are_memory_mapped(tmp_path: Path) -> None:
    """An actor's memory does not grow with the corpus."""
    assert isinstance(load(prepare(Tones((900,)), FEATURES, tmp_path)).frames, np.memmap)
