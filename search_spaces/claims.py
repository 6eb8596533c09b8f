"""Documented statements in a testable form. `analysis` decides each: supported, contradicted or undecided.

A claim compares variants of one study, by their ids. Where a claim speaks of several pairs or variants, it says that
all of them hold.
"""

from __future__ import annotations

from dataclasses import dataclass

from search_spaces.specs.canonical import Spec, SpecError


@dataclass(frozen=True, kw_only=True, slots=True)
class Measure(Spec):
    """A recorded metric other than the study's own, with the smallest difference of it that matters."""

    metric: str
    margin: float

    def _check(self) -> None:
        if self.margin <= 0:
            raise SpecError(f"Measure.margin must be positive, got {self.margin}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Better(Spec):
    """In every pair (better, worse) the first variant is better than the second."""

    text: str
    source: str
    pairs: tuple[tuple[str, ...], ...]
    measure: Measure | None = None

    def _check(self) -> None:
        _check_pairs(self, self.pairs)


@dataclass(frozen=True, kw_only=True, slots=True)
class NotBetter(Spec):
    """In every pair (candidate, reference) the first variant is not better than the second by the margin or more."""

    text: str
    source: str
    pairs: tuple[tuple[str, ...], ...]
    measure: Measure | None = None

    def _check(self) -> None:
        _check_pairs(self, self.pairs)


@dataclass(frozen=True, kw_only=True, slots=True)
class Equivalent(Spec):
    """Any two of the variants differ by less than the margin."""

    text: str
    source: str
    variants: tuple[str, ...]
    measure: Measure | None = None

    def _check(self) -> None:
        if len(set(self.variants)) != len(self.variants) or len(self.variants) < 2:
            raise SpecError(f"Equivalent needs two or more different variants, got {self.variants}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Infeasible(Spec):
    """None of the variants can be trained: their output is shorter than a transcript."""

    text: str
    source: str
    variants: tuple[str, ...]

    def _check(self) -> None:
        if not self.variants:
            raise SpecError("Infeasible needs at least one variant, got none")


Claim = Better | NotBetter | Equivalent | Infeasible


def claimed_variants(claim: Claim) -> frozenset[str]:
    """Ids of the variants that the claim speaks of."""
    match claim:
        case Better(pairs=pairs) | NotBetter(pairs=pairs):
            return frozenset(variant for pair in pairs for variant in pair)
        case Equivalent(variants=variants) | Infeasible(variants=variants):
            return frozenset(variants)


def _check_pairs(claim: Better | NotBetter, pairs: tuple[tuple[str, ...], ...]) -> None:
    if not pairs or any(len(pair) != 2 or pair[0] == pair[1] for pair in pairs):
        raise SpecError(f"{type(claim).__name__}.pairs must be pairs of two different variants, got {pairs}")
