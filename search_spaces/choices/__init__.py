"""Choices in place of values: declared like specs, sampled, replayed, enumerated, counted, located and listed."""

from soundproof.search_spaces.choices.choosers import Drawn, Replayed
from soundproof.search_spaces.choices.declaring import (
    as_node,
    build,
    chosen,
    integers,
    one_of,
    ordering,
    reals,
    repeat,
    subset,
)
from soundproof.search_spaces.choices.following import check_followed, follows
from soundproof.search_spaces.choices.listing import Parameter, count, enumerate_choices, parameters, product
from soundproof.search_spaces.choices.location import locate, merged
from soundproof.search_spaces.choices.nodes import Build, Node, Ordering, Repeat
from soundproof.search_spaces.choices.traversal import (
    Assignment,
    Chooser,
    Decision,
    assignment_digest,
    decide,
    in_words,
)

__all__ = [
    "Assignment",
    "Build",
    "Chooser",
    "Decision",
    "Drawn",
    "Node",
    "Ordering",
    "Parameter",
    "Repeat",
    "Replayed",
    "as_node",
    "assignment_digest",
    "build",
    "check_followed",
    "chosen",
    "count",
    "decide",
    "enumerate_choices",
    "follows",
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
    "subset",
]
