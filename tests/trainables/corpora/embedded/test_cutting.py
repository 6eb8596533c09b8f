"""Cutting made recordings into clips: exact lengths at any rate, in range, each recording made once."""

import subprocess
import sys

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from soundproof.search_spaces.specs import Cut, SyntheticGenres
from soundproof.trainables.audio_maths import resample
from soundproof.trainables.corpora.corpus import Waveform
from soundproof.trainables.corpora.embedded.cutting import RENDERING_RATE_HZ, RenderedCorpus, cut_recording

PLANNING = """
import sys
from soundproof.search_spaces.presets import PRESETS
from soundproof.trainables.corpora.embedded.synthetic_genres import make_synthetic_genres
from soundproof.trainables.corpora.embedded.synthetic_keywords import make_synthetic_keywords
from soundproof.trainables.corpora.embedded.synthetic_sounds import make_synthetic_sounds
make_synthetic_genres(PRESETS["genres"]["quick"].corpus)
make_synthetic_keywords(PRESETS["keywords"]["quick"].corpus)
make_synthetic_sounds(PRESETS["sounds"]["quick"].corpus)
print("torch" in sys.modules)
"""


@settings(max_examples=60, deadline=None)
@given(st.floats(0.05, 3), st.integers(1, 7), st.sampled_from([8000, 11025, 16000, 22050, 32000, 44100, 48000]))
def test_clips_have_exactly_the_length_of_the_spec(seconds: float, pieces: int, rate_hz: int) -> None:
    """Whatever the rounding of the recording and of its resampling, every clip is as long as the next, and in range."""
    recording = np.sign(np.sin(np.arange(round(seconds * pieces * RENDERING_RATE_HZ)) / 9)).astype(np.float32)
    clips = cut_recording(recording, Cut(seconds=seconds, per_recording=pieces), rate_hz)
    assert [clip.shape for clip in clips] == [(round(seconds * rate_hz),)] * pieces
    assert all(clip.dtype == np.float32 and np.abs(clip).max() <= 1 for clip in clips)


def test_pieces_follow_one_another_in_the_resampled_recording() -> None:
    """Side by side the clips are the recording as another rate hears it."""
    recording = np.random.default_rng(0).uniform(-0.2, 0.2, 3 * RENDERING_RATE_HZ).astype(np.float32)
    clips = cut_recording(recording, Cut(seconds=0.5, per_recording=6), 8000)
    assert np.array_equal(np.concatenate(clips), resample(recording, RENDERING_RATE_HZ, 8000))


def test_a_recording_is_made_once_for_clips_in_a_row() -> None:
    """Reading all clips in their order makes each recording once; a jump back makes it again, alike."""
    made = []

    def render(_: SyntheticGenres, number: int) -> Waveform:
        made.append(number)
        return np.full(RENDERING_RATE_HZ, number / 10, np.float32)

    spec = SyntheticGenres(cut=Cut(seconds=0.25, per_recording=4), tracks_per_genre=3)
    corpus = RenderedCorpus(spec=spec, examples=(), sources=range(3), render=render)
    heard = [float(clip.mean()) for clip in corpus.waveforms(range(12), RENDERING_RATE_HZ)]
    assert np.allclose(heard, np.repeat([0, 0.1, 0.2], 4))
    assert made == [0, 1, 2]
    jumping = [float(clip.mean()) for clip in corpus.waveforms([11, 0, 1, 10], RENDERING_RATE_HZ)]
    assert np.allclose(jumping, [0.2, 0, 0, 0.2])
    assert made == [0, 1, 2, 2, 0, 2]


def test_planning_a_corpus_loads_no_torch() -> None:
    """`plan` counts clips of embedded corpora in a process that never waits for torch."""
    process = subprocess.run([sys.executable, "-c", PLANNING], check=True, capture_output=True, text=True)
    assert process.stdout.strip() == "False"
