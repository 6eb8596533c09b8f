"""torchaudio's transforms and functions, imported safely.

The published torchaudio wheel carries an extension built for CUDA, which cannot be loaded beside a CPU-only torch. Its
pure-Python parts work without it, so the extension is treated as absent where loading it fails. Everything in the
project imports torchaudio from here.
"""

import importlib
import sys
from fractions import Fraction
from functools import lru_cache

try:
    importlib.import_module("torchaudio")
except OSError:
    # Python keeps the submodules that were imported before the failure: the loader among them gets a function that
    # finds nothing.
    loader = sys.modules["torchaudio._extension.utils"]
    loader._load_lib = lambda _library: False  # type: ignore[attr-defined]
    importlib.import_module("torchaudio")

import numpy as np
import torch
from numpy.typing import NDArray
from torchaudio import functional, transforms

__all__ = ["embedded_resampler", "functional", "recording_resampler", "resample", "transforms"]


@lru_cache(maxsize=4)
def recording_resampler(ratio: Fraction) -> transforms.Resample:
    """The filter that makes `ratio` samples of each one of a recording: the one way in which files are resampled.

    A windowed sinc of 64 zero crossings a side. Measured from 44,100 to 16,000 Hz: 0.0 dB up to 7,200 Hz, -3.2 dB at
    7,500, -67 dB at 7,900, and -109 dB or less from 8,050 Hz on, that is beyond half of the lower rate.
    """
    return transforms.Resample(
        ratio.denominator,
        ratio.numerator,
        resampling_method="sinc_interp_kaiser",
        lowpass_filter_width=64,
        rolloff=0.945,
        beta=10.06,
    )


@lru_cache(maxsize=4)
def embedded_resampler(ratio: Fraction) -> transforms.Resample:
    """The filter of `resample`: what was trained on an embedded corpus hears files through it too."""
    return transforms.Resample(ratio.denominator, ratio.numerator)


def resample(waveform: NDArray[np.float32], from_hz: int, to_hz: int) -> NDArray[np.float32]:
    """`waveform` (samples) at another rate, band-limited by torchaudio's default sinc of 6 zero crossings a side.

    Embedded corpora alone are made so: it is a part of how they sound, and lets frequencies up to a sixth beyond half
    of the new rate come back. Recordings are resampled by `recording_resampler`.
    """
    if from_hz == to_hz:
        return waveform
    resampled: NDArray[np.float32] = functional.resample(torch.from_numpy(waveform), from_hz, to_hz).numpy()
    return resampled
