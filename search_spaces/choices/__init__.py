"""Choices in place of values: declared like specs, sampled, replayed, enumerated, counted, located and listed."""

from soundproof.search_spaces.choices.assignments import (
    assignment_digest,
    assignment_to_json,
    in_words,
)
from soundproof.search_spaces.choices.choosers import Drawn, Replayed, draw, replay
from soundproof.search_spaces.choices.classes import buildable
from soundproof.search_spaces.choices.counting import count, product
from soundproof.search_spaces.choices.declaring import as_node, build, integers, one_of, ordering, reals, repeat, subset
from soundproof.search_spaces.choices.enumeration import assignments, enumerate_choices
from soundproof.search_spaces.choices.location import locate, merged
from soundproof.search_spaces.choices.nodes import (
    Build,
    Field,
    Given,
    IntegerRange,
    Items,
    Node,
    OneOf,
    Option,
    Ordering,
    RealRange,
    Repeat,
    Scalar,
    Subset,
)
from soundproof.search_spaces.choices.parameters import Parameter, parameters
from soundproof.search_spaces.choices.traversal import Assignment, Chooser, Decision, decide

__all__ = [
    "Assignment",
    "Build",
    "Chooser",
    "Decision",
    "Drawn",
    "Field",
    "Given",
    "IntegerRange",
    "Items",
    "Node",
    "OneOf",
    "Option",
    "Ordering",
    "Parameter",
    "RealRange",
    "Repeat",
    "Replayed",
    "Scalar",
    "Subset",
    "as_node",
    "assignment_digest",
    "assignment_to_json",
    "assignments",
    "build",
    "buildable",
    "count",
    "decide",
    "draw",
    "enumerate_choices",
    "in_words",
    "integers",
    "locate",
    "merged",
    "one_of",
    "ordering",
    "parameters",
    "product",
    "reals",
    "repeat",
    "replay",
    "subset",
]
