"""A study: one question, its variants, the margin, and the claims to test. Declared before any data exists.

A `Question` is what verdicts need to know, whoever trained the variants; a `Study` is one whose variants can be trained
here.
"""

from dataclasses import dataclass
from typing import Literal, get_args

from soundproof.common import record
from soundproof.search_spaces.claims import Claim, Estimated, claimed_variants
from soundproof.search_spaces.specs import Features, Network, Recipe, Spec, SpecError, Split, TaskName
from soundproof.search_spaces.study_ids import check_id

Domain = Literal["speech", "sounds", "genres", "tracks", "keywords"]
"""What a study listens to. Each domain has presets and an embedded corpus of its own."""

DOMAINS: tuple[Domain, ...] = get_args(Domain)


PresetField = Literal["batch size", "epochs", "learning rate", "running statistics", "sampling rate"]
"""What a preset sets for all variants alike, unless the study varies it."""


def task_of(domain: Domain) -> TaskName:
    """What networks of a domain are trained to do."""
    return "transcription" if domain == "speech" else "classification"


def _check_positive(spec: Spec, margin: float) -> None:
    if margin <= 0:
        raise SpecError(f"{type(spec).__name__} must be positive, got {margin}: differences below it do not matter")


@dataclass(frozen=True, kw_only=True, slots=True)
class NatsPerCharacter(Spec):
    """A margin of a transcription loss, for each character of a mean transcript: it means the same on every corpus."""

    nats: float

    def _check(self) -> None:
        _check_positive(self, self.nats)

    def on(self, mean_characters: float) -> float:
        """The margin where transcripts have `mean_characters` characters on average."""
        return self.nats * mean_characters


@dataclass(frozen=True, kw_only=True, slots=True)
class Absolute(Spec):
    """A margin in the units of the primary metric itself: 0.02 of an accuracy is two clips in a hundred."""

    value: float

    def _check(self) -> None:
        _check_positive(self, self.value)

    def on(self, mean_characters: float) -> float:
        """The value, whatever the corpus."""
        return self.value


@dataclass(frozen=True, kw_only=True, slots=True)
class HardlyAnything(Spec):
    """A margin where nobody said what matters: so small, in the metric's unit, that hardly a difference is below it."""

    value: float

    def _check(self) -> None:
        _check_positive(self, self.value)

    def on(self, mean_characters: float) -> float:
        """The value, whatever the corpus."""
        return self.value


Margin = NatsPerCharacter | Absolute | HardlyAnything


@dataclass(frozen=True, kw_only=True, slots=True)
class Level(Spec):
    """The value that one factor takes in one variant, in words."""

    factor: str
    value: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Arm(Spec):
    """One combination of levels, by its name; what it is made of is known to whoever trained it."""

    id: str
    levels: tuple[Level, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Variant(Arm):
    """One combination of levels at its documented size.

    `split` is set where the split itself is varied; None leaves it to whoever runs the study.
    """

    features: Features
    network: Network
    recipe: Recipe
    epochs: int
    split: Split | None = None

    def _check(self) -> None:
        if self.epochs < 1:
            raise SpecError(f"{self.id}: Variant.epochs must be at least 1, got {self.epochs}")


SpeaksFor = Literal["new groups", "these groups"]
"""Of which groups verdicts speak, where seeds hold out different ones."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Question(Spec):
    """A question about variants that runs can answer.

    `id` names it in the record and in the storage: lower-case letters, digits, dashes, dots and underscores. The
    scientific factors are those that `Variant.levels` name. `margin` is the smallest difference of the primary metric
    that matters. `caveats` are the factors held fixed, in words. `baseline` is the variant that the others are measured
    against. `rare_failure` is the share of runs that fail to train which a statement about all runs must have had the
    chance to see: it waits until (1 - share)ⁿ is below 5% for n clean seeds. `speaks_for` says of which groups
    (speakers, recordings, folds) verdicts speak where seeds hold out different ones: of any that might have been held
    out, or only of those that were.
    `estimates` are effects that are shown with an interval and not tested: they make no claim harder to decide, and ask
    for no seed.
    """

    id: str
    question: str
    source: str
    baseline: str
    variants: tuple[Arm, ...]
    claims: tuple[Claim, ...]
    metric: str = record.best(record.VALIDATION_LOSS)
    margin: Margin = NatsPerCharacter(nats=0.05)
    caveats: tuple[str, ...] = ()
    rare_failure: float = 0.15
    speaks_for: SpeaksFor = "new groups"
    estimates: tuple[Estimated, ...] = ()

    @property
    def margin_said(self) -> bool:
        """Whether somebody said what matters."""
        return not isinstance(self.margin, HardlyAnything)

    def _check(self) -> None:
        check_id(type(self).__name__, self.id)
        if not 0 < self.rare_failure < 1:
            raise SpecError(f"{self.id}: rare_failure must lie between 0 and 1, got {self.rare_failure}")
        ids = [variant.id for variant in self.variants]
        if len(set(ids)) != len(ids):
            raise SpecError(f"{self.id}: variant ids must differ, got {ids}")
        if self.baseline not in ids:
            raise SpecError(f"{self.id}: the baseline must be one of {ids}, got {self.baseline!r}")
        for claim in self.claims:
            unknown = sorted(claimed_variants(claim) - set(ids))
            if unknown:
                raise SpecError(f"{self.id}: the claim {claim.text!r} speaks of unknown variants {unknown}")
        for estimate in self.estimates:
            unknown = sorted(estimate.contrast.weights.keys() - set(ids))
            if unknown:
                raise SpecError(f"{self.id}: the estimate {estimate.text!r} speaks of unknown variants {unknown}")

    @property
    def task(self) -> TaskName | None:
        """What the networks are trained to do; None where that is not known."""
        return None

    def variant(self, variant_id: str) -> Arm:
        """The variant of that id. Raises KeyError."""
        for variant in self.variants:
            if variant.id == variant_id:
                return variant
        raise KeyError(variant_id)


@dataclass(frozen=True, kw_only=True, slots=True)
class Study(Question):
    """A question about architecture whose variants can be trained here, on what the `domain` listens to.

    `equalised` names what variants differ in without the question being about it: presets may set it for all alike.
    Whatever else variants differ in is kept apart at every preset; see `presets.levels`.
    """

    domain: Domain = "speech"
    variants: tuple[Variant, ...]
    equalised: tuple[PresetField, ...] = ()

    @property
    def task(self) -> TaskName:
        """What the study's networks are trained to do."""
        return task_of(self.domain)

    def variant(self, variant_id: str) -> Variant:
        """The variant of that id. Raises KeyError."""
        found = Question.variant(self, variant_id)
        assert isinstance(found, Variant)
        return found
