"""What can vary: specs, claims, studies, search spaces, presets, and what follows from them by arithmetic.

Standard library only.
"""

from search_spaces.catalogue import UnknownNameError, find_space, find_study
from search_spaces.claims import (
    BestOf,
    Better,
    Claim,
    Equivalent,
    Faster,
    Infeasible,
    Larger,
    Measure,
    Monotone,
    NotBetter,
    WorstOf,
)
from search_spaces.documented import STUDIES
from search_spaces.open_spaces import SPACES
from search_spaces.presets import PRESET_NAMES, PRESETS, PlannedTrial, Preset, expand, preset_of
from search_spaces.spaces import SearchSpace
from search_spaces.studies import Level, Study, Variant

__all__ = [
    "PRESETS",
    "PRESET_NAMES",
    "SPACES",
    "STUDIES",
    "BestOf",
    "Better",
    "Claim",
    "Equivalent",
    "Faster",
    "Infeasible",
    "Larger",
    "Level",
    "Measure",
    "Monotone",
    "NotBetter",
    "PlannedTrial",
    "Preset",
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
