"""What can vary: specs, claims, studies, search spaces, presets, and what follows from them by arithmetic.

Standard library only.
"""

if __name__ != "soundproof.search_spaces":
    raise ImportError("this folder is a part of the package soundproof: import soundproof.search_spaces")


from soundproof.search_spaces.catalogue import UnknownNameError, find_space, find_study
from soundproof.search_spaces.claims import (
    BestOf,
    Better,
    Claim,
    ConfoundedEffect,
    Degree,
    Either,
    Equivalent,
    Faster,
    Infeasible,
    Interaction,
    Larger,
    MainEffect,
    Measure,
    Monotone,
    NoInteraction,
    NoLoss,
    NotBetter,
    ReachesSooner,
    WorstOf,
)
from soundproof.search_spaces.documented import STUDIES
from soundproof.search_spaces.open_spaces import SPACES
from soundproof.search_spaces.presets import PRESET_NAMES, PRESETS, PlannedTrial, Preset, expand, preset_of
from soundproof.search_spaces.spaces import SearchSpace
from soundproof.search_spaces.studies import Level, Study, Variant

__all__ = [
    "PRESETS",
    "PRESET_NAMES",
    "SPACES",
    "STUDIES",
    "BestOf",
    "Better",
    "Claim",
    "ConfoundedEffect",
    "Degree",
    "Either",
    "Equivalent",
    "Faster",
    "Infeasible",
    "Interaction",
    "Larger",
    "Level",
    "MainEffect",
    "Measure",
    "Monotone",
    "NoInteraction",
    "NoLoss",
    "NotBetter",
    "PlannedTrial",
    "Preset",
    "ReachesSooner",
    "SearchSpace",
    "Study",
    "UnknownNameError",
    "Variant",
    "WorstOf",
    "expand",
    "find_space",
    "find_study",
    "preset_of",
]
