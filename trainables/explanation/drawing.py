"""Attribution maps over the features of a clip."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.image import AxesImage
from numpy.typing import NDArray

from soundproof.search_spaces.specs import Features, RawWaveform
from soundproof.trainables import pictures

_WIDTH, _HEIGHT = 760, 560
_COLUMNS = 400
_MOST_OPAQUE = 0.85
Values = NDArray[np.float32]


def explanation_picture(values: Values, weights: Values, features: Features, title: str) -> bytes:
    """A PNG: the feature `values` (frames, dimensions) alone, and below with `weights` of the same shape over it.

    `weights` lie in 0..1, where 1 is drawn opaque.
    """
    with pictures.picture_style(pictures.ON_WHITE):
        return _picture(values, weights, features, title)


def _picture(values: Values, weights: Values, features: Features, title: str) -> bytes:
    figure, (above, below) = pictures.new_figure(_WIDTH, _HEIGHT, rows=2)
    scale = pictures.feature_scale(features, len(values))
    if isinstance(features, RawWaveform):
        pictures.draw_signal(above, values[:, 0], scale)
        image = _over_signal(below, values[:, 0], weights[:, 0], scale)
    else:
        shown = pictures.shown_values(values, features)
        feature = pictures.draw_feature(above, shown, scale, colours="gray")
        figure.colorbar(feature, ax=above, label=scale.value)
        pictures.draw_feature(below, shown, scale, colours="gray")
        image = pictures.draw_feature(below, weights, scale, colours="inferno")
        image.set_alpha(_MOST_OPAQUE * np.ascontiguousarray(weights.T, dtype=np.float64))
    image.set_norm(Normalize(0, 1))
    figure.colorbar(ScalarMappable(image.norm, "inferno"), ax=below, label="share of the largest")
    pictures.add_title(above, title)
    return pictures.png(figure, on_white=True)


def _over_signal(axes: Axes, signal: Values, weights: Values, scale: pictures.FeatureScale) -> AxesImage:
    """The waveform before a strip of the largest weight in every stretch of it."""
    strip = np.array([part.max() for part in np.array_split(weights, min(len(weights), _COLUMNS))])
    peak = max(1e-3, float(np.abs(signal).max()))
    extent = (*scale.seconds, -peak, peak)
    image = axes.imshow(strip[None], aspect="auto", cmap="inferno", alpha=_MOST_OPAQUE * strip[None], extent=extent)
    pictures.draw_signal(axes, signal, scale, colour=pictures.ON_WHITE)
    return image
