"""Two-level factorial designs: all combinations of the levels of k factors, or a regular fraction 2^(k-p) of them.

In a fraction the first k - p factors are combined in all ways, and each further one takes the product of some of them,
levels being 1 and -1. Whatever multiplies to a constant is a word of the design; two effects whose product is a word
have the same contrast, and no data tell them apart. The shortest word's length is the resolution: III confounds main
effects with interactions of two factors, IV interactions of two with each other, V neither.

Source: Box and Hunter (1961), Technometrics 3:311; the generators are those of minimum aberration, with the fewest
words of the shortest length, then of the next (Fries and Hunter 1980, Technometrics 22:601; tables in Box, Hunter and
Hunter, Statistics for Experimenters, 2nd edition, 2005, and in Wu and Hamada, Experiments, 2000).
"""

import itertools
import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

Effect = frozenset[int]
"""The factors, from 0 on, that act together: one of them in a main effect, two in an interaction of two."""

_LETTERS = "ABCDE"
"""The factors that are combined in all ways: at most five, which make 32 combinations."""

_GENERATORS: dict[tuple[int, int], str] = {
    (3, 4): "AB",
    (4, 8): "ABC",
    (5, 8): "AB AC",
    (6, 8): "AB AC BC",
    (7, 8): "AB AC BC ABC",
    (5, 16): "ABCD",
    (6, 16): "ABC BCD",
    (7, 16): "ABC BCD ACD",
    (8, 16): "BCD ACD ABC ABD",
    (9, 16): "ABC BCD ACD ABD ABCD",
    (10, 16): "ABC BCD ACD ABD ABCD AB",
    (6, 32): "ABCDE",
    (7, 32): "ABCD ABDE",
    (8, 32): "ABC ABD BCDE",
    (9, 32): "BCDE ACDE ABDE ABCE",
    (10, 32): "ABCD ABCE ABDE ACDE BCDE",
}
"""By factors and combinations: what the factors after the first ones are products of, in their order."""

_FACTORS_ALL_COMBINED = 4
"""Up to so many factors all combinations are usual."""

MOST_FACTORS = max(factors for factors, _ in _GENERATORS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Design:
    """Some combinations of two levels of `factors`, in balance.

    `generators` are the products that the last factors are, `signs` (1 or -1) what each is multiplied by: another sign
    gives another fraction with the same words.
    """

    factors: int
    generators: tuple[Effect, ...] = ()
    signs: tuple[int, ...] = ()

    @property
    def combinations(self) -> tuple[tuple[int, ...], ...]:
        """The levels of all factors, 1 or -1, in each combination; the one of all 1 first, where there is one."""
        found = []
        for basic in itertools.product((1, -1), repeat=self.factors - len(self.generators)):
            signed = zip(self.generators, self.signs, strict=True)
            made = (sign * math.prod(basic[factor] for factor in generator) for generator, sign in signed)
            found.append((*basic, *made))
        return tuple(found)

    @property
    def words(self) -> tuple[Effect, ...]:
        """The effects that are the same in all combinations, the shortest first: of p generators 2^p - 1."""
        first = self.factors - len(self.generators)
        generating = [generator | {first + place} for place, generator in enumerate(self.generators)]
        words = {
            _product(some) for n in range(1, len(generating) + 1) for some in itertools.combinations(generating, n)
        }
        return tuple(sorted(words, key=_order))

    @property
    def word_lengths(self) -> dict[int, int]:
        """How many words there are of each length that some have."""
        return dict(sorted(Counter(map(len, self.words)).items()))

    @property
    def resolution(self) -> int | None:
        """The length of the shortest word; None where all combinations are there."""
        return min(self.word_lengths, default=None)

    def aliases(self, effect: Effect) -> tuple[Effect, ...]:
        """The effects that no data of this design tell from `effect`, those of the fewest factors first."""
        return tuple(sorted((effect ^ word for word in self.words), key=_order))

    def contrast(self, effect: Effect) -> tuple[int, ...]:
        """1 or -1 for each combination: the product of the levels of the factors in `effect`."""
        return tuple(math.prod(levels[factor] for factor in effect) for levels in self.combinations)


def full_design(factors: int) -> Design:
    """All combinations."""
    return Design(factors=factors)


def fractions_of(factors: int) -> tuple[int, ...]:
    """How many combinations there can be in a fraction, in ascending order."""
    return tuple(sorted(runs for known, runs in _GENERATORS if known == factors))


def fractions(factors: int, runs: int) -> tuple[Design, ...]:
    """The fractions of so many `runs` of minimum aberration that differ in signs alone. Raises KeyError for others."""
    words = _GENERATORS[factors, runs].split()
    generators = tuple(frozenset(_LETTERS.index(letter) for letter in word) for word in words)
    return tuple(
        Design(factors=factors, generators=generators, signs=signs)
        for signs in itertools.product((1, -1), repeat=len(generators))
    )


def usual_runs(factors: int) -> int:
    """All combinations of up to four factors; of more, the smallest fraction whose resolution is IV."""
    if factors <= _FACTORS_ALL_COMBINED:
        return 1 << factors
    return next(runs for runs in fractions_of(factors) if (fractions(factors, runs)[0].resolution or 0) >= 4)


def _product(effects: Iterable[Effect]) -> Effect:
    """What is in an odd number of them: a factor times itself is nothing."""
    product: Effect = frozenset()
    for effect in effects:
        product ^= effect
    return product


def _order(effect: Effect) -> tuple[int, list[int]]:
    return len(effect), sorted(effect)
