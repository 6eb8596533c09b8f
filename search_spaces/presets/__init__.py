"""Three sizes of the same study. A preset changes widths, epochs, features and corpus, never the levels of a factor."""

from dataclasses import replace
from typing import get_args

from soundproof.search_spaces.presets.apart import OneTrialError, as_trained, check_kept_apart, preset_caveats
from soundproof.search_spaces.presets.preset import (
    PURPOSES,
    PlannedTrial,
    Preset,
    expand,
    plan_trial,
    preset_argument,
    spelling_with,
    with_outputs_for,
)
from soundproof.search_spaces.presets.sizes import GENRES, KEYWORDS, SOUNDS, SPEECH, TRACKS
from soundproof.search_spaces.specs import PresetName
from soundproof.search_spaces.studies import Domain, Study

__all__ = [
    "PRESETS",
    "PRESET_NAMES",
    "PURPOSES",
    "OneTrialError",
    "PlannedTrial",
    "Preset",
    "as_trained",
    "caveats_at",
    "check_study",
    "expand",
    "plan_trial",
    "preset_argument",
    "preset_caveats",
    "preset_of",
    "spelling_with",
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
    """The preset of that name in the domain of `study`, fitted to it: what its variants differ in stays different."""
    return PRESETS[study.domain][name].fitted(study)


def check_study(study: Study, preset: Preset) -> None:
    """Raise `OneTrialError` where `preset` makes one trial of two variants of the study. See `check_kept_apart`."""
    check_kept_apart(study, preset, tuple(PRESETS[study.domain].values()))


def caveats_at(study: Study, label: str) -> tuple[str, ...]:
    """What a reader has to know of the size at which a study was run: `preset_caveats` of what the record calls so.

    Nothing is known of a label that no preset has.
    """
    name, _, limit = label.partition("-")
    known = {preset.name: preset for preset in PRESETS[study.domain].values()}
    epochs = limit.removesuffix("-epochs")
    if name not in known or (limit and not epochs.isdecimal()):
        return ()
    preset = known[name]
    return preset_caveats(study, replace(preset, most_epochs=int(epochs)) if limit else preset)
