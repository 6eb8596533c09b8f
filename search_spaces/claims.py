"""Documented statements in a testable form. `analysis` decides each: supported, contradicted, negligible or undecided.

Most claims compare variants of one study, by their ids, in pairs, and statistics decide them. What a pair has to show
is the `rule` of the claim's class and degree; which pairs have to show it is in `groups`: in every group, at least one
pair. The others (`Exact`) are decided by arithmetic on what was recorded.

A rule is data: d is the true mean improvement of the first variant of a pair over the second, counted in margins: 1 is
the smallest difference that matters. A rule names regions of d. The claim is supported by showing that d lies in the
one, and contradicted by showing that it lies in the opposite; the two never overlap, so no truth makes both right.
Where a third region is named, showing that d lies there makes the claim negligible: what it says may be true, and does
not matter. `analysis.verdicts.pair_rules` has the tests, `docs/verdicts.md` the table of all rules.
"""

import itertools
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass

from soundproof.common import record
from soundproof.search_spaces.specs.canonical import Spec, SpecError


@dataclass(frozen=True, slots=True)
class Above:
    """d > `margins`."""

    margins: float


@dataclass(frozen=True, slots=True)
class Below:
    """d < `margins`."""

    margins: float


@dataclass(frozen=True, slots=True)
class Between:
    """`low` < d < `high`: two hypotheses have to be rejected, "d <= low" and "d >= high"."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Outside:
    """d < `low` or d > `high`."""

    low: float
    high: float


Region = Above | Below | Between | Outside


@dataclass(frozen=True, kw_only=True, slots=True)
class PairRule:
    """A pair shows what is claimed where d lies in `claimed`, the opposite where it lies in `opposite`.

    It shows that the claim does not matter where d lies in `negligible`, and not in `opposite`.

    `opposite_share` is what the opposite gets of the chance of an error, where a truth on the boundary would make
    either statement wrong; None where it makes one of them right, and each can have all of it.
    """

    claimed: Region
    opposite: Region
    negligible: Region | None = None
    opposite_share: float | None = None


BETTER = PairRule(claimed=Above(0), opposite=Below(0), negligible=Below(1), opposite_share=0.2)
"""An improvement. One that is smaller than what matters is negligible, a worsening contradicts it."""

EITHER = PairRule(claimed=Above(0), opposite=Below(0), negligible=Between(-1, 1), opposite_share=0.5)
"""Which of two is better, asked without a guess: a difference that is smaller than what matters is negligible."""

NOT_BETTER = PairRule(claimed=Below(1), opposite=Above(1))
"""No improvement that matters."""

EQUIVALENT = PairRule(claimed=Between(-1, 1), opposite=Outside(-1, 1))
"""No difference that matters, in either direction."""

NO_LOSS = PairRule(claimed=Above(-1), opposite=Below(-1))
"""No worsening that matters."""

SOONER = PairRule(claimed=Above(0), opposite=Below(0), opposite_share=BETTER.opposite_share)
"""Sooner on most seeds: d is how many more of them than half. The opposite is later on most."""


Pair = tuple[str, str]
"""Two variant ids, the one that the claim puts forward first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Contrast(Spec):
    """A difference of sums over several variants, each `weight` times: an average effect, or an interaction.

    `first` and `second` are what its two sides are called, the one that the claim puts forward first.
    """

    first: str
    second: str
    plus: tuple[str, ...]
    minus: tuple[str, ...]
    weight: float

    @property
    def weights(self) -> dict[str, float]:
        """The weight of each variant, which add up to 0: positive where the claim puts it forward."""
        return dict.fromkeys(self.plus, self.weight) | dict.fromkeys(self.minus, -self.weight)


def weights_of(compared: Pair | Contrast) -> dict[str, float]:
    """The weights of the variants in a pair or a contrast."""
    return compared.weights if isinstance(compared, Contrast) else {compared[0]: 1.0, compared[1]: -1.0}


def names_of(compared: Pair | Contrast) -> tuple[str, str]:
    """What the two sides are called: ids of variants, or names of levels."""
    return (compared.first, compared.second) if isinstance(compared, Contrast) else compared


