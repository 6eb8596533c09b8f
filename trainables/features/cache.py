"""Features on disk: computed once per corpus and feature spec, memory-mapped by whoever trains.

A cache entry is a folder named by the content that it was made from. It appears by one rename, when it is whole, so a
reader never sees a part of it, and two writers of the same content do no harm.

    frames.npy   (frames of all examples, dimensions)  float32, one example after another
    moments.npy  (examples, 2, dimensions)             float64, sums and sums of squares over frames
    index.json   the examples, the frames of each, and what was skipped
                 where recordings are also heard at other speeds, `frames` and `lengths` have all examples again for
                 each of them
    digests.json their digests: frames are compared with theirs once for each state of the file, the others when read
"""

import json
import logging
import warnings
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from tokenize import TokenError

import numpy as np
from numpy.lib import format
from numpy.typing import NDArray

from soundproof.common.digests import DamagedError, Sealed, seal
from soundproof.common.json_texts import parsed
from soundproof.search_spaces.specs import CorpusSpec, Features
from soundproof.trainables.corpora.corpus import Example
from soundproof.trainables.features.verified import check_once
from soundproof.trainables.lasting import rename_lasting

_LOGGER = logging.getLogger(__name__)

_FORMAT = 2
"""Part of the name of an entry. Raise it when what is stored changes; a fact of an example more is None in older ones.

When features are computed otherwise, raise their revision (`search_spaces.specs.revisions`): ids of trials change too.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class FeatureStore:
    """A corpus as features. `frames` is memory-mapped: example `i` is `frames[offsets[i]:offsets[i + 1]]`.

    Where recordings are also heard at other speeds, all examples follow once more for each of these, a version each:
    example `i` in version `v`, 0 being the plain one, is entry `v * len(examples) + i` of `all_offsets`.
    """

    examples: Sequence[Example]
    offsets: NDArray[np.int64]
    frames: NDArray[np.float32]
    moments: NDArray[np.float64]
    skipped: Sequence[str]
    version_offsets: NDArray[np.int64] | None = None
    """Those of all versions; None where there is the plain one alone."""

    @property
    def all_offsets(self) -> NDArray[np.int64]:
        """Where each example begins, in each of its versions, and where the last one ends."""
        return self.offsets if self.version_offsets is None else self.version_offsets

    @property
    def all_lengths(self) -> NDArray[np.int64]:
        """Frames of each example in each of its versions."""
        return np.diff(self.all_offsets)

    @property
    def least_lengths(self) -> NDArray[np.int64]:
        """Frames of each example in its shortest version."""
        least: NDArray[np.int64] = self.all_lengths.reshape(-1, len(self.examples)).min(axis=0)
        return least

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Frames of each example."""
        return np.diff(self.offsets)

    @property
    def dimensions(self) -> int:
        """Values per frame."""
        return int(self.frames.shape[1])

    def normalisation(self, indices: Sequence[int]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Mean and standard deviation per dimension over all frames of the examples at `indices`."""
        chosen = np.asarray(indices)
        frames = self.lengths[chosen].sum()
        mean, square = self.moments[chosen].sum(axis=0) / frames
        deviation = np.sqrt(np.maximum(square - mean**2, 1e-8))
        return mean.astype(np.float32), deviation.astype(np.float32)


def entry_path(cache: Path, corpus: CorpusSpec, features: Features, speeds: Sequence[float] = ()) -> Path:
    """Where the features of that content lie, or will lie; with `speeds`, those at which examples are heard besides."""
    return cache / f"{corpus.digest()}-{features_key(features, speeds)}-{_FORMAT}"


def features_key(features: Features, speeds: Sequence[float] = ()) -> str:
    """What tells features of one corpus apart: their spec, and the speeds at which examples are heard besides."""
    return "-".join([features.digest(), *(f"at{speed:g}" for speed in speeds)])


FRAMES = "frames.npy"


def load(entry: Path) -> FeatureStore:
    """The entry, its frames memory-mapped. Raises `DamagedError` where a file is not what was written.

    One that an earlier version wrote has no digests, and is believed.
    """
    sealed = Sealed.of(entry)
    check_once(sealed, FRAMES)
    index = parsed(sealed.read("index.json"))
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.asarray(index["lengths"], dtype=np.int64))])
    examples = len(index["examples"])
    return FeatureStore(
        examples=tuple(
            Example(**{**example, "labels": tuple(example.get("labels", ()))}) for example in index["examples"]
        ),
        offsets=offsets[: examples + 1],
        frames=_mapped(entry / FRAMES),
        moments=_array(sealed.read("moments.npy"))[:examples],
        skipped=tuple(index["skipped"]),
        version_offsets=offsets if len(offsets) > examples + 1 else None,
    )


def _mapped(path: Path) -> NDArray[np.float32]:
    with _headers_of_numpy():
        frames: NDArray[np.float32] = np.load(path, mmap_mode="c")  # never written, but torch wants what could be
    return frames


@contextmanager
def _headers_of_numpy() -> Iterator[None]:
    """Raises `ValueError` where a header is none: NumPy leaves it to Python's parser, which has errors of its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            yield
        except (TokenError, SyntaxError, MemoryError, Warning) as error:
            raise ValueError(f"its header is none of NumPy's: {type(error).__name__} {error}".rstrip()) from error


def _array(content: bytes) -> NDArray[np.float64]:
    """The array in a file of NumPy's. `numpy.load` would take as much memory as its header claims."""
    file = BytesIO(content)
    version = format.read_magic(file)
    with _headers_of_numpy():
        header = format.read_array_header_1_0 if version == (1, 0) else format.read_array_header_2_0
        shape, by_columns, kind = header(file)
    values: NDArray[np.float64] = np.frombuffer(content, kind, offset=file.tell())
    return values.reshape(shape, order="F" if by_columns else "C")


def fault_of(entry: Path) -> str | None:
    """Why an entry cannot be used: after a power cut, say, files may be there without their content; None if it can."""
    if not entry.is_dir():
        return f"{entry} is not there"
    try:
        store = load(entry)
    except DamagedError as error:
        return str(error)
    except (FileNotFoundError, EOFError, ValueError, KeyError, TypeError, OverflowError) as error:
        return f"{entry} cannot be read whole: {error}"
    if len(store.frames) == store.all_offsets[-1] and len(store.moments) == len(store.examples):
        return None
    return f"{entry} cannot be read whole: its files do not fit each other"


def fault_of_sealed(entry: Path) -> str | None:
    """As `fault_of`, of an entry that is only to be used with digests: whoever has the corpus can make it again."""
    fault = fault_of(entry)
    if fault is None and Sealed.of(entry).files is None:
        return f"{entry} has no digests by which to tell whether it is what was written: an earlier version made it"
    return fault


def write(
    entry: Path,
    examples: Sequence[Example],
    skipped: Sequence[str],
    lengths: Sequence[int],
    parts: Iterable[Path],
    *,
    working_folder: Path,
) -> None:
    """Make `entry` from the frames of all examples in order, given as .npy files that hold some examples each.

    Where they have several versions, `lengths` and frames are those of the plain one, then those of each other.

    It is made in `working_folder`, a folder of the caller's on the same disk.
    """
    unfinished = working_folder / "entry"
    unfinished.mkdir()
    moments = _join(unfinished / FRAMES, lengths, parts)
    np.save(unfinished / "moments.npy", moments)
    index = {
        "examples": [asdict(example) for example in examples],
        "lengths": [int(length) for length in lengths],
        "skipped": list(skipped),
    }
    (unfinished / "index.json").write_text(json.dumps(index), encoding="utf-8")
    seal(unfinished, mapped=[FRAMES])
    _publish(unfinished, entry)


def _join(path: Path, lengths: Sequence[int], parts: Iterable[Path]) -> NDArray[np.float64]:
    """Write the parts to one file at `path`, and return the moments of every example.

    By writing, not through a memory map: there a full disk is no error but the death of the process.
    """
    moments: list[NDArray[np.float64]] = []
    remaining, written = deque(lengths), 0
    with path.open("wb") as file:
        for part in parts:
            frames = np.load(part, mmap_mode="r")
            if written == 0:
                shape = (int(sum(lengths)), frames.shape[1])
                header = {"descr": "<f4", "fortran_order": False, "shape": shape}
                np.lib.format.write_array_header_1_0(file, header)
            assert frames.dtype == np.float32
            file.write(frames.data)
            written += len(frames)
            start = 0
            while remaining and start < len(frames):
                block = frames[start : start + remaining[0]].astype(np.float64)
                moments.append(np.stack([block.sum(axis=0), np.square(block).sum(axis=0)]))
                start += remaining.popleft()
    assert written == sum(lengths)
    assert not remaining
    return np.stack(moments)


def _publish(unfinished: Path, entry: Path) -> None:
    if entry.is_dir() and fault_of_sealed(entry) is not None:
        entry.rename(unfinished.with_name("broken"))
    try:
        rename_lasting(unfinished, entry)
    except OSError:
        if not entry.is_dir():
            raise
        _LOGGER.info("another process has made %s meanwhile: its features are used, which are the same", entry)
