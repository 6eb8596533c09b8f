"""What is claimed of somebody else's runs: in sentences, against a baseline, or what one would ask without either."""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from soundproof.analysis.judging.answers import Answers, AnswersError
from soundproof.analysis.judging.runs import Levels, name_of
from soundproof.search_spaces.claims import (
    BestOf,
    Better,
    Claim,
    Either,
    Equivalent,
    MainEffect,
    NoLoss,
    NotBetter,
    WorstOf,
)

SOURCE = "asked of the source"
MOST_PAIRS = 15
"""Pairs up to which all are compared where nothing is claimed: those of six variants."""

_KINDS: Mapping[str, type[Better | NotBetter | NoLoss | Equivalent]] = {
    "not better than": NotBetter,
    "no worse than": NoLoss,
    "not worse than": NoLoss,
    "better than": Better,
    "worse than": Better,
    "equivalent to": Equivalent,
    "as good as": Equivalent,
}
"""What stands between two names; the longer ones are looked for first."""

_BETWEEN = re.compile(rf"^(?P<first>.+?)\s+(?:is\s+)?(?P<kind>{'|'.join(_KINDS)})\s+(?P<second>.+)$", re.IGNORECASE)
_ALONE = re.compile(r"^(?P<first>.+?)\s+(?:is\s+)?(?:the\s+)?(?P<kind>best|worst)$", re.IGNORECASE)


def claims_of(variants: Sequence[Levels], answers: Answers) -> tuple[Claim, ...]:
    """The claims that are asked about. Raises `AnswersError` for a sentence that is none, or names no variant."""
    names = [name_of(levels) for levels in variants]
    if answers.claims:
        return tuple(_parsed(text, names) for text in answers.claims)
    if answers.baseline is not None:
        baseline = named(answers.baseline, names)
        return tuple(_pair(Better, name, baseline) for name in names if name != baseline)
    pairs = list(itertools.combinations(names, 2))
    effects = tuple(_main_effects(variants))
    if effects:
        return effects
    if len(pairs) <= MOST_PAIRS:
        return tuple(_pair(Either, first, second) for first, second in pairs)
    return tuple(_pair(Either, name, names[0]) for name in names[1:])


def claims_in(path: Path | None) -> list[str]:
    """The claims of a file, one in each line; none where there is no file. Raises `AnswersError`."""
    if path is None:
        return []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise AnswersError(
            f"--claims expects a file with a claim in each line, could not read {path}: {error}"
        ) from error
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def mentioned(text: str) -> tuple[str, ...]:
    """The names in a sentence, before it is known which variants there are; none where it is no claim.

    >>> mentioned("wide is no worse than base."), mentioned("wide best"), mentioned("is it good?")
    (('wide', 'base'), ('wide',), ())
    """
    bare = text.strip().rstrip(".")
    if (between := _BETWEEN.match(bare)) is not None:
        return _bare(between["first"]), _bare(between["second"])
    alone = _ALONE.match(bare)
    return () if alone is None else (_bare(alone["first"]),)


def _bare(name: str) -> str:
    return name.strip().strip('"“”').rstrip(".")


def named(text: str, names: Sequence[str]) -> str:
    """The variant that is called so, in whatever case. Raises `AnswersError` where none is."""
    bare = _bare(text)
    for name in names:
        if name == bare:
            return name
    alike = [name for name in names if name.lower() == bare.lower()]
    if len(alike) == 1:
        return alike[0]
    shown = ", ".join(repr(name) for name in names[:12]) + (" ..." if len(names) > 12 else "")
    raise AnswersError(f"expected the name of a variant, got {bare!r}: the source has {shown}")


def _parsed(text: str, names: Sequence[str]) -> Claim:
    bare = text.strip().rstrip(".")
    alone, between = _ALONE.match(bare), _BETWEEN.match(bare)
    if alone is not None and between is None:  # a variant may be called `best`
        first = named(alone["first"], names)
        others = tuple(name for name in names if name != first)
        if alone["kind"].lower() == "best":
            return BestOf(text=text, source=SOURCE, best=(first,), others=others)
        return WorstOf(text=text, source=SOURCE, worst=(first,), others=others)
    if between is None:
        raise AnswersError(
            "expected a claim such as 'A better than B', 'A not better than B', 'A no worse than B', "
            f"'A equivalent to B' or 'A best', got {text!r}"
        )
    first, second = named(between["first"], names), named(between["second"], names)
    if first == second:
        raise AnswersError(f"expected a claim about two variants, got {text!r}")
    kind = between["kind"].lower()
    pair = (second, first) if kind == "worse than" else (first, second)
    return _KINDS[kind](text=text, source=SOURCE, pairs=(pair,))


def _pair(kind: type[Better] | type[Either], first: str, second: str) -> Claim:
    return kind(text=f"“{first}” is better than “{second}”.", source=SOURCE, pairs=((first, second),))


def _main_effects(variants: Sequence[Levels]) -> Iterator[Claim]:
    """A claim for each factor of a whole grid of two levels each."""
    factors = [factor for factor, _ in variants[0]]
    levels = [list(dict.fromkeys(of_variant[place][1] for of_variant in variants)) for place in range(len(factors))]
    if len(factors) < 2 or any(len(of_factor) != 2 for of_factor in levels) or len(variants) != 2 ** len(factors):
        return
    for place, factor in enumerate(factors):
        low, high = levels[place]
        pairs = []
        for of_variant in variants:
            if of_variant[place][1] == high:
                other = (*of_variant[:place], (factor, low), *of_variant[place + 1 :])
                pairs.append((name_of(of_variant), name_of(other)))
        yield MainEffect(
            text=f"On average over the other factors, {factor} {high} is better than {factor} {low}.",
            source=SOURCE,
            levels=(f"{factor} {high}", f"{factor} {low}"),
            pairs=tuple(pairs),
        )
