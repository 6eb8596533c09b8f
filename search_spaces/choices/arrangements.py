"""The options of orderings and subsets: which items stand where, by label."""

import itertools
from collections.abc import Mapping

from soundproof.search_spaces.choices.nodes import NOTHING, Ordering, Subset


def arrangements(node: Ordering | Subset) -> Mapping[str, tuple[int, ...]]:
    """For each label (`relu, batch norm, dropout`) the indices of the items, first to last."""
    indices = range(len(node.items))
    found: list[tuple[int, ...]]
    match node:
        case Ordering():
            found = list(itertools.permutations(indices))
        case Subset(at_least=least, at_most=most):
            found = [chosen for size in range(least, most + 1) for chosen in itertools.combinations(indices, size)]
    return {", ".join(node.items[index].label for index in chosen) or NOTHING: chosen for chosen in found}
