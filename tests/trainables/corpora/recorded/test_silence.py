"""Recordings of which nothing is heard: named, and told from those that are quiet."""

from pathlib import Path

import numpy as np
import soundfile

from soundproof.trainables.corpora.recorded.silence import listen

RATE = 8000


def _noise(level: float) -> np.ndarray:
    return np.random.default_rng(0).uniform(-level, level, RATE)


def _write(folder: Path, name: str, samples: np.ndarray) -> Path:
    soundfile.write(folder / name, samples, RATE, subtype="FLOAT")
    return folder / name


def test_silence_and_channels_that_cancel_are_told_apart(tmp_path: Path) -> None:
    """A quiet recording is neither, nor is one with one silent channel."""
    loud = _noise(0.5)
    paths = [
        _write(tmp_path, "loud.wav", loud),
        _write(tmp_path, "quiet.wav", _noise(0.001)),
        _write(tmp_path, "left.wav", np.stack([loud, 0 * loud], axis=1)),
        _write(tmp_path, "mute.wav", 0 * loud),
        _write(tmp_path, "hum.wav", 0.00005 * loud),
        _write(tmp_path, "cancels.wav", np.stack([loud, -loud], axis=1)),
    ]
    silent, cancelling = listen(tmp_path, paths).remarks()
    assert silent.text.startswith("2 recordings of 6 are silent (hum.wav, mute.wav)")
    assert cancelling.text.startswith(
        "1 recording of 6 is silent as heard, the mean of channels that cancel (cancels.wav)"
    )
    assert list(listen(tmp_path, paths[:3]).remarks()) == []


def test_a_sample_of_a_large_corpus_says_so(tmp_path: Path) -> None:
    """Every second one here."""
    paths = [_write(tmp_path, f"{number}.wav", np.zeros(80)) for number in range(6)]
    (remark,) = listen(tmp_path, paths, most=3).remarks()
    assert remark.text.startswith("3 recordings of 3 listened to, of 6 are silent (0.wav, 2.wav, 4.wav)")
