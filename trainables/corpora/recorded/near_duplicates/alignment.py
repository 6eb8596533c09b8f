"""Whether two recordings are one sound: their waveforms, whitened, lie on each other at some shift.

Source: C. H. Knapp, G. C. Carter, The generalized correlation method for estimation of time delay, IEEE Transactions
on Acoustics, Speech, and Signal Processing 24(4), 1976: cross-correlation of spectra that were made even beforehand
(the "SCOT" weighting, here from smoothed spectra), so that no hum and no pitch that both have speaks for them.
"""

import numpy as np
from numpy.typing import NDArray

from soundproof.trainables.corpora.corpus import Waveform
from soundproof.trainables.corpora.recorded.near_duplicates.fingerprints import HIGHEST_HZ, RATE_HZ, lowered

LEAST_CORRELATION = 0.88
"""Of ESC-10's clips and of spoken digits, copies (MP3 at 64 kbit/s, 6 dB less, 0.3 s later) had at least 0.97, takes
of one digit by one speaker at most 0.81 and unlike clips at most 0.33."""

_LOWEST_HZ = 50
"""Below the fingerprint's bands: where most of two sounds is lower, what little is within these proves nothing."""

_SMOOTHED_HZ = 50
_FLOOR = 1e-3
"""Of the strongest part of the spectrum: what is softer is not made as loud."""

_FINER = 4
"""Steps of a shift between samples."""

_LEAST_COMMON = 0.5
"""Part of the energy of one of both that has to lie where they lie on each other."""

_LEAST_OF_LONGER = 0.02
"""The same of the other: with next to none, rounding decides."""

_TINY = float(np.finfo(np.float64).tiny)


def whitened(mono: Waveform, rate: int) -> NDArray[np.float64]:
    """`mono` (time,) at `RATE_HZ`, all frequencies up to those of the fingerprint about as loud."""
    low = lowered(mono, rate)
    spectrum = np.fft.rfft(low, 2 * len(low))
    power = np.abs(spectrum) ** 2
    width = max(3, round(_SMOOTHED_HZ * 2 * len(low) / RATE_HZ))
    sums = np.cumsum(np.pad(power, (width // 2 + 1, width - width // 2 - 1)))
    smooth = (sums[width:] - sums[:-width]) / width
    hertz = np.arange(len(spectrum)) * RATE_HZ / (2 * len(low))
    within = (hertz >= _LOWEST_HZ) & (hertz <= HIGHEST_HZ)
    scale = np.sqrt(smooth + _FLOOR * smooth[within].max(initial=0.0)) + np.finfo(np.float32).tiny
    even: NDArray[np.float64] = np.fft.irfft(spectrum / scale * within, 2 * len(low))[: len(low)]
    return even


def correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """The largest correlation (0 to 1, of either sign) of two whitened waveforms (time,) over all shifts.

    Shifts count at which half of the energy of one of them lies on the other.
    """
    size = 1 << (len(one) + len(other)).bit_length()
    crossed = np.fft.rfft(one, size).conj() * np.fft.rfft(other, size)
    products = np.abs(np.fft.irfft(crossed, _FINER * size)) * _FINER
    lags = np.round(np.fft.fftfreq(_FINER * size, 1 / size)).astype(np.int64)
    begin = np.clip(-lags, 0, len(one))
    end = np.clip(len(other) - lags, begin, len(one))
    ours, others = (np.concatenate([[0.0], np.cumsum(np.square(wave))]) for wave in (one, other))
    of_one = ours[end] - ours[begin]
    of_other = others[np.clip(end + lags, 0, len(other))] - others[np.clip(begin + lags, 0, len(other))]
    parts = of_one / max(ours[-1], _TINY), of_other / max(others[-1], _TINY)
    counts = (np.maximum(*parts) >= _LEAST_COMMON) & (np.minimum(*parts) >= _LEAST_OF_LONGER)
    scale = np.sqrt(of_one * of_other)
    return float(np.max(products[counts] / scale[counts], initial=0.0))
