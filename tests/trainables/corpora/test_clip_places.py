"""Places of clips: within the recording, none over another, and the loudest hold most energy of all there are."""

from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundproof.search_spaces.specs import Cut
from soundproof.trainables.corpora.clip_places import BLOCK_SECONDS, clip_count, energies, even_starts, loudest_starts

BLOCKS = st.lists(st.integers(0, 1000), min_size=1, max_size=14)


def _best(heard: list[int], width: int, count: int) -> float:
    """The most that `count` windows hold that do not overlap, by trying all."""
    places = range(max(1, len(heard) - width + 1))
    apart = (chosen for chosen in combinations(places, count) if all(b - a >= width for a, b in pairwise(chosen)))
    return max(sum(sum(heard[place : place + width]) for place in chosen) for chosen in apart)


@given(BLOCKS, st.integers(1, 4), st.integers(1, 4))
def test_the_loudest_places_are_the_best_of_all(heard: list[int], width: int, count: int) -> None:
    """Against all combinations."""
    count = min(count, max(1, len(heard) // width))
    found = loudest_starts(np.array(heard, dtype=float), width * BLOCK_SECONDS, count)
    places = [round(start / BLOCK_SECONDS) for start in found]
    assert len(places) == count
    assert all(b - a >= width for a, b in pairwise(places))
    assert sum(sum(heard[place : place + width]) for place in places) == _best(heard, width, count)


@given(st.floats(0.05, 60), st.floats(0.05, 10), st.integers(1, 30), st.sampled_from(["start", "middle"]))
def test_even_places_lie_in_the_recording_side_by_side(seconds: float, clip: float, number: int, place) -> None:
    """From the start, or with as much left before as after."""
    cut = Cut(seconds=clip, per_recording=number, place=place)
    starts = even_starts(cut, seconds)
    assert len(starts) == clip_count(cut, seconds)
    assert starts[0] >= 0
    assert np.allclose(np.diff(starts), clip)
    left = seconds - starts[-1] - clip
    if place == "middle" and left > 0:
        assert left == pytest.approx(starts[0], abs=1e-9)


def test_an_offset_is_not_loud() -> None:
    """What a converter adds to every sample is not heard: energy is told about the mean of a block."""
    waveform = np.full(16_000, 0.5, dtype=np.float32)
    waveform[8_000:8_800] += 0.1 * np.sin(np.arange(800)).astype(np.float32)
    (start,) = loudest_starts(energies(waveform, 16_000), 0.05, 1)
    assert start == pytest.approx(0.5)
