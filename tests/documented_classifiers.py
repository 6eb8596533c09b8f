"""The documented classifiers at full size, by variant id, with what they hear."""

from dataclasses import replace
from typing import Any

from soundproof.search_spaces import STUDIES, preset_of
from soundproof.search_spaces.planning import clip_frames
from soundproof.search_spaces.specs import Classifier, Spec, SpeechNetwork

DOCUMENTED_CLASSIFIERS: dict[str, Classifier] = {}
"""The variants that classify, extra ones included; those that differ in recipe or split alone share a network."""

_EXTENTS: dict[str, tuple[int, int]] = {}

_WIDTHS = {"filters", "channels", "units", "dense", "gru_units", "lstm_units", "bottleneck"}

for _study in STUDIES:
    for _variant in _study.variants:
        if not isinstance(_variant.network, SpeechNetwork):
            _preset = preset_of(_study, "documented")
            DOCUMENTED_CLASSIFIERS[_variant.id] = _variant.network
            _EXTENTS[_variant.id] = (clip_frames(_variant.features, _preset), _variant.features.dimensions)


def documented_extent(variant_id: str) -> tuple[int, int]:
    """(frames, dimensions) of what a documented network hears; a waveform's frames are samples."""
    return _EXTENTS[variant_id]


def narrow(value: Any, *, width: bool = False) -> Any:
    """The same spec with every width divided by 8."""
    if isinstance(value, Spec):
        fields = value.__dataclass_fields__
        return replace(value, **{name: narrow(getattr(value, name), width=name in _WIDTHS) for name in fields})
    if isinstance(value, tuple):
        return tuple(narrow(item, width=width) for item in value)
    return max(2, value // 8) if width and isinstance(value, int) else value
