"""Examples of a corpus to look at and to listen to."""

import base64
import io
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import soundfile
import torch
from matplotlib.axes import Axes

from soundproof.search_spaces.specs import Features, LogSpectrogram, MelCepstrum, MelSpectrogram, RawWaveform
from soundproof.trainables.corpora.corpus import Corpus, Example, Waveform
from soundproof.trainables.features.extraction import extract
from soundproof.trainables.pictures import (
    ACCENT,
    ON_ANY_PAGE,
    add_title,
    draw_feature,
    draw_signal,
    feature_scale,
    new_figure,
    picture_style,
    png,
    shown_values,
)

SAMPLE_RATE_HZ = 16000
LONGEST_SECONDS = 5.0
_WIDTH, _HEIGHT = 400, 170
_FEATURES: dict[str, Features] = {
    "Log spectrogram": LogSpectrogram(sample_rate_hz=SAMPLE_RATE_HZ),
    "Mel spectrogram": MelSpectrogram(
        sample_rate_hz=SAMPLE_RATE_HZ, window_samples=1024, hop_samples=256, mel_bands=64
    ),
    "MFCC": MelCepstrum(
        sample_rate_hz=SAMPLE_RATE_HZ, window_samples=1024, hop_samples=256, mel_bands=64, coefficients=20
    ),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """A PNG in base64 and what it shows."""

    name: str
    data: str
    width: int = _WIDTH
    height: int = _HEIGHT


@dataclass(frozen=True, kw_only=True, slots=True)
class Specimen:
    """An example as the page shows it: its beginning as pictures, and as a WAV file in base64."""

    example: Example
    seconds: float
    shortened: bool
    pictures: tuple[Picture, ...]
    audio: str


def first_of_each(values: Sequence[Collection[str]], limit: int) -> list[int]:
    """The index of the first example that has each of the values, by value, of at most `limit` of them, each once."""
    firsts: dict[str, int] = {}
    for index, those in enumerate(values):
        for value in those:
            firsts.setdefault(value, index)
    return list(dict.fromkeys(firsts[value] for value in sorted(firsts)[:limit]))


def specimens(corpus: Corpus, indices: Sequence[int]) -> Iterator[Specimen]:
    """The examples at `indices`. Raises `CorpusError` where one cannot be read."""
    longest = round(LONGEST_SECONDS * SAMPLE_RATE_HZ)
    for index, waveform in zip(indices, corpus.waveforms(indices, SAMPLE_RATE_HZ), strict=True):
        beginning = np.ascontiguousarray(waveform[:longest])
        yield Specimen(
            example=corpus.examples[index],
            seconds=len(waveform) / SAMPLE_RATE_HZ,
            shortened=len(waveform) > longest,
            pictures=tuple(_pictures(beginning)),
            audio=base64.b64encode(_wav(beginning)).decode("ascii"),
        )


def _pictures(waveform: Waveform) -> Iterator[Picture]:
    """A feature of which the waveform has no window is left out."""
    drawings: dict[str, Callable[[Axes], None]] = {
        "Waveform": partial(_draw_waveform, waveform),
        "Spectrum": partial(_draw_spectrum, waveform),
    }
    for name, features in _FEATURES.items():
        values = extract(torch.from_numpy(waveform), features).numpy()
        if len(values) > 0:
            drawings[name] = partial(_draw_features, values, features)
    with picture_style(ON_ANY_PAGE):
        for name, draw in drawings.items():
            figure, (axes,) = new_figure(_WIDTH, _HEIGHT)
            draw(axes)
            add_title(axes, name)
            yield Picture(name=name, data=base64.b64encode(png(figure)).decode("ascii"))


def _draw_waveform(waveform: Waveform, axes: Axes) -> None:
    draw_signal(axes, waveform, feature_scale(RawWaveform(sample_rate_hz=SAMPLE_RATE_HZ), len(waveform)))


def _draw_spectrum(waveform: Waveform, axes: Axes) -> None:
    """Magnitudes over frequency, in decibels below the largest; the loudest of every stretch of bins."""
    magnitudes = np.abs(np.fft.rfft(waveform))
    stretches = np.array_split(magnitudes, min(len(magnitudes), 400))
    peaks = np.array([stretch.max() for stretch in stretches])
    decibels = 20 * np.log10(np.maximum(peaks, 1e-10) / max(peaks.max(), 1e-10))
    axes.plot(np.linspace(0, SAMPLE_RATE_HZ / 2000, len(decibels)), decibels, color=ACCENT, linewidth=0.8)
    axes.set(xlabel="frequency (kHz)", ylabel="magnitude (dB)", ylim=(-100, 5), xlim=(0, SAMPLE_RATE_HZ / 2000))


def _draw_features(values: Waveform, features: Features, axes: Axes) -> None:
    scale = feature_scale(features, len(values))
    image = draw_feature(axes, shown_values(values, features), scale, colours="magma")
    if isinstance(features, MelCepstrum):  # the first coefficient, the level, would leave no colours to the others
        image.set_clim(*np.percentile(values[:, 1:], (1, 99)))
    axes.figure.colorbar(image, ax=axes, label=scale.value)


def _wav(waveform: Waveform) -> bytes:
    """16-bit mono WAV."""
    buffer = io.BytesIO()
    samples = np.round(np.clip(waveform, -1, 1) * 32767).astype(np.int16)
    soundfile.write(buffer, samples, SAMPLE_RATE_HZ, format="WAV", subtype="PCM_16")
    return buffer.getvalue()