Groups = tuple[tuple[Pair | Contrast, ...], ...]
"""A claim holds when in every group at least one pair shows what it says."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Measure(Spec):
    """A recorded metric other than the study's own, with the smallest difference of it that matters."""

    metric: str
    margin: float

    def _check(self) -> None:
        if self.margin <= 0:
            raise SpecError(f"Measure.margin must be positive, got {self.margin}")


EPOCHS_TO_BEST = Measure(metric=record.best("epoch"), margin=1.0)
"""Epochs until the best validation loss. One epoch matters."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Degree(Spec):
    """What a word such as "far" or "slightly" says of an improvement: that it lies between two numbers of margins."""

    words: str
    least_margins: float = 0.0
    most_margins: float | None = None

    def _check(self) -> None:
        if self.least_margins < 0 or (self.most_margins is not None and self.most_margins <= self.least_margins):
            raise SpecError(
                "Degree needs least_margins of 0 or more, and most_margins above them or None, "
                f"got {self.least_margins} and {self.most_margins}"
            )

    @property
    def rule(self) -> PairRule:
        """The rule of an improvement of this degree: less of it, or more, contradicts it."""
        if self.most_margins is None:
            return PairRule(claimed=Above(self.least_margins), opposite=Below(self.least_margins))
        return PairRule(
            claimed=Between(self.least_margins, self.most_margins),
            opposite=Outside(self.least_margins, self.most_margins),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Stated(Spec):
    """A statement in its author's words, and where it stands."""

    text: str
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparative(_Stated, ABC):
    """A claim about numbers that chance has a part in. Of a class that states no rule, none can be made.

    `measure` is what the variants are compared by: the study's own metric and margin where it is None. `degree` is set
    where the statement says how large an improvement is.
    """

    measure: Measure | None = None
    degree: Degree | None = None

    @property
    @abstractmethod
    def plain_rule(self) -> PairRule:
        """What a pair has to show, but for words of degree."""

    @property
    def rule(self) -> PairRule:
        """What a pair has to show."""
        return self.plain_rule if self.degree is None else self.degree.rule

    def _check(self) -> None:
        if self.degree is not None and self.plain_rule is not BETTER:
            raise SpecError(
                f"{type(self).__name__} says nothing of an improvement, whose degree {self.degree.words!r} could be: "
                "leave degree out, or claim Better"
            )

    @property
    @abstractmethod
    def groups(self) -> Groups:
        """The pairs that have to show it: in every group, at least one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Pairwise(Comparative, ABC):
    """What holds of every one of `pairs`. Subclasses say what."""

    pairs: tuple[tuple[str, ...], ...]

    def _check(self) -> None:
        Comparative._check(self)
        _check_pairs(self, self.pairs)

    @property
    def groups(self) -> Groups:
        """Every pair."""
        return tuple(((first, second),) for first, second in self.pairs)


@dataclass(frozen=True, kw_only=True, slots=True)
class Better(_Pairwise):
    """In every pair (better, worse) the first variant is better than the second."""

    plain_rule = BETTER


@dataclass(frozen=True, kw_only=True, slots=True)
class Either(_Pairwise):
    """In every pair one of the two is better: the first, says the statement, but the second is as likely."""

    plain_rule = EITHER


@dataclass(frozen=True, kw_only=True, slots=True)
class Faster(_Pairwise):
    """In every pair (faster, slower) the first variant reaches its best in fewer epochs than the second."""

    plain_rule = BETTER

    measure: Measure = EPOCHS_TO_BEST


@dataclass(frozen=True, kw_only=True, slots=True)
class NotBetter(_Pairwise):
    """In every pair (candidate, reference) the first variant is not better than the second by the margin or more."""

    plain_rule = NOT_BETTER


@dataclass(frozen=True, kw_only=True, slots=True)
class Equivalent(_Pairwise):
    """In every pair the two variants differ by less than the margin."""

    plain_rule = EQUIVALENT


@dataclass(frozen=True, kw_only=True, slots=True)
class NoLoss(_Pairwise):
    """In every pair (candidate, reference) the first is not worse than the second by the margin or more.

    `cost` is a recorded one, of parameters, seconds or memory, of which the first variant has to have at most
    `share` times as much as the second on every seed; None where nothing is claimed of a cost.
    """

    plain_rule = NO_LOSS

    cost: str | None = None
    share: float = 1.0

    def _check(self) -> None:
        _Pairwise._check(self)
        if self.share <= 0:
            raise SpecError(f"NoLoss.share must be positive, got {self.share}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Monotone(Comparative):
    """Along `variants`, which follow the levels of one factor, each is better than the one before it."""

    plain_rule = BETTER

    variants: tuple[str, ...]

    def _check(self) -> None:
        Comparative._check(self)
        if len(self.variants) < 2 or len(set(self.variants)) != len(self.variants):
            raise SpecError(f"Monotone needs two or more different variants, got {self.variants}")

    @property
    def groups(self) -> Groups:
        """Every variant with the one before it."""
        return tuple(((later, earlier),) for earlier, later in itertools.pairwise(self.variants))


@dataclass(frozen=True, kw_only=True, slots=True)
class BestOf(Comparative):
    """Every variant of `others` is worse than one of `best`.

    >>> BestOf(text="Two or three are best.", source="page 3", best=("2", "3"), others=("1",)).groups
    ((('2', '1'), ('3', '1')),)
    """

    plain_rule = BETTER

    best: tuple[str, ...]
    others: tuple[str, ...]

    def _check(self) -> None:
        Comparative._check(self)
        _check_sides(self, self.best, self.others)

    @property
    def groups(self) -> Groups:
        """A group for each other variant: one of the best has to be better than it."""
        return tuple(tuple((best, other) for best in self.best) for other in self.others)


@dataclass(frozen=True, kw_only=True, slots=True)
class WorstOf(Comparative):
    """Every variant of `others` is better than one of `worst`."""

    plain_rule = BETTER

    worst: tuple[str, ...]
    others: tuple[str, ...]

    def _check(self) -> None:
        Comparative._check(self)
        _check_sides(self, self.worst, self.others)

    @property
    def groups(self) -> Groups:
        """A group for each other variant: it has to be better than one of the worst."""
        return tuple(tuple((other, worst) for worst in self.worst) for other in self.others)


@dataclass(frozen=True, kw_only=True, slots=True)
class Infeasible(_Stated):
    """None of the variants can be trained: their output is shorter than a transcript."""

    variants: tuple[str, ...]

    def _check(self) -> None:
        if not self.variants:
            raise SpecError("Infeasible needs at least one variant, got none")


@dataclass(frozen=True, kw_only=True, slots=True)
class Larger(_Stated):
    """The first variant of `pair` has `ratio` times the parameters of the second, give or take `tolerance`."""

    pair: tuple[str, ...]
    ratio: float
    tolerance: float

    def _check(self) -> None:
        _check_pairs(self, (self.pair,))
        if self.ratio <= 0 or self.tolerance <= 0:
            raise SpecError(
                f"Larger.ratio and Larger.tolerance must be positive, got {self.ratio} and {self.tolerance}"
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class MainEffect(Comparative):
    """On average over `pairs` (better, worse), which differ in one factor and not in the others, the first is better.

    It says less than `Better`, which has to hold in every pair, and needs a third of the trials. `levels` are the two
    of the factor, in words.
    """

    plain_rule = BETTER

    levels: tuple[str, ...]
    pairs: tuple[tuple[str, ...], ...]

    def _check(self) -> None:
        Comparative._check(self)
        _check_contrast(self, self.levels, self.pairs)

    @property
    def groups(self) -> Groups:
        """One contrast over all pairs."""
        return ((_mean_difference(self.levels, self.pairs),),)


@dataclass(frozen=True, kw_only=True, slots=True)
class _TwoDifferences(Comparative, ABC):
    """What holds of the differences between the variants of two `pairs`. Subclasses say what.

    `levels` are those of the other factor, in words: where the difference is the first, where it is the second.
    """

    levels: tuple[str, ...]
    pairs: tuple[tuple[str, ...], ...]

    def _check(self) -> None:
        Comparative._check(self)
        _check_interaction(self, self.levels, self.pairs)

    @property
    def groups(self) -> Groups:
        """The difference of both differences."""
        return ((_difference_of_differences(self.levels, self.pairs),),)


@dataclass(frozen=True, kw_only=True, slots=True)
class Interaction(_TwoDifferences):
    """The first variant is better than the second by more in the first of two `pairs` than in the second."""

    plain_rule = BETTER


@dataclass(frozen=True, kw_only=True, slots=True)
class NoInteraction(_TwoDifferences):
    """The difference between the variants of two `pairs` is the same in both, up to the margin."""

    plain_rule = EQUIVALENT


@dataclass(frozen=True, kw_only=True, slots=True)
class ConfoundedEffect(Comparative):
    """On average over `better`, one half of a fraction of all combinations, variants are better than over `worse`.

    All variants of the one half have `factor` at the first of its two `levels`, those of the other at the second, and
    the levels of every other factor are in balance between them. That is the main effect of the factor together with
    what some other factors do only when they are combined, and the fraction cannot tell which: `confounded_with` names
    these interactions, "batch norm x depth". Where they are nothing, as those of three factors mostly are, it is the
    main effect; `MainEffect` has no such doubt, and needs all combinations.
    """

    plain_rule = BETTER

    factor: str
    levels: tuple[str, ...]
    better: tuple[str, ...]
    worse: tuple[str, ...]
    confounded_with: tuple[str, ...]

    def _check(self) -> None:
        Comparative._check(self)
        _check_sides(self, self.better, self.worse)
        _check_levels(self, self.levels)
        if len(self.better) != len(self.worse):
            raise SpecError(f"ConfoundedEffect needs two halves, got {len(self.better)} and {len(self.worse)} variants")
        if not self.confounded_with:
            raise SpecError("ConfoundedEffect.confounded_with must name an interaction: with none, claim MainEffect")

    @property
    def groups(self) -> Groups:
        """One contrast, of the means of both halves."""
        first, second = self.levels
        weight = 1 / len(self.better)
        return ((Contrast(first=first, second=second, plus=self.better, minus=self.worse, weight=weight),),)


@dataclass(frozen=True, kw_only=True, slots=True)
class ReachesSooner(Comparative):
    """In every pair (sooner, later) the first variant reaches a target in fewer epochs than the second on most seeds.

    The target is reached in the first epoch whose `metric`, a `validation/...` one of every epoch, is at least as good
    as `target`. Earlier by `margin` epochs or more counts as sooner. A run that ended without reaching it is censored
    at its last epoch: it is later than one that did within the epochs that both trained, and where both are censored
    the seed says nothing. A run that diverged never reaches it; one that failed says nothing.

    What is tested is one question, by the sign test: whether a new seed on which the two differ is more likely to have
    the first sooner. By how much is shown, and not tested. Seeds count as independent of each other: where they take
    turns with held-out speakers or folds that come again, it speaks for these alone, not for new ones.
    """

    plain_rule = SOONER

    pairs: tuple[tuple[str, ...], ...]
    target: float
    metric: str = record.VALIDATION_LOSS
    margin: int = 1

    def _check(self) -> None:
        Comparative._check(self)
        _check_pairs(self, self.pairs)
        if not self.metric.startswith(record.VALIDATION_PREFIX):
            raise SpecError(
                f"ReachesSooner.metric must be one of every epoch, {record.VALIDATION_PREFIX}..., got {self.metric!r}"
            )
        if self.margin < 1:
            raise SpecError(f"ReachesSooner.margin must be at least one epoch, got {self.margin}")
        if self.measure is not None:
            raise SpecError("ReachesSooner is measured by its own metric and target: leave measure out")

    @property
    def groups(self) -> Groups:
        """Every pair."""
        return tuple(((first, second),) for first, second in self.pairs)


Exact = Infeasible | Larger
"""Claims that arithmetic decides."""

Claim = (
    Better
    | Either
    | Faster
    | NotBetter
    | Equivalent
    | NoLoss
    | Monotone
    | BestOf
    | WorstOf
    | MainEffect
    | Interaction
    | NoInteraction
    | ConfoundedEffect
    | ReachesSooner
    | Exact
)
"""Every claim that a study may make."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimated(Spec):
    """An effect that a study shows with its interval beside its claims, and does not test.

    `confounded_with` is as in `ConfoundedEffect`.
    """

    text: str
    contrast: Contrast
    confounded_with: tuple[str, ...] = ()


