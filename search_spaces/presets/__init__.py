"""Three sizes of the same study. A preset changes widths, epochs, features and corpus, never the levels of a factor."""

from typing import get_args

from soundproof.search_spaces.presets.preset import (
    PURPOSES,
    PlannedTrial,
    Preset,
    expand,
    plan_trial,
    preset_argument,
    with_outputs_for,
)
from soundproof.search_spaces.presets.sizes import GENRES, KEYWORDS, SOUNDS, SPEECH, TRACKS
from soundproof.search_spaces.specs import PresetName
from soundproof.search_spaces.studies import Domain, Study

__all__ = [
    "PRESETS",
    "PRESET_NAMES",
    "PURPOSES",
    "PlannedTrial",
    "Preset",
    "expand",
    "plan_trial",
    "preset_argument",
    "preset_of",
    "with_outputs_for",
]

PRESET_NAMES: tuple[PresetName, ...] = get_args(PresetName)

PRESETS: dict[Domain, dict[PresetName, Preset]] = {
    "speech": {preset.name: preset for preset in SPEECH},
    "sounds": {preset.name: preset for preset in SOUNDS},
    "genres": {preset.name: preset for preset in GENRES},
    "tracks": {preset.name: preset for preset in TRACKS},
    "keywords": {preset.name: preset for preset in KEYWORDS},
}


def preset_of(study: Study, name: PresetName) -> Preset:
    """The preset of that name in the domain of `study`."""
    return PRESETS[study.domain][name]
