"""What can vary: specs, claims, studies, presets, and what follows from them by arithmetic. Standard library only."""

from search_spaces.catalogue import UnknownNameError, find_study
from search_spaces.claims import Better, Claim, Equivalent, Infeasible, Measure, NotBetter
from search_spaces.documented import STUDIES
from search_spaces.presets import PRESETS, PlannedTrial, Preset, expand
from search_spaces.studies import Level, Study, Variant

__all__ = [
    "PRESETS",
    "STUDIES",
    "Better",
    "Claim",
    "Equivalent",
    "Infeasible",
    "Level",
    "Measure",
    "NotBetter",
    "PlannedTrial",
    "Preset",
    "Study",
    "UnknownNameError",
    "Variant",
    "expand",
    "find_study",
]
