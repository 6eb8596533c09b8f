"""What synthesised sounds are made of: coloured noise, harmonic tones, ringing, and a background to hear them in."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft

from soundproof.trainables.corpora.corpus import Waveform

Signal = NDArray[np.float64]

AUDIBLE = 0.01
"""Part of the peak above which a sample is not silence."""


def add_background(signal: Signal, generator: np.random.Generator, sample_rate_hz: int, snr_db: float) -> Waveform:
    """`signal` in noise of a drawn colour, its peak at a drawn level, 1 to 20 dB below full scale.

    `snr_db` compares the noise with the samples of `signal` that are audible; all zeros give the noise alone.
    """
    audible = signal[np.abs(signal) > AUDIBLE * np.abs(signal).max()]
    power = float(np.mean(audible**2)) if len(audible) else 1.0
    noise = coloured_noise(len(signal), generator, sample_rate_hz, generator.uniform(-6, 0))
    mixed = signal + noise * np.sqrt(power / 10 ** (snr_db / 10))
    peak = 10 ** (generator.uniform(-20, -1) / 20)
    return np.asarray(mixed * (peak / np.abs(mixed).max()), dtype=np.float32)


def coloured_noise(
    samples: int,
    generator: np.random.Generator,
    sample_rate_hz: int,
    db_per_octave: float,
    band_hz: tuple[float, float] = (30, 24000),
) -> Signal:
    """Noise of unit power that slopes by `db_per_octave`, and by 18 dB an octave more outside `band_hz`."""
    length = next_fast_len(max(64, samples), real=True)  # a transform of prime length takes ten times as long
    spectrum = rfft(generator.standard_normal(length))
    octaves = np.log2(np.arange(1, len(spectrum)) * (sample_rate_hz / length))
    low, high = np.log2(band_hz)
    outside = np.clip(low - octaves, 0, None) + np.clip(octaves - high, 0, None)
    spectrum[1:] *= 10 ** ((db_per_octave * octaves - 18 * outside) / 20)
    spectrum[0] = 0
    noise = irfft(spectrum, length)
    return np.asarray(noise[:samples] / noise.std())


def harmonic_tone(frequency_hz: Signal, amplitudes: Sequence[float] | Signal, sample_rate_hz: int) -> Signal:
    """Sines at the multiples of `frequency_hz` `(samples,)`, as many as `amplitudes`; those too high are left out."""
    phase = np.cumsum(frequency_hz) * (2 * np.pi / sample_rate_hz)
    twice_cosine, previous, current = 2 * np.cos(phase), np.zeros(len(phase)), np.sin(phase)
    tone = np.zeros(len(phase))
    for number, amplitude in enumerate(amplitudes, start=1):
        if number * frequency_hz.max() < sample_rate_hz / 2:
            tone += amplitude * current
        previous, current = current, twice_cosine * current - previous
    return tone


def ring(sample_rate_hz: int, frequency_hz: float, decay_seconds: float) -> Signal:
    """A resonance that dies away, six times `decay_seconds` long; frequencies too high come down below Nyquist."""
    time = np.arange(1, max(2, round(6 * decay_seconds * sample_rate_hz))) / sample_rate_hz
    tone = np.sin(2 * np.pi * min(frequency_hz, 0.45 * sample_rate_hz) * time)
    return np.asarray(tone * np.exp(-time / decay_seconds))
