"""Long files sound as short ones do, and are cut where nothing is lost."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from soundproof.search_spaces.specs import Cut
from soundproof.trainables.corpora.recorded.audio_files import read_waveform
from soundproof.trainables.prediction import audio_input
from soundproof.trainables.prediction.audio_input import (
    WHOLE_SECONDS,
    clips,
    own_lengths,
    read_long_waveform,
    utterances,
)


@pytest.mark.parametrize(
    ("rate", "to"),
    [(8000, 8000), (8000, 22050), (11025, 16000), (44100, 22050), (44100, 8000), (192000, 16000), (16001, 8000)],
)
def test_block_by_block_is_the_same_as_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rate: int, to: int
) -> None:
    """Many blocks give the samples of `read_waveform`, at every seam and both ends."""
    monkeypatch.setattr(audio_input, "_BLOCK_SAMPLES", 5000)
    noise = np.random.default_rng(0).uniform(-1, 1, (23457, 2))
    soundfile.write(tmp_path / "noise.wav", noise, rate, subtype="FLOAT")
    expected = read_waveform(tmp_path / "noise.wav", to)
    found = read_long_waveform(tmp_path / "noise.wav", to)
    assert found.shape == expected.shape
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize(("samples", "count"), [(1, 1), (99, 1), (100, 1), (149, 1), (150, 2), (199, 2), (250, 3)])
def test_a_half_window_counts(samples: int, count: int) -> None:
    """Windows of 100: a last one counts from half on, the only one always; what is missing is silence."""
    waveform = np.ones(samples, np.float32)
    cut = list(clips(waveform, Cut(seconds=0.5), 200))
    assert [start for start, _ in cut] == [0.5 * number for number in range(count)]
    assert all(clip.shape == (100,) for _, clip in cut)
    assert sum(clip.sum() for _, clip in cut) == min(samples, 100 * count)


def test_windows_begin_where_those_of_a_corpus_do() -> None:
    """A window of 2.5 s at 11,025 Hz is no whole number of samples: starts do not drift."""
    waveform = np.arange(11025 * 100, dtype=np.float32)
    starts = [clip[0] for _, clip in clips(waveform, Cut(seconds=2.5), 11025)]
    assert starts == [round(number * 2.5 * 11025) for number in range(40)]


def test_speech_is_cut_in_pauses() -> None:
    """Every cut lies in a pause of a tone that pauses every 4 s; the pieces are the whole, in order, none too long."""
    rate = 1000
    time = np.arange(100 * rate) / rate
    speech = np.where(time % 4 < 3.5, np.sin(300 * time), 0).astype(np.float32)
    pieces = utterances(speech, rate)
    assert len(pieces) == 5
    np.testing.assert_array_equal(np.concatenate([piece for _, piece in pieces]), speech)
    for start, piece in pieces[1:]:
        assert 3.5 < start % 4 < 4
        assert 3 * rate <= len(piece) <= WHOLE_SECONDS * rate


@pytest.mark.parametrize("seconds", [30.001, 40, 40.1, 61, 1000])
def test_no_piece_is_too_long_or_too_short(seconds: float) -> None:
    """Whatever the recording is like, here silence and noise."""
    rate = 100
    for scale in (0, 1):
        waveform = np.random.default_rng(1).normal(0, 1, round(seconds * rate) + 1).astype(np.float32) * scale
        lengths = [len(piece) for _, piece in utterances(waveform, rate)]
        assert sum(lengths) == len(waveform)
        assert min(lengths) >= 3 * rate
        assert max(lengths) <= WHOLE_SECONDS * rate


def test_short_speech_stays_whole() -> None:
    """Up to the limit nothing is cut."""
    waveform = np.zeros(round(WHOLE_SECONDS * 100), np.float32)
    ((start, piece),) = utterances(waveform, 100)
    assert start == 0
    assert piece is waveform


@pytest.mark.parametrize(("samples", "pieces"), [(1, 1), (150, 1), (202, 1), (203, 2), (401, 2), (1000, 5)])
def test_own_lengths_are_pieces_no_longer_than_the_longest(samples: int, pieces: int) -> None:
    """Equal up to a sample, in their order, all of the recording; a hundredth more than the longest is not too long."""
    waveform = np.arange(samples, dtype=np.float32)
    found = list(own_lengths(waveform, Cut(seconds=2.0, place="own-length"), 100, least_samples=1))
    assert len(found) == pieces
    np.testing.assert_array_equal(np.concatenate([piece for _, piece in found]), waveform)
    lengths = [len(piece) for _, piece in found]
    assert max(lengths) - min(lengths) <= 1
    assert [start * 100 for start, _ in found] == pytest.approx([piece[0] for _, piece in found])


def test_no_piece_is_too_short_for_the_network() -> None:
    """Where halves would be, the recording stays whole."""
    waveform = np.zeros(230, np.float32)
    cut = Cut(seconds=2.0, place="own-length")
    assert [len(piece) for _, piece in own_lengths(waveform, cut, 100, least_samples=115)] == [115, 115]
    assert [len(piece) for _, piece in own_lengths(waveform, cut, 100, least_samples=116)] == [230]
