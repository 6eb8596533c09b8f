"""From a corpus to its features on disk, in parallel, once."""

import errno
import functools
import logging
import multiprocessing
import os
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeVar

import numpy as np

from soundproof.common.errors import UserError
from soundproof.search_spaces.specs import Features, least_samples
from soundproof.trainables.corpora.corpus import Corpus, CorpusError
from soundproof.trainables.features import cache, processes
from soundproof.trainables.features.working_folder import working_folder

_LOGGER = logging.getLogger(__name__)

_T = TypeVar("_T")
_CANNOT_BE_WRITTEN = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES)

_CHUNK = 64
"""Examples that a worker does at a time; a corpus of fewer is done in the calling process."""

_POLL_SECONDS = 0.1
"""How often whoever waits for workers asks whether to stop."""


class CacheError(UserError):
    """Features cannot be kept. The message says where, why, and what to do."""


def prepare(
    corpus: Corpus,
    features: Features,
    cache_folder: Path,
    *,
    speeds: Sequence[float] = (),
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Path:
    """The cache entry of the features of `corpus`, made if it is not there or is not what was written.

    The latter is said in a line, as a warning.

    Arguments:
        corpus: Where examples and waveforms come from; it is pickled for the worker processes.
        features: What is computed, at its own sampling rate.
        cache_folder: Holds the entries, each named by its content; made where it is not there.
        speeds: At which recordings are heard besides their own, each of them for one version more of every example.
        workers: Processes that share the work; by default one per processor.
        progress: Receives the examples done and of how many, in this thread.
        stopped: Asked ten times a second whether to give up.

    Returns:
        The folder of the entry, for `load`. It is whole, on the disk, and the same whoever made it.

    Raises:
        CorpusError: A recording cannot be read, or examples are too short to have a frame.
        CacheError: The disk is full or cannot be written, or the processes cannot be started.
        CancelledError: `stopped` said so.
    """
    entry = cache.entry_path(cache_folder, corpus.spec, features, speeds)
    fault = cache.fault_of_sealed(entry)
    if fault is None:
        _LOGGER.debug("the features in %s are used again", entry)
        return entry
    if entry.is_dir():
        _LOGGER.warning("%s. These features are made again", fault)
    _LOGGER.info("features are computed into %s", entry)
    try:
        cache_folder.mkdir(parents=True, exist_ok=True)
        with (
            working_folder(cache_folder) as folder,
            closing(
                _compute(
                    corpus, features, folder, speeds=speeds, workers=workers or os.cpu_count() or 1, stopped=stopped
                )
            ) as computed,
        ):
            lengths, parts = [], []
            for part, part_lengths in computed:
                parts.append(part)
                lengths += part_lengths
                if progress is not None:
                    progress(len(lengths), len(corpus.examples) * (1 + len(speeds)))
            _check_lengths(corpus, features, lengths)
            cache.write(entry, corpus.examples, corpus.skipped, lengths, _until(stopped, parts), working_folder=folder)
    except BrokenProcessPool as error:
        raise CacheError(
            "the processes that compute features ended before they had begun, or ran out of memory. A script that "
            'trains has to do so below `if __name__ == "__main__":`, since these processes import it again'
        ) from error
    except OSError as error:
        if error.errno not in _CANNOT_BE_WRITTEN:
            raise
        raise CacheError(
            f"the features of the corpus cannot be written to {cache_folder}: {error.strerror or error}. "
            "Free some space, or name another --storage"
        ) from error
    return entry


_Chunk = tuple[float, range]
"""A speed, and examples that are heard at it."""


def _compute(
    corpus: Corpus,
    features: Features,
    folder: Path,
    *,
    speeds: Sequence[float],
    workers: int,
    stopped: Callable[[], bool],
) -> Generator[tuple[Path, list[int]], None, None]:
    total = len(corpus.examples)
    starts = range(0, total, _CHUNK)
    chunks = [(speed, range(start, min(start + _CHUNK, total))) for speed in (1.0, *speeds) for start in starts]
    paths = [folder / f"{number:06d}.npy" for number in range(len(chunks))]
    if len(chunks) == 1 or workers == 1:
        yield from map(functools.partial(_compute_chunk, corpus, features, stopped=stopped), chunks, paths)
        return
    with _pool(min(workers, len(chunks)), corpus, features) as pool:
        with processes.interrupts_blocked():
            parts = [pool.submit(_compute_remembered, chunk, path) for chunk, path in zip(chunks, paths, strict=True)]
        for part in parts:
            yield _result(part, stopped)


@contextmanager
def _pool(size: int, corpus: Corpus, features: Features) -> Iterator[ProcessPoolExecutor]:
    """Processes that have the corpus at hand. When the block fails, or this process dies, they end at once."""
    spawn = multiprocessing.get_context("spawn")
    with processes.shared_value((corpus, features), size) as shared, processes.parent_pipe() as (kept, watched):
        begin = (shared, watched)
        pool = ProcessPoolExecutor(size, mp_context=spawn, initializer=_remember, initargs=begin)
        try:
            yield pool
        except BaseException:
            kept.close()
            raise
        finally:
            pool.shutdown(cancel_futures=True)


def _result(part: Future[_T], stopped: Callable[[], bool]) -> _T:
    while not wait([part], timeout=_POLL_SECONDS).done:
        if stopped():
            raise CancelledError
    return part.result()


def _until(stopped: Callable[[], bool], items: Iterable[_T]) -> Iterator[_T]:
    """The items. Raises `CancelledError` as soon as `stopped` says so."""
    for item in items:
        if stopped():
            raise CancelledError
        yield item


_remembered: tuple[Corpus, Features] | None = None
"""What a worker works on. A large corpus takes long to hand over, so it is done once."""


def _remember(shared: processes.SharedValue, watched: Connection) -> None:
    global _remembered  # noqa: PLW0603  # a worker process serves one preparation
    processes.end_with_parent(watched)
    _remembered = shared.receive()


def _compute_remembered(chunk: _Chunk, path: Path) -> tuple[Path, list[int]]:
    assert _remembered is not None
    return _compute_chunk(*_remembered, chunk, path)


def _compute_chunk(
    corpus: Corpus, features: Features, chunk: _Chunk, path: Path, stopped: Callable[[], bool] = lambda: False
) -> tuple[Path, list[int]]:
    import torch  # noqa: PLC0415  # the import of whoever computes, not the planner's

    from soundproof.trainables.features.extraction import extract  # noqa: PLC0415
    from soundproof.trainables.features.speeds import at_speed  # noqa: PLC0415

    speed, examples = chunk
    waveforms = _until(stopped, corpus.waveforms(examples, features.sample_rate_hz))
    with _one_thread():
        extracted = [extract(torch.from_numpy(at_speed(waveform, speed)), features).numpy() for waveform in waveforms]
    np.save(path, np.concatenate(extracted))
    return path, [len(frames) for frames in extracted]


@contextmanager
def _one_thread() -> Iterator[None]:
    """The last bits of a matrix product depend on how many threads share it, and the cache's may not."""
    import torch  # noqa: PLC0415

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _check_lengths(corpus: Corpus, features: Features, lengths: Sequence[int]) -> None:
    examples = [*corpus.examples] * (len(lengths) // max(1, len(corpus.examples)))
    short = [example.key for example, length in zip(examples, lengths, strict=True) if length == 0]
    if short:
        raise CorpusError(
            f"{len(short)} of {len(lengths)} examples are too short: {type(features).__name__} needs at least "
            f"{least_samples(features)} samples at {features.sample_rate_hz} Hz: {', '.join(short[:20])}. "
            "Remove them or choose a shorter window"
        )
