"""The variants of a factorial experiment: one for each combination of components that can be built."""

import itertools
from dataclasses import dataclass, replace
from functools import cache

from soundproof.search_spaces.ablation import Ablation, path_variant
from soundproof.search_spaces.components import Component
from soundproof.search_spaces.designs import Design, Effect
from soundproof.search_spaces.planning import infeasible_at
from soundproof.search_spaces.presets import PRESETS, as_trained
from soundproof.search_spaces.specs import SpecError
from soundproof.search_spaces.studies import Level, Variant

Levels = tuple[int, ...]
"""Of each component: 1 as in the target, -1 as in the baseline or without it."""


class Cells:
    """The variant of each combination, built when it is first asked for; none where no preset could train it."""

    def __init__(self, ablation: Ablation, bare_id: str | None) -> None:
        self._ablation, self._bare_id = ablation, bare_id
        self._presets = tuple(PRESETS[ablation.study.domain].values())
        self._find = cache(self._build)

    def variant(self, levels: Levels) -> Variant | None:
        """The variant, or None where the combination cannot be built."""
        found = self._find(levels)
        return found if isinstance(found, Variant) else None

    def reason(self, levels: Levels) -> str | None:
        """Why there is none."""
        found = self._find(levels)
        return found if isinstance(found, str) else None

    def differ(self, *combinations: Levels) -> bool:
        """Whether all of these can be built, and are networks of their own."""
        variants = [self.variant(levels) for levels in combinations]
        trained = [as_trained(variant) for variant in variants if variant is not None]
        return len(trained) == len(variants) and all(
            first != second for first, second in itertools.combinations(trained, 2)
        )

    def _build(self, levels: Levels) -> Variant | str:
        components = self._ablation.components
        flipped = frozenset(component.slug for component, level in zip(components, levels, strict=True) if level > 0)
        try:
            variant = path_variant(self._ablation, flipped)
        except SpecError as error:
            return str(error)
        reasons = [infeasible_at(preset.variant(variant), preset) for preset in self._presets]
        if reasons[-1] is not None and None not in reasons:  # the last is that of the documented size
            return reasons[-1]
        named = tuple(
            Level(factor=component.name, value=component.levels[0 if level > 0 else 1])
            for component, level in zip(components, levels, strict=True)
        )
        return replace(variant, id=self._id(levels), levels=named)

    def _id(self, levels: Levels) -> str:
        target = self._ablation.target.id
        if min(levels) > 0:
            return target
        if max(levels) < 0 and self._bare_id is not None:
            return self._bare_id
        return f"{target}-{''.join('1' if level > 0 else '0' for level in levels)}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """Which combinations of an ablation's components are trained; `cells` has the variant of each."""

    ablation: Ablation
    design: Design
    cells: Cells

    @property
    def components(self) -> tuple[Component, ...]:
        """The factors, in the order of the design's."""
        return self.ablation.components

    def ids(self, effect: Effect, sign: int) -> tuple[str, ...]:
        """The variants in which the levels of the effect's factors multiply to `sign`."""
        signs = zip(self.design.combinations, self.design.contrast(effect), strict=True)
        return tuple(self.id_of(levels) for levels, found in signs if found == sign)

    def id_of(self, levels: Levels) -> str:
        """The id of a variant that can be built."""
        variant = self.cells.variant(levels)
        assert variant is not None
        return variant.id

    def together(self, effect: Effect) -> str:
        """The factors of an effect by name: `dropout x batch norm`."""
        return " x ".join(self.components[factor].name for factor in sorted(effect))

    def confounded(self, effect: Effect) -> tuple[str, ...]:
        """What an effect is confounded with, by name: the interactions of two factors, else those of the fewest."""
        aliases = self.design.aliases(effect)
        fewest = max(2, min(map(len, aliases), default=0))
        return tuple(self.together(alias) for alias in aliases if len(alias) <= fewest)


def turned(levels: Levels, factor: int) -> Levels:
    """The same combination with one component the other way."""
    return tuple(-level if place == factor else level for place, level in enumerate(levels))
