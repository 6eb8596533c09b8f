"""Claims: which pairs have to show what, and which claims cannot be made."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import get_args

import pytest

from soundproof.search_spaces import (
    STUDIES,
    BestOf,
    Better,
    Claim,
    Equivalent,
    Faster,
    Infeasible,
    Larger,
    Measure,
    Monotone,
    NotBetter,
    WorstOf,
)
from soundproof.search_spaces.claims import (
    EPOCHS_TO_BEST,
    Above,
    Below,
    Between,
    Comparative,
    Degree,
    Exact,
    Groups,
    Interaction,
    MainEffect,
    NoInteraction,
    Outside,
    PairRule,
    claimed_variants,
    every_pair,
    names_of,
    weights_of,
)
from soundproof.search_spaces.specs import SpecError

STATED = {"text": "x", "source": "y"}


@pytest.mark.parametrize("kind", [Better, Faster, NotBetter, Equivalent])
def test_claims_about_pairs_need_every_pair(kind: Callable[..., Better]) -> None:
    """Each pair is a group of its own, in the declared order."""
    claim = kind(**STATED, pairs=(("a", "b"), ("a", "c")))
    assert claim.groups == ((("a", "b"),), (("a", "c"),))


def test_monotone_puts_each_variant_before_its_predecessor() -> None:
    """Along the levels every variant has to be better than the one before; distant ones are not compared."""
    assert Monotone(**STATED, variants=("1", "2", "3")).groups == ((("2", "1"),), (("3", "2"),))


def test_best_of_asks_one_of_the_best_to_beat_each_other_variant() -> None:
    """Two named as best need not both beat everything, nor be compared with each other."""
    claim = BestOf(**STATED, best=("10", "12"), others=("4", "16"))
    assert claim.groups == ((("10", "4"), ("12", "4")), (("10", "16"), ("12", "16")))


def test_worst_of_asks_each_other_variant_to_beat_one_of_the_worst() -> None:
    """The other variants come first in each pair: they are the better ones."""
    claim = WorstOf(**STATED, worst=("mul", "ave"), others=("sum", "concat"))
    assert claim.groups == ((("sum", "mul"), ("sum", "ave")), (("concat", "mul"), ("concat", "ave")))


def test_every_pair_is_each_pair_once() -> None:
    """Four variants make six pairs."""
    assert every_pair("a", "b", "c", "d") == (
        ("a", "b"),
        ("a", "c"),
        ("a", "d"),
        ("b", "c"),
        ("b", "d"),
        ("c", "d"),
    )


@pytest.mark.parametrize(
    ("claim", "variants"),
    [
        (Better(**STATED, pairs=(("a", "b"), ("a", "c"))), "abc"),
        (Monotone(**STATED, variants=("a", "b", "c")), "abc"),
        (BestOf(**STATED, best=("a",), others=("b", "c")), "abc"),
        (WorstOf(**STATED, worst=("a", "b"), others=("c",)), "abc"),
        (Infeasible(**STATED, variants=("a",)), "a"),
        (Larger(**STATED, pair=("a", "b"), ratio=1.2, tolerance=0.05), "ab"),
    ],
)
def test_a_claim_knows_its_variants(claim: Claim, variants: str) -> None:
    """Whatever its form, a claim names the variants that it speaks of."""
    assert claimed_variants(claim) == frozenset(variants)


def test_faster_counts_epochs() -> None:
    """Faster is measured in epochs until the best, unless another measure is named; the others in the study's own."""
    assert Faster(**STATED, pairs=(("a", "b"),)).measure == EPOCHS_TO_BEST
    assert Measure(metric="best/epoch", margin=1.0) == EPOCHS_TO_BEST
    assert Better(**STATED, pairs=(("a", "b"),)).measure is None


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Better(**STATED, pairs=()), r"Better compares pairs of two different variants, got \(\)"),
        (lambda: Faster(**STATED, pairs=(("a", "a"),)), "Faster compares pairs of two different variants"),
        (lambda: NotBetter(**STATED, pairs=(("a", "b", "c"),)), "NotBetter compares pairs"),
        (lambda: Equivalent(**STATED, pairs=(("a",),)), "Equivalent compares pairs"),
        (lambda: Monotone(**STATED, variants=("a",)), "Monotone needs two or more different variants"),
        (lambda: Monotone(**STATED, variants=("a", "b", "a")), "Monotone needs two or more different variants"),
        (lambda: BestOf(**STATED, best=(), others=("a",)), "BestOf needs different variants on two sides"),
        (lambda: BestOf(**STATED, best=("a",), others=("b", "a")), "BestOf needs different variants on two sides"),
        (lambda: WorstOf(**STATED, worst=("a",), others=()), "WorstOf needs different variants on two sides"),
        (lambda: Infeasible(**STATED, variants=()), "Infeasible needs at least one variant"),
        (lambda: Larger(**STATED, pair=("a", "a"), ratio=2, tolerance=1), "Larger compares pairs"),
        (lambda: Larger(**STATED, pair=("a", "b"), ratio=0, tolerance=1), "must be positive, got 0.0 and 1.0"),
        (lambda: Larger(**STATED, pair=("a", "b"), ratio=2, tolerance=0), "must be positive, got 2.0 and 0.0"),
        (lambda: Measure(metric="best/epoch", margin=0), "Measure.margin must be positive"),
    ],
)
def test_claims_that_compare_nothing_are_refused(make: Callable[[], object], message: str) -> None:
    """The error names the kind of claim and what it was given."""
    with pytest.raises(SpecError, match=message):
        make()


