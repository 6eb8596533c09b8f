"""Batches: little padding, every utterance once."""

import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from soundproof.search_spaces.specs import Adam, Recipe
from soundproof.trainables.training.data.batches import batches_of_frames, bucketed_batches, updates_of


@given(st.lists(st.integers(1, 400), min_size=1, max_size=90), st.integers(1, 33), st.integers(0, 2**32) | st.none())
def test_every_utterance_is_in_one_batch(lengths: list[int], batch_size: int, seed: int | None) -> None:
    """An epoch sees every utterance once, in batches of at most the asked size."""
    chance = None if seed is None else np.random.default_rng(seed)
    indices = list(range(0, 3 * len(lengths), 3))
    table = np.zeros(3 * len(lengths), np.int64)
    table[::3] = lengths
    batches = bucketed_batches(table, indices, batch_size, chance)
    assert sorted(index for batch in batches for index in batch) == indices
    assert all(len(batch) <= batch_size for batch in batches)


@given(st.lists(st.integers(1, 400), min_size=1, max_size=90), st.integers(1, 2000), st.integers(0, 2**32) | st.none())
def test_batches_of_frames_hold_what_there_is_room_for(lengths: list[int], most: int, seed: int | None) -> None:
    """Every utterance once; none alone where there is another; padded, within the room unless two alone exceed it.

    But for one more where a last one was left, and no more batches than the room asks for: two neighbours never fit
    into one.
    """
    chance = None if seed is None else np.random.default_rng(seed)
    table = np.array(lengths, np.int64)
    batches = batches_of_frames(table, range(len(lengths)), most, chance)
    assert sorted(index for batch in batches for index in batch) == list(range(len(lengths)))
    assert all(len(batch) >= 2 for batch in batches) or len(lengths) == 1
    too_large = [batch for batch in batches if table[batch].max() * len(batch) > most and len(batch) > 2]
    assert len(too_large) <= 1
    assert all(table[batch[:-1]].max() * (len(batch) - 1) <= most or len(batch) == 3 for batch in too_large)
    if seed is None:
        for earlier, later in pairwise(batches):
            assert table[[*earlier, later[0]]].max() * (len(earlier) + 1) > most


def test_updates_are_made_from_so_many_batches() -> None:
    """The last of an epoch from what is left; every example once, in the order that a recipe of one a time has."""
    lengths, recipe = np.full(100, 7), Recipe(optimizer=Adam(learning_rate=1), batch_size=8)
    single = updates_of(recipe, lengths, range(100), np.random.default_rng(0))
    several = updates_of(replace(recipe, accumulate_batches=4), lengths, range(100), np.random.default_rng(0))
    assert [len(update) for update in single] == [1] * 13
    assert [len(update) for update in several] == [4, 4, 4, 1]
    assert [batch for update in several for batch in update] == [batch for (batch,) in single]
    frames = Recipe(optimizer=Adam(learning_rate=1), batch_frames=56, accumulate_batches=4)
    assert [len(update) for update in updates_of(frames, lengths, range(100), np.random.default_rng(0))] == [4, 4, 4, 1]


def test_buckets_waste_little_padding() -> None:
    """On lengths like those of speech, less than a tenth of what is computed is padding.

    A random order wastes a third.
    """
    chance = np.random.default_rng(0)
    lengths = chance.integers(130, 400, 800)

    def waste(batches: list[list[int]]) -> float:
        computed = sum(lengths[batch].max() * len(batch) for batch in batches)
        return 1 - lengths.sum() / computed

    shuffled = chance.permutation(800)
    assert waste(bucketed_batches(lengths, range(800), 32, chance)) < 0.1
    assert waste([shuffled[start : start + 32].tolist() for start in range(0, 800, 32)]) > 0.25


def test_epochs_differ() -> None:
    """Jitter and shuffling change the composition of batches from epoch to epoch."""
    lengths = np.random.default_rng(0).integers(130, 400, 200)
    first, second = (bucketed_batches(lengths, range(200), 32, np.random.default_rng(seed)) for seed in (1, 2))
    assert {tuple(sorted(batch)) for batch in first} != {tuple(sorted(batch)) for batch in second}


_READS_ALL = """
import re, sys
from pathlib import Path
import numpy as np
import torch
from soundproof.trainables.corpora.corpus import Example
from soundproof.trainables.features import FeatureStore
from soundproof.trainables.training.data.batches import FeatureData
from soundproof.trainables.training.data.normalisation import Normalisation

examples = [Example(key=str(n), target="a", recording=str(n)) for n in range(64)]
frames = np.load(sys.argv[1], mmap_mode="c")
offsets = np.linspace(0, len(frames), len(examples) + 1).astype(np.int64)
moments = np.ones((len(examples), 2, frames.shape[1]))
store = FeatureStore(examples=examples, offsets=offsets, frames=frames, moments=moments, skipped=())
cpu = torch.device("cpu")
data, nothing = FeatureData(store, cpu), Normalisation.none(store.dimensions, cpu)

def private_kilobytes():
    return int(re.search(r"RssAnon:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

def summed(numbers):
    return sum(float(data.batch([number], nothing).values.sum()) for number in numbers)

total = summed(range(16))
before = private_kilobytes()
total += summed(range(16, len(examples)))
print(total, private_kilobytes() - before)
"""


def test_reading_a_corpus_takes_no_memory_of_its_own(tmp_path: Path) -> None:
    """A process that has read 128 MB of mapped features holds hardly more than after the first 32 MB.

    By then the allocator has the few batches of 2 MB that it keeps for reuse.
    """
    frames = np.lib.format.open_memmap(tmp_path / "frames.npy", mode="w+", dtype=np.float32, shape=(2**18, 128))
    frames[:] = 1
    frames.flush()
    command = [sys.executable, "-c", _READS_ALL, str(tmp_path / "frames.npy")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    total, grown_kilobytes = map(float, done.stdout.split())
    assert total == 2**25
    assert grown_kilobytes < 16_000  # to keep what was read would be 96 MB
