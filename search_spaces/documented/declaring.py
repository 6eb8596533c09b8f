"""What the documented studies are declared with: ids, variants with their levels in words, claims of a document."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from soundproof.common import record
from soundproof.search_spaces import claims as kinds
from soundproof.search_spaces.claims import Claim, Degree, Measure, Pair
from soundproof.search_spaces.specs import Features, Network, Recipe
from soundproof.search_spaces.studies import Domain, Level, Margin, NatsPerCharacter, PresetField, Study, Variant

Named = Variant | str
"""A variant, or its id."""

_MARGIN = NatsPerCharacter(nats=0.05)

SEVERAL = 3.0
"""Margins. What is called far, drastic or considerable is at least so large."""


def strongly(words: str) -> Degree:
    """What holds from several margins on."""
    return Degree(words=words, least_margins=SEVERAL)


def slightly(words: str) -> Degree:
    """What is there, and too small to matter."""
    return Degree(words=words, most_margins=1.0)


@dataclass(frozen=True, slots=True)
class Source:
    """Where claims are from; every one that is made through it names it as its source. See `claims` for what each says.

    In a pair, the variant that the claim puts forward comes first.
    """

    source: str

    def better(
        self, text: str, *pairs: tuple[Named, Named], measure: Measure | None = None, degree: Degree | None = None
    ) -> kinds.Better:
        """In every pair (better, worse) the first variant is better, by `measure` or the study's own metric."""
        return kinds.Better(text=text, source=self.source, pairs=_pairs(pairs), measure=measure, degree=degree)

    def not_better(self, text: str, *pairs: tuple[Named, Named]) -> kinds.NotBetter:
        """In every pair (candidate, reference) the first variant is not better by the margin or more."""
        return kinds.NotBetter(text=text, source=self.source, pairs=_pairs(pairs))

    def faster(self, text: str, *pairs: tuple[Named, Named], degree: Degree | None = None) -> kinds.Faster:
        """In every pair (faster, slower) the first variant reaches its best in fewer epochs."""
        return kinds.Faster(text=text, source=self.source, pairs=_pairs(pairs), degree=degree)

    def equivalent(self, text: str, *pairs: tuple[Named, Named]) -> kinds.Equivalent:
        """In every pair the two variants differ by less than the margin."""
        return kinds.Equivalent(text=text, source=self.source, pairs=_pairs(pairs))

    def best_of(
        self, text: str, *, best: tuple[Named, ...], others: tuple[Named, ...], measure: Measure | None = None
    ) -> kinds.BestOf:
        """Every variant of `others` is worse than one of `best`."""
        return kinds.BestOf(text=text, source=self.source, best=_ids(best), others=_ids(others), measure=measure)

    def worst_of(self, text: str, *, worst: tuple[Named, ...], others: tuple[Named, ...]) -> kinds.WorstOf:
        """Every variant of `others` is better than one of `worst`."""
        return kinds.WorstOf(text=text, source=self.source, worst=_ids(worst), others=_ids(others))

    def monotone(self, text: str, variants: tuple[Named, ...]) -> kinds.Monotone:
        """Each of the `variants` is better than the one before it."""
        return kinds.Monotone(text=text, source=self.source, variants=_ids(variants))


@dataclass(frozen=True, slots=True, kw_only=True)
class Document(Source):
    """What the studies of a document have in common: features and recipe where a variant names no others, and caveats.

    The `caveats` are held against every study, after those of its own. A document trains each network for as long as it
    seemed to need, with batches as they fitted: no study is about that, and below the documented size all have one.
    """

    features: Features
    recipe: Recipe
    caveats: tuple[str, ...]
    domain: Domain = "speech"
    metric: str = record.best(record.VALIDATION_LOSS)
    margin: Margin = _MARGIN
    equalised: tuple[PresetField, ...] = ("batch size", "epochs")

    def study(
        self,
        study_id: str,
        question: str,
        *,
        baseline: Named,
        variants: tuple[Variant, ...],
        claims: tuple[Claim, ...],
        caveats: tuple[str, ...],
    ) -> Study:
        """A question that the document asks, and what it says about it."""
        return Study(
            id=study_id,
            domain=self.domain,
            question=question,
            source=self.source,
            baseline=_id(baseline),
            variants=variants,
            claims=claims,
            metric=self.metric,
            margin=self.margin,
            caveats=(*caveats, *self.caveats),
            equalised=self.equalised,
        )

    def variant(
        self,
        variant_id: str,
        levels: Mapping[str, str],
        network: Network,
        *,
        epochs: int,
        features: Features | None = None,
        recipe: Recipe | None = None,
    ) -> Variant:
        """A variant under its documented id; `levels` gives the value of each factor in words."""
        return Variant(
            id=variant_id,
            levels=_in_words(levels),
            features=features or self.features,
            network=network,
            recipe=recipe or self.recipe,
            epochs=epochs,
        )


def numbered(study_id: str, count: int) -> list[str]:
    """The documented ids of the variants of a study: `STUDY/01` to the one of number `count`."""
    return [f"{study_id}/{number:02d}" for number in range(1, count + 1)]


def compared(home: Variant, levels: Mapping[str, str]) -> Variant:
    """A variant of another study in the words of this one. It stays the same trial, so it is trained once."""
    return replace(home, levels=_in_words(levels))


def _in_words(levels: Mapping[str, str]) -> tuple[Level, ...]:
    return tuple(Level(factor=factor, value=value) for factor, value in levels.items())


def _id(named: Named) -> str:
    return named if isinstance(named, str) else named.id


def _ids(named: tuple[Named, ...]) -> tuple[str, ...]:
    return tuple(map(_id, named))


def _pairs(pairs: tuple[tuple[Named, Named], ...]) -> tuple[Pair, ...]:
    return tuple((_id(first), _id(second)) for first, second in pairs)