@pytest.mark.parametrize("kind", get_args(Claim))
def test_every_claim_states_its_rule_or_is_decided_by_arithmetic(kind: type[Claim]) -> None:
    """No class is tested in a way that it does not declare."""
    assert issubclass(kind, Comparative) != issubclass(kind, Exact)
    assert not issubclass(kind, Comparative) or isinstance(kind.plain_rule, PairRule)


def test_a_claim_without_a_rule_cannot_be_made() -> None:
    """A new class has to say how it is tested; nothing is assumed."""

    @dataclass(frozen=True, kw_only=True, slots=True)
    class Louder(Comparative):
        @property
        def groups(self) -> Groups:
            return ((("a", "b"),),)

    with pytest.raises(TypeError, match="Louder with abstract .* plain_rule"):
        Louder(**STATED)  # type: ignore[abstract]


def test_contrasts_weigh_what_they_compare() -> None:
    """A main effect is the mean of its pairs' differences, an interaction the difference of two; both add up to 0."""
    pairs = (("a", "b"), ("c", "d"))
    ((mean,),) = MainEffect(levels=("with", "without"), pairs=pairs, **STATED).groups
    assert weights_of(mean) == {"a": 0.5, "c": 0.5, "b": -0.5, "d": -0.5}
    assert names_of(mean) == ("with", "without")
    for kind in (Interaction, NoInteraction):
        ((difference,),) = kind(levels=("deep", "flat"), pairs=pairs, **STATED).groups
        assert weights_of(difference) == {"a": 1, "d": 1, "b": -1, "c": -1}
    assert weights_of(("a", "b")) == {"a": 1, "b": -1}
    assert claimed_variants(MainEffect(levels=("with", "without"), pairs=pairs, **STATED)) == set("abcd")


@pytest.mark.parametrize(
    ("levels", "pairs", "message"),
    [
        (("one",), (("a", "b"),), "levels names the two sides"),
        (("x", "y"), (("a", "b"), ("a", "c")), "every variant in one of its pairs only"),
        (("x", "y"), (("a", "b"),), "the differences of two pairs"),
    ],
)
def test_a_contrast_that_compares_nothing_cannot_be_claimed(levels, pairs, message) -> None:
    """Two names, each variant once, and for an interaction two pairs."""
    with pytest.raises(SpecError, match=message):
        Interaction(levels=levels, pairs=pairs, **STATED)


def test_only_an_improvement_has_a_degree() -> None:
    """Words like "far" and "slightly" are rules of their own, and nothing else can be far."""
    far = Degree(words="far", least_margins=3)
    assert Better(pairs=(("a", "b"),), degree=far, **STATED).rule == PairRule(claimed=Above(3), opposite=Below(3))
    slightly = Degree(words="slightly", most_margins=1)
    assert slightly.rule == PairRule(claimed=Between(0, 1), opposite=Outside(0, 1))
    with pytest.raises(SpecError, match="says nothing of an improvement"):
        Equivalent(pairs=(("a", "b"),), degree=far, **STATED)


DEGREES = re.compile("drastically|considerably|far better|much more|slightly|a bit ")


def test_words_of_degree_are_data() -> None:
    """Each claim whose text has such a word declares what it says of the effect, and no other does."""
    claims = [claim for study in STUDIES for claim in study.claims if isinstance(claim, Comparative)]
    with_words = {claim.text: DEGREES.search(claim.text) for claim in claims}
    assert {claim.text for claim in claims if claim.degree is not None} == {
        text for text, found in with_words.items() if found is not None
    }
    for claim in claims:
        if claim.degree is not None:
            assert claim.degree.words.split()[0] in claim.text
            strong = claim.degree.most_margins is None
            assert claim.degree.least_margins == (3 if strong else 0)
            assert strong == (claim.degree.words not in ("slightly", "a bit"))


def test_a_degree_of_nothing_is_refused() -> None:
    """Its lower end lies at or above zero and below the upper one."""
    for least, most in ((-1.0, None), (2.0, 2.0), (2.0, 1.0)):
        with pytest.raises(SpecError, match="Degree needs least_margins of 0 or more"):
            Degree(words="far", least_margins=least, most_margins=most)
