"""What variants vary of the things that presets set: it has to be as different at every preset.

Batches of 256 and of 4 are no question at a preset that makes batches of 16 of both. So a preset is fitted to what it
is used for (`Preset.fitted`): whatever it would make fewer values of than are varied is left as documented; epochs are
scaled, the shortest to what the preset has.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from soundproof.search_spaces.specs import Features, Recipe, RunningStatistics, Spec
from soundproof.search_spaces.studies import Variant


@dataclass(frozen=True, kw_only=True, slots=True)
class EpochRange(Spec):
    """The shortest and the longest documented budget of what is compared."""

    shortest: int
    longest: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Varied:
    """The documented values that are compared, of each thing that a preset sets."""

    batch_sizes: frozenset[int | None]
    """None of batches that are counted in frames, which presets leave as they are."""
    epochs: frozenset[int]
    learning_rates: frozenset[float]
    running_statistics: frozenset[RunningStatistics | None]
    features: frozenset[Features]


def size_varied(recipe: Recipe) -> int | None:
    """What a recipe's batches are to `Varied.batch_sizes`."""
    return recipe.batch_size if recipe.batch_frames is None else None


def varied_in(variants: Iterable[Variant]) -> Varied:
    """What variants at their documented size differ in."""
    known = tuple(variants)
    return Varied(
        batch_sizes=frozenset(size_varied(variant.recipe) for variant in known),
        epochs=frozenset(variant.epochs for variant in known),
        learning_rates=frozenset(variant.recipe.optimizer.learning_rate for variant in known),
        running_statistics=frozenset(variant.recipe.running_statistics for variant in known),
        features=frozenset(variant.features for variant in known),
    )
