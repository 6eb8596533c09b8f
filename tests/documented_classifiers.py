"""The documented classifiers at full size, by variant id, with what they hear."""

from __future__ import annotations

from search_spaces import STUDIES, preset_of
from search_spaces.planning import clip_frames
from search_spaces.specs import Classifier, SpeechNetwork

DOCUMENTED_CLASSIFIERS: dict[str, Classifier] = {}
"""The variants that classify, extra ones included; those that differ in recipe or split alone share a network."""

_EXTENTS: dict[str, tuple[int, int]] = {}

for _study in STUDIES:
    for _variant in _study.variants:
        if not isinstance(_variant.network, SpeechNetwork):
            _preset = preset_of(_study, "documented")
            DOCUMENTED_CLASSIFIERS[_variant.id] = _variant.network
            _EXTENTS[_variant.id] = (clip_frames(_variant.features, _preset), _variant.features.dimensions)


def documented_extent(variant_id: str) -> tuple[int, int]:
    """(frames, dimensions) of what a documented network hears; a waveform's frames are samples."""
    return _EXTENTS[variant_id]
