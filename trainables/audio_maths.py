"""torchaudio's transforms and functions, imported safely.

The published torchaudio wheel carries an extension built for CUDA, which cannot be loaded beside a CPU-only torch. Its
pure-Python parts work without it, so the extension is treated as absent where loading it fails. Everything in the
project imports torchaudio from here.
"""

import importlib
import sys

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

__all__ = ["functional", "resample", "transforms"]


def resample(waveform: NDArray[np.float32], from_hz: int, to_hz: int) -> NDArray[np.float32]:
    """`waveform` (samples) at another rate, band-limited by a windowed sinc."""
    if from_hz == to_hz:
        return waveform
    resampled: NDArray[np.float32] = functional.resample(torch.from_numpy(waveform), from_hz, to_hz).numpy()
    return resampled