def confounding_words(effect: str, confounded_with: tuple[str, ...], most: int = 3) -> str:
    """What an effect cannot be told from, the first few by name.

    >>> confounding_words("dropout", ("batch norm x depth",))
    'The effect of dropout cannot be told from batch norm x depth together.'
    """
    *others, last = confounded_with[:most]
    more = len(confounded_with) - most
    if more > 0:
        others, last = [*others, last], f"{more} more"
    named = f"{', '.join(others)} and {last}" if others else last
    return f"The effect of {effect} cannot be told from {named} together."


def cautions(claim: Comparative | Exact) -> tuple[str, ...]:
    """What a verdict on the claim has to be read with, in sentences."""
    if isinstance(claim, ConfoundedEffect):
        return (confounding_words(claim.factor, claim.confounded_with),)
    return ()


def curve_metrics(claims: Iterable[Claim]) -> frozenset[str]:
    """The metrics of every epoch that claims are decided by."""
    return frozenset(claim.metric for claim in claims if isinstance(claim, ReachesSooner))


def claimed_variants(claim: Comparative | Exact) -> frozenset[str]:
    """Ids of the variants that the claim speaks of."""
    match claim:
        case Infeasible(variants=variants):
            return frozenset(variants)
        case Larger(pair=pair):
            return frozenset(pair)
        case Comparative():
            return frozenset(variant for group in claim.groups for pair in group for variant in weights_of(pair))


