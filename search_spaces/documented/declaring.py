"""What the documented studies are declared with: ids, variants with their levels in words, claims of a document."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from soundproof.search_spaces.claims import BestOf, Better, Equivalent, Faster, Measure, NotBetter, WorstOf
from soundproof.search_spaces.specs import Features, Network, Recipe, Split
from soundproof.search_spaces.studies import Level, Variant


@dataclass(frozen=True, slots=True)
class Document:
    """Where claims are from; every one that is made through it names it as its source. See `claims` for what each says.

    Pairs are two variant ids each, the one that the claim puts forward first.
    """

    source: str

    def better(self, text: str, *pairs: tuple[str, str], measure: Measure | None = None) -> Better:
        """In every pair (better, worse) the first variant is better, by `measure` or the study's own metric."""
        return Better(text=text, source=self.source, pairs=pairs, measure=measure)

    def not_better(self, text: str, *pairs: tuple[str, str]) -> NotBetter:
        """In every pair (candidate, reference) the first variant is not better by the margin or more."""
        return NotBetter(text=text, source=self.source, pairs=pairs)

    def faster(self, text: str, *pairs: tuple[str, str]) -> Faster:
        """In every pair (faster, slower) the first variant reaches its best in fewer epochs."""
        return Faster(text=text, source=self.source, pairs=pairs)

    def equivalent(self, text: str, *pairs: tuple[str, str]) -> Equivalent:
        """In every pair the two variants differ by less than the margin."""
        return Equivalent(text=text, source=self.source, pairs=pairs)

    def best_of(
        self, text: str, *, best: tuple[str, ...], others: tuple[str, ...], measure: Measure | None = None
    ) -> BestOf:
        """Every variant of `others` is worse than one of `best`."""
        return BestOf(text=text, source=self.source, best=best, others=others, measure=measure)

    def worst_of(self, text: str, *, worst: tuple[str, ...], others: tuple[str, ...]) -> WorstOf:
        """Every variant of `others` is better than one of `worst`."""
        return WorstOf(text=text, source=self.source, worst=worst, others=others)


def numbered(study_id: str, count: int) -> list[str]:
    """The documented ids of the variants of a study: `STUDY/01` to the one of number `count`."""
    return [f"{study_id}/{number:02d}" for number in range(1, count + 1)]


def documented(
    variant_id: str,
    levels: Mapping[str, str],
    network: Network,
    *,
    features: Features,
    recipe: Recipe,
    epochs: int,
    split: Split | None = None,
) -> Variant:
    """A variant under its documented id; `levels` gives the value of each factor in words."""
    return Variant(
        id=variant_id,
        levels=_in_words(levels),
        features=features,
        network=network,
        recipe=recipe,
        epochs=epochs,
        split=split,
    )


def compared(home: Variant, levels: Mapping[str, str]) -> Variant:
    """A variant of another study in the words of this one. It stays the same trial, so it is trained once."""
    return replace(home, levels=_in_words(levels))


def _in_words(levels: Mapping[str, str]) -> tuple[Level, ...]:
    return tuple(Level(factor=factor, value=value) for factor, value in levels.items())
