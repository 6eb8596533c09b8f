"""A fingerprint of what a recording sounds like: bits that level, compression and the sampling rate leave alone.

Source: J. Haitsma, T. Kalker, A highly robust audio fingerprinting system, ISMIR 2002: 33 bands of equal width on a
logarithmic scale from 300 to 2000 Hz, at 5 kHz; a bit says whether the difference in energy of two neighbouring bands
grows from a frame to the next. Frames are shorter here (0.2 s in place of 0.37 s), since recordings may be short.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundproof.trainables.corpora.corpus import Waveform

RATE_HZ = 5000
"""What is compared lies below half of it."""

HOP_SAMPLES = 64
LOWEST_HZ, HIGHEST_HZ = 300, 2000
WEAK_BITS = 3
"""Bits of each frame that are remembered as the likeliest to turn over."""

_FRAME_SAMPLES = 1024
_BANDS = 33
_EDGES = np.round(
    LOWEST_HZ * (HIGHEST_HZ / LOWEST_HZ) ** (np.arange(_BANDS + 1) / _BANDS) * _FRAME_SAMPLES / RATE_HZ
).astype(int)
_WINDOW = np.hanning(_FRAME_SAMPLES).astype(np.float32)

_LEAST_LOW = 0.01
"""Of a recording's power, that has to lie below half of `RATE_HZ`."""

_SOFTEST = 1e-4
"""Of the energy of the loudest frame: below it is what the recording's place sounds like, or its compression."""

_SILENT = 1e-3
"""Energy of a frame about that of noise of one step of 16 bits, in which nothing can be told."""

_STEADY = 1e-6
"""Of a frame's energy, the typical change from the frame before: less is rounding, as in a tone that stays."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Fingerprint:
    """Frames (n,): 32 `bits` each, whether it is `heard`, and its `weak` bits (n, WEAK_BITS), one set in each."""

    bits: NDArray[np.uint32]
    heard: NDArray[np.bool_]
    weak: NDArray[np.uint32]


def lowered(mono: Waveform, rate: int) -> Waveform:
    """`mono` (time,) at `RATE_HZ`, without what lies beyond half of it."""
    seconds = -(-len(mono) // rate) + 1  # whole ones, so that the ratio of both lengths is that of both rates
    spectrum = np.fft.rfft(mono, seconds * rate)[: seconds * RATE_HZ // 2 + 1]
    low = np.fft.irfft(spectrum, seconds * RATE_HZ)[: max(1, len(mono) * RATE_HZ // rate)]
    scaled: Waveform = (low * (RATE_HZ / rate)).astype(np.float32)
    return scaled


def fingerprint(mono: Waveform, rate: int) -> Fingerprint:
    """The fingerprint of `mono` (time,).

    Nothing is heard in it where the rate cannot hold the bands, or next to nothing of the sound lies in them, as of
    crickets: what is left there is edges and rounding, which are alike in any recording.
    """
    low = lowered(mono, rate)
    if rate < 2 * HIGHEST_HZ or _power(low) < _LEAST_LOW * _power(mono):
        low = np.zeros(1, dtype=np.float32)
    energies = _band_energies(low)
    across = energies[:, :-1] - energies[:, 1:]
    change = across[1:] - across[:-1]
    sums = energies.sum(axis=1)
    sums = np.maximum(sums[1:], sums[:-1])
    size = np.abs(change)
    heard = (sums > max(_SILENT, _SOFTEST * float(sums.max()))) & (np.median(size, axis=1) > _STEADY * sums)
    powers = np.uint32(1) << np.arange(_BANDS - 1, dtype=np.uint32)
    return Fingerprint(
        bits=((change > 0) * powers).sum(axis=1, dtype=np.uint32),
        heard=heard,
        weak=powers[np.argpartition(size, WEAK_BITS, axis=1)[:, :WEAK_BITS]],
    )


def _power(waveform: Waveform) -> float:
    return float(np.mean(np.square(waveform, dtype=np.float64))) if len(waveform) else 0.0


def _band_energies(low: Waveform) -> NDArray[np.float32]:
    """Energies (frames, bands) of a waveform (time,) at `RATE_HZ`, silence before and after it."""
    padded = np.pad(low, _FRAME_SAMPLES)
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FRAME_SAMPLES)[::HOP_SAMPLES]
    spectrum = np.fft.rfft(frames * _WINDOW, axis=1)[:, : _EDGES[-1]]
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    summed: NDArray[np.float32] = np.add.reduceat(power, _EDGES[:-1], axis=1)
    return summed


def bit_error_rate(one: Fingerprint, other: Fingerprint, lag: int) -> float:
    """The share of bits that differ where both are heard, frame `i` of `one` beside frame `i + lag` of `other`.

    It is 1 where that is less than half of what is heard of either.
    """
    begin, end = max(0, -lag), min(len(one.bits), len(other.bits) - lag)
    if end <= begin:
        return 1.0
    both = one.heard[begin:end] & other.heard[begin + lag : end + lag]
    frames = int(both.sum())
    if 2 * frames < min(one.heard.sum(), other.heard.sum()) or not frames:
        return 1.0
    differing = one.bits[begin:end][both] ^ other.bits[begin + lag : end + lag][both]
    return int(np.unpackbits(differing.view(np.uint8)).sum()) / (32 * frames)