def every_pair(*variants: str) -> tuple[Pair, ...]:
    """All pairs of different variants, each once.

    >>> every_pair("a", "b", "c")
    (('a', 'b'), ('a', 'c'), ('b', 'c'))
    """
    return tuple(itertools.combinations(variants, 2))


def _mean_difference(levels: tuple[str, ...], pairs: tuple[tuple[str, ...], ...]) -> Contrast:
    plus, minus = (tuple(pair[side] for pair in pairs) for side in (0, 1))
    return Contrast(first=levels[0], second=levels[1], plus=plus, minus=minus, weight=1 / len(pairs))


def _difference_of_differences(levels: tuple[str, ...], pairs: tuple[tuple[str, ...], ...]) -> Contrast:
    (first, second), (third, fourth) = pairs
    return Contrast(first=levels[0], second=levels[1], plus=(first, fourth), minus=(second, third), weight=1.0)


def _check_contrast(claim: Spec, levels: tuple[str, ...], pairs: tuple[tuple[str, ...], ...]) -> None:
    _check_pairs(claim, pairs)
    variants = [variant for pair in pairs for variant in pair]
    if len(set(variants)) != len(variants):
        raise SpecError(f"{type(claim).__name__} needs every variant in one of its pairs only, got {pairs}")
    _check_levels(claim, levels)


def _check_levels(claim: Spec, levels: tuple[str, ...]) -> None:
    if len(levels) != 2 or levels[0] == levels[1]:
        raise SpecError(f"{type(claim).__name__}.levels names the two sides that are compared, got {levels}")


def _check_interaction(claim: Spec, levels: tuple[str, ...], pairs: tuple[tuple[str, ...], ...]) -> None:
    _check_contrast(claim, levels, pairs)
    if len(pairs) != 2:
        raise SpecError(f"{type(claim).__name__} compares the differences of two pairs, got {pairs}")


def _check_pairs(claim: Spec, pairs: tuple[tuple[str, ...], ...]) -> None:
    if not pairs or any(len(pair) != 2 or pair[0] == pair[1] for pair in pairs):
        raise SpecError(f"{type(claim).__name__} compares pairs of two different variants, got {pairs}")


def _check_sides(claim: Spec, named: tuple[str, ...], others: tuple[str, ...]) -> None:
    everything = (*named, *others)
    if not named or not others or len(set(everything)) != len(everything):
        raise SpecError(f"{type(claim).__name__} needs different variants on two sides, got {named} and {others}")
