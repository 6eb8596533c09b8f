"""What a space leaves to choose stays different at every preset: a preset is fitted to it, or the search is refused.

Choices of a space are looked at one by one, everything else staying as it was drawn: two options that become one trial
are an error, values of a range that do are a caveat, since a search takes each trial once. Everything is drawn from one
seed, so that the answer is always the same.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

from soundproof.common.counting import listed
from soundproof.search_spaces import choices
from soundproof.search_spaces.choices import Assignment, Node
from soundproof.search_spaces.choices.nodes import Scalar, number_of_steps, value_at
from soundproof.search_spaces.presets import PRESETS, OneTrialError, Preset, as_trained, preset_argument
from soundproof.search_spaces.presets.levels import Varied, size_varied
from soundproof.search_spaces.spaces import SearchSpace
from soundproof.search_spaces.specs import Features, Recipe, SpecError
from soundproof.search_spaces.studies import Variant

MOST_ENUMERATED = 512
"""Of a part of a space that has no more assignments all are looked at, of any other so many draws."""

MOST_VALUES = 101
"""Of one range."""

_BASES = 24
_BESIDE = 1e-6
"""How far beside the lowest value of a range without steps another is looked at, as a share of the range."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Merged:
    """Values of one parameter that become one trial; `options`: they were named one by one."""

    parameter: str
    values: tuple[Scalar, ...]
    options: bool


def fitted_to_space(preset: Preset, space: SearchSpace) -> Preset:
    """The preset, sparing what the space leaves to choose of the things that it sets."""
    return preset.sparing(_varied_in(space))


def check_space(space: SearchSpace, preset: Preset) -> None:
    """Raise `OneTrialError` where options of a choice become one trial at the preset."""
    found = next((merged for merged in _merged(space, fitted_to_space(preset, space)) if merged.options), None)
    if found is None:
        return
    others = [fitted_to_space(other, space) for other in PRESETS[space.domain].values()]
    fit = [other.name for other in others if not any(merged.options for merged in _merged(space, other))]
    remedy = f"use --preset {' or '.join(fit)}" if fit else "no preset keeps them apart: leave all but one of them out"
    raise OneTrialError(
        f"{space.id}: {listed(_words(found.values))} of {found.parameter} are one trial with --preset "
        f"{preset_argument(preset.label)}: nothing can be found out about them there; {remedy}"
    )


def space_caveats(space: SearchSpace, preset: Preset) -> tuple[str, ...]:
    """Which neighbours in a range become one trial at the preset, which a search takes once."""
    ranges: dict[str, list[Merged]] = {}
    for merged in _merged(space, fitted_to_space(preset, space)):
        if not merged.options:
            ranges.setdefault(merged.parameter, []).append(merged)
    return tuple(
        f"preset {preset.label} makes one trial of {_ends(groups[0].values)} of {name}"
        + (" and of others, each" if len(groups) > 1 else "")
        + ": a search takes it once"
        for name, groups in ranges.items()
    )


def _ends(values: tuple[Scalar, ...]) -> str:
    """Neighbours in a range: `50 and 51`, `50 to 62`."""
    first, *_, last = _words(values)
    return f"{first} {'and' if len(values) == 2 else 'to'} {last}"


def _words(values: tuple[Scalar, ...]) -> list[str]:
    return [choices.in_words(value) for value in values]


