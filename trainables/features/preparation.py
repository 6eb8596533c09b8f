"""From a corpus to its features on disk, in parallel, once."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from search_spaces.specs import Features, window_samples
from trainables.corpora.corpus import Corpus, CorpusError
from trainables.features import cache

_CHUNK = 64
"""Utterances that a worker does at a time; a corpus of fewer is done in the calling process."""


def prepare(
    corpus: Corpus,
    features: Features,
    cache_folder: Path,
    *,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """The cache entry of the features of `corpus`, made if it is not there.

    `workers` processes (default: one per processor) share the work. `progress` hears the utterances done and of how
    many. Raises `CorpusError` for an utterance shorter than one window.
    """
    entry = cache.entry_path(cache_folder, corpus.spec, features)
    if entry.is_dir():
        return entry
    cache_folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".parts-", dir=cache_folder) as folder:
        total, lengths, parts = len(corpus.utterances), [], []
        for part, part_lengths in _compute(corpus, features, Path(folder), workers or os.cpu_count() or 1):
            parts.append(part)
            lengths += part_lengths
            if progress is not None:
                progress(len(lengths), total)
        _check_lengths(corpus, features, lengths)
        cache.write(entry, corpus.utterances, corpus.skipped, lengths, parts)
    return entry


def _compute(corpus: Corpus, features: Features, folder: Path, workers: int) -> Iterator[tuple[Path, list[int]]]:
    total = len(corpus.utterances)
    chunks = [range(start, min(start + _CHUNK, total)) for start in range(0, total, _CHUNK)]
    jobs = [(corpus, features, chunk, folder / f"{number:06d}.npy") for number, chunk in enumerate(chunks)]
    if len(chunks) == 1 or workers == 1:
        yield from map(_compute_chunk, *zip(*jobs, strict=True))
        return
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(chunks)), mp_context=spawn, initializer=_use_one_thread) as pool:
        yield from pool.map(_compute_chunk, *zip(*jobs, strict=True))


def _compute_chunk(corpus: Corpus, features: Features, chunk: Sequence[int], path: Path) -> tuple[Path, list[int]]:
    import torch  # noqa: PLC0415  # the workers' import, not the planner's

    from trainables.features.extraction import extract  # noqa: PLC0415

    waveforms = corpus.waveforms(chunk, features.sample_rate_hz)
    extracted = [extract(torch.from_numpy(waveform), features).numpy() for waveform in waveforms]
    np.save(path, np.concatenate(extracted))
    return path, [len(frames) for frames in extracted]


def _use_one_thread() -> None:
    import torch  # noqa: PLC0415

    torch.set_num_threads(1)


def _check_lengths(corpus: Corpus, features: Features, lengths: Sequence[int]) -> None:
    short = [utterance.key for utterance, length in zip(corpus.utterances, lengths, strict=True) if length == 0]
    if short:
        window = window_samples(features)
        raise CorpusError(
            f"{len(short)} utterances are shorter than one analysis window ({window} samples at "
            f"{features.sample_rate_hz} Hz): {', '.join(short[:20])}. Remove them or choose a shorter window"
        )
