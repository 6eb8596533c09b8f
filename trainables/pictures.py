"""Pictures of features and signals by matplotlib, without a screen and without pyplot's global state.

Everything that makes, fills or writes a figure belongs inside `picture_style`.
"""

import io
import warnings
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, assert_never

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from numpy.typing import NDArray
from PIL import Image

from soundproof.search_spaces import specs
from soundproof.search_spaces.specs.features import CentredFeatures, SpeechFeatures

ON_ANY_PAGE = "#757b85"
"""Lines and letters that can be read on a light page and on a dark one."""
ON_WHITE = "#30343b"
ACCENT = "#2f86cc"
_DOTS_PER_INCH = 100
_LEFT, _RIGHT, _BOTTOM, _TOP = 62, 14, 42, 22
"""Margins in pixels."""
_COLOURS = 128


def picture_style(ink: str) -> AbstractContextManager[None]:
    """Lines and letters in the colour `ink`; what users set for matplotlib does not show."""
    inked: Any = dict.fromkeys(
        ("axes.edgecolor", "axes.labelcolor", "axes.titlecolor", "text.color", "xtick.color", "ytick.color"), ink
    )
    return mpl.rc_context({"font.size": 8.0, "text.usetex": False, "axes.linewidth": 0.6} | inked)


@dataclass(frozen=True, kw_only=True, slots=True)
class FeatureScale:
    """Where the frames and dimensions of a feature lie: edges in seconds and in the unit of `dimension`."""

    seconds: tuple[float, float]
    dimensions: tuple[float, float]
    dimension: str
    value: str


def feature_scale(features: specs.Features, frames: int) -> FeatureScale:
    """The scale of `features` with so many frames."""
    rate = features.sample_rate_hz
    match features:
        case specs.RawWaveform():
            return FeatureScale(seconds=(0.0, frames / rate), dimensions=(-0.5, 0.5), dimension="", value="amplitude")
        case specs.LogSpectrogram() | specs.Mfcc() | specs.LifteredMfcc():
            step = specs.step_samples(features) / rate
            first = (specs.window_samples(features) / rate - step) / 2
        case specs.MelSpectrogram() | specs.MelCepstrum():
            step = features.hop_samples / rate
            first = -step / 2
        case _:
            assert_never(features)
    edges, dimension, value = _dimension_scale(features)
    return FeatureScale(seconds=(first, first + frames * step), dimensions=edges, dimension=dimension, value=value)


def _dimension_scale(
    features: SpeechFeatures | CentredFeatures,
) -> tuple[tuple[float, float], str, str]:
    kilohertz = features.sample_rate_hz / 2000
    match features:
        case specs.LogSpectrogram():
            return (0.0, kilohertz), "frequency (kHz)", "dB"
        case specs.MelSpectrogram():
            return (0.5, features.mel_bands + 0.5), f"mel band (0\N{EN DASH}{kilohertz:.3g} kHz)", "dB"
        case specs.Mfcc() | specs.LifteredMfcc() | specs.MelCepstrum():
            return (-0.5, features.coefficients - 0.5), "coefficient", "value"


def shown_values(values: NDArray[np.float32], features: specs.Features) -> NDArray[np.float32]:
    """`values` (frames, dimensions) of `features` in the unit of their scale: powers in decibels.

    Mel powers at most 80 below the loudest, as where the features themselves are in decibels.
    """
    match features:
        case specs.LogSpectrogram():
            return values * np.float32(10 / np.log(10))
        case specs.MelSpectrogram(scale="power"):
            decibels: NDArray[np.float32] = 10 * np.log10(np.maximum(values, np.float32(1e-10)))
            audible: NDArray[np.float32] = np.maximum(decibels, decibels.max() - 80)
            return audible
        case _:
            return values


def new_figure(width_pixels: int, height_pixels: int, rows: int = 1) -> tuple[Figure, list[Axes]]:
    """An empty figure and its `rows` axes, top to bottom. Margins are fixed: a layout engine takes half of the time."""
    size = (width_pixels / _DOTS_PER_INCH, height_pixels / _DOTS_PER_INCH)
    figure = Figure(figsize=size, dpi=_DOTS_PER_INCH, facecolor="none")
    margins = {name: pixels / width_pixels for name, pixels in (("left", _LEFT), ("right", width_pixels - _RIGHT))}
    margins |= {name: pixels / height_pixels for name, pixels in (("bottom", _BOTTOM), ("top", height_pixels - _TOP))}
    grid = figure.subplots(rows, 1, squeeze=False, gridspec_kw={"hspace": 0.35, **margins})
    axes: list[Axes] = list(grid[:, 0])
    for place in axes:
        place.set_facecolor("none")
    return figure, axes


def draw_feature(axes: Axes, values: NDArray[np.float32], scale: FeatureScale, *, colours: str) -> AxesImage:
    """`values` (frames, dimensions) as an image, time to the right and the first dimension at the bottom."""
    image = axes.imshow(
        values.T, origin="lower", aspect="auto", cmap=colours, extent=(*scale.seconds, *scale.dimensions)
    )
    axes.set_xlabel("time (s)")
    axes.set_ylabel(scale.dimension)
    return image


def draw_signal(axes: Axes, signal: NDArray[np.float32], scale: FeatureScale, *, colour: str = ACCENT) -> None:
    """A waveform (samples,) as the lowest and highest value of every stretch of it."""
    columns = min(len(signal), 600)
    stretches = np.array_split(signal, columns)
    start, stop = scale.seconds
    times = start + (np.arange(columns) + 0.5) * (stop - start) / columns
    low, high = [part.min() for part in stretches], [part.max() for part in stretches]
    axes.fill_between(times, low, high, color=colour, linewidth=0.6)
    axes.set_xlim(start, stop)
    axes.set_xlabel("time (s)")
    axes.set_ylabel(scale.value)


def add_title(axes: Axes, text: str) -> None:
    """`text` above `axes`, to the letter: dollar signs begin no formula."""
    axes.set_title(as_text(text), loc="left", fontsize=9)


def as_text(text: str) -> str:
    """`text` for matplotlib, on one line, with dollar signs that stay dollar signs."""
    visible = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)
    return visible.replace("$", r"\$")


def png(figure: Figure, *, on_white: bool = False) -> bytes:
    """The figure as a PNG file: transparent and of few colours, or on white for whoever shows it alone."""
    canvas = FigureCanvasAgg(figure)
    figure.set_facecolor("white" if on_white else "none")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")  # a name in a script that the font lacks
        canvas.draw()  # type: ignore[no-untyped-call]
    pixels = Image.fromarray(np.asarray(canvas.buffer_rgba()))  # type: ignore[no-untyped-call]
    buffer = io.BytesIO()
    small = pixels.convert("RGB") if on_white else pixels.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE)
    small.save(buffer, format="png")
    return buffer.getvalue()