class _Edges:
    """Draws options, and of a range one of its ends or the neighbour of its lowest value."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def category(self, name: str, options: tuple[str, ...]) -> str:
        return self._random.choice(options)

    def integer(self, name: str, low: int, high: int, step: int, log: bool) -> int:
        return self._random.choice((low, low + step, high))

    def real(self, name: str, low: float, high: float, step: float | None, log: bool) -> float:
        beside = low + (high - low) * _BESIDE if step is None else value_at(low, step, 1)
        return self._random.choice((low, beside, high))


class _Flipped:
    """Repeats an assignment with another value of one parameter; what then has to be chosen too depends on its name."""

    def __init__(self, base: Assignment, changed: Mapping[str, Scalar]) -> None:
        self._known = {**base, **changed}
        self.values: dict[str, tuple[Scalar, ...]] = {}
        self.options: set[str] = set()

    def category(self, name: str, options: tuple[str, ...]) -> Any:
        self.options.add(name)
        return self._take(name, options)

    def integer(self, name: str, low: int, high: int, step: int, log: bool) -> Any:
        return self._take(name, tuple(range(low, high + 1, step)[:MOST_VALUES]))

    def real(self, name: str, low: float, high: float, step: float | None, log: bool) -> Any:
        if step is None:
            return self._take(name, (low, (low + high) / 2, high))
        steps = min(number_of_steps(low, high, step), MOST_VALUES - 1)
        return self._take(name, tuple(value_at(low, step, at) for at in range(steps + 1)))

    def _take(self, name: str, values: tuple[Scalar, ...]) -> Any:
        self.values[name] = values
        return self._known.setdefault(name, Random(name).choice(values))  # noqa: S311  # the same for every option


def _parts(space: SearchSpace) -> tuple[tuple[str, Node], ...]:
    return (("features", space.features), ("network", space.network), ("recipe", space.recipe))


def _built(node: Node, name: str) -> Iterator[Any]:
    """What a part of a space can be: all of it, or draws that meet the ends of its ranges."""
    number, random = choices.count(node), Random(0)  # noqa: S311  # no secret

    def chosen(chooser: choices.Chooser) -> Assignment:
        return choices.decide(node, chooser, name).assignment

    few = number is not None and number <= MOST_ENUMERATED
    assignments = choices.enumerate_choices(chosen) if few else (chosen(_Edges(random)) for _ in range(MOST_ENUMERATED))
    for assignment in assignments:
        try:
            yield choices.decide(node, choices.Replayed(assignment), name).build()
        except SpecError:  # a combination that contradicts itself is never trained
            continue


@cache
def _varied_in(space: SearchSpace) -> Varied:
    features: frozenset[Features] = frozenset(_built(space.features, "features"))
    recipes: frozenset[Recipe] = frozenset(_built(space.recipe, "recipe"))
    return Varied(
        batch_sizes=frozenset(size_varied(recipe) for recipe in recipes),
        epochs=frozenset({space.epochs}),
        learning_rates=frozenset(recipe.optimizer.learning_rate for recipe in recipes),
        running_statistics=frozenset(recipe.running_statistics for recipe in recipes),
        features=features,
    )


def _merged(space: SearchSpace, fitted: Preset) -> Iterator[Merged]:
    """Each parameter once, in the first draw that has it and can be built."""
    seen: set[str] = set()
    for number in range(_BASES):
        base = space.draw(Random(number))  # noqa: S311  # no secret
        try:
            whole = space.variant(base)
        except SpecError:
            continue
        for part, node in _parts(space):
            walk = _Flipped(base, {})
            choices.decide(node, walk, part)
            for name in [name for name in walk.values if name not in seen]:
                seen.add(name)
                yield from _merged_values(name, walk, _sizing(node, part, base, whole, fitted))


def _sizing(
    node: Node, part: str, base: Assignment, whole: Variant, fitted: Preset
) -> Callable[[str, Scalar], tuple[object, object] | None]:
    """What a value of a parameter comes to, as documented and at the preset; None where it cannot be built."""

    def size(name: str, value: Scalar) -> tuple[object, object] | None:
        try:
            made = choices.decide(node, _Flipped(base, {name: value}), part).build()
            variant = _with_part(whole, part, made)
            return as_trained(variant), as_trained(fitted.variant(variant))
        except SpecError:
            return None

    return size


def _with_part(whole: Variant, part: str, made: Any) -> Variant:
    values = {"features": whole.features, "network": whole.network, "recipe": whole.recipe} | {part: made}
    return Variant(id=whole.id, levels=whole.levels, epochs=whole.epochs, **values)


def _merged_values(
    name: str, walk: _Flipped, size: Callable[[str, Scalar], tuple[object, object] | None]
) -> Iterator[Merged]:
    groups: dict[object, dict[object, Scalar]] = {}
    for value in walk.values[name]:
        found = size(name, value)
        if found is not None:
            documented, sized = found
            groups.setdefault(sized, {}).setdefault(documented, value)
    for values in groups.values():
        if len(values) > 1:
            yield Merged(parameter=name, values=tuple(values.values()), options=name in walk.options)
