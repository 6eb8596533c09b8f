"""A study: one question, its variants, the margin, and the claims to test. Declared before any data exists."""

from __future__ import annotations

from dataclasses import dataclass

from search_spaces import record
from search_spaces.claims import Claim, claimed_variants
from search_spaces.specs import LogSpectrogram, Mfcc, Recipe, Spec, SpecError, SpeechNetwork


@dataclass(frozen=True, kw_only=True, slots=True)
class Level(Spec):
    """The value that one factor takes in one variant, in words."""

    factor: str
    value: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Variant(Spec):
    """One combination of levels at its documented size."""

    id: str
    levels: tuple[Level, ...]
    features: LogSpectrogram | Mfcc
    network: SpeechNetwork
    recipe: Recipe
    epochs: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Study(Spec):
    """A question about architecture that training runs can answer.

    The scientific factors are those that `Variant.levels` name. `margin_per_character` is the smallest difference of
    the primary metric (a loss, in nats) that matters, for each character of a mean transcript, so that it means the
    same on every corpus. `caveats` are the factors held fixed, in words. `baseline` is the variant that the others
    are measured against.
    """

    id: str
    question: str
    source: str
    baseline: str
    variants: tuple[Variant, ...]
    claims: tuple[Claim, ...]
    metric: str = record.best(record.VALIDATION_LOSS)
    margin_per_character: float = 0.05
    caveats: tuple[str, ...] = ()

    def _check(self) -> None:
        ids = [variant.id for variant in self.variants]
        if len(set(ids)) != len(ids):
            raise SpecError(f"{self.id}: variant ids must differ, got {ids}")
        if self.baseline not in ids:
            raise SpecError(f"{self.id}: the baseline must be one of {ids}, got {self.baseline!r}")
        if self.margin_per_character <= 0:
            raise SpecError(f"{self.id}: margin_per_character must be positive, got {self.margin_per_character}")
        for claim in self.claims:
            unknown = sorted(claimed_variants(claim) - set(ids))
            if unknown:
                raise SpecError(f"{self.id}: the claim {claim.text!r} speaks of unknown variants {unknown}")

    def variant(self, variant_id: str) -> Variant:
        """The variant of that id. Raises KeyError."""
        for variant in self.variants:
            if variant.id == variant_id:
                return variant
        raise KeyError(variant_id)

    def margin(self, mean_characters: float) -> float:
        """The margin of the primary metric where transcripts have `mean_characters` characters on average."""
        return self.margin_per_character * mean_characters
