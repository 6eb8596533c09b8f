"""Mel bands on Slaney's scale: linear in frequency up to 1 kHz, logarithmic above (Auditory Toolbox, 1998).

Worked out in double precision for any Fourier length. torchaudio's filters take the last bin for half the sampling
rate, which it is not when the length is odd, and warn of empty bands.
"""

import math

import numpy as np
from numpy.typing import NDArray

_KNEE_HZ = 1000.0
_MELS_PER_HZ = 3 / 200
_KNEE_MEL = _KNEE_HZ * _MELS_PER_HZ
_MELS_PER_NEPER = 27 / math.log(6.4)


def slaney_filters(sample_rate_hz: int, fourier_length: int, bands: int) -> NDArray[np.float32]:
    """Triangular filters from 0 Hz to half the rate, each of area 1 over frequency in hertz, (bins, bands).

    Equal to librosa's `filters.mel`, transposed. A band narrower than the spacing of the bins may be zero throughout.
    """
    bins_hz = np.arange(fourier_length // 2 + 1) * (sample_rate_hz / fourier_length)
    corners_hz = _to_hz(np.linspace(0, _to_mel(sample_rate_hz / 2), bands + 2))
    low, centre, high = corners_hz[:-2], corners_hz[1:-1], corners_hz[2:]
    rising = (bins_hz[:, None] - low) / (centre - low)
    falling = (high - bins_hz[:, None]) / (high - centre)
    triangles = np.maximum(0, np.minimum(rising, falling))
    filters: NDArray[np.float32] = (triangles * 2 / (high - low)).astype(np.float32)
    return filters


def _to_mel(hz: float) -> float:
    return hz * _MELS_PER_HZ if hz < _KNEE_HZ else _KNEE_MEL + _MELS_PER_NEPER * math.log(hz / _KNEE_HZ)


def _to_hz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    above = _KNEE_HZ * np.exp((mels - _KNEE_MEL) / _MELS_PER_NEPER)
    return np.where(mels < _KNEE_MEL, mels / _MELS_PER_HZ, above)
