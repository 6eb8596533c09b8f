"""One plain sentence for each verdict, with the numbers that it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analysis.comparisons import Comparison
from analysis.metrics import Yardstick
from analysis.statistics import Interval
from search_spaces.claims import Better, Equivalent, NotBetter


def comparison_sentence(
    claim: Better | NotBetter | Equivalent,
    judged: Sequence[Comparison],
    deciding: Comparison,
    yardstick: Yardstick,
    labels: Mapping[str, str],
) -> str:
    """What the deciding comparison shows and why that makes the verdict."""
    first, second = quoted(deciding.first, labels), quoted(deciding.second, labels)
    if deciding.effect is None:
        return f"Not decided: no seed of {first} and {second} was completed on both sides."
    shown = yardstick.quantity.difference(first, second, deciding.effect)
    if deciding.interval is None:
        return f"Not decided: {shown}, but on one seed only, which shows no spread. At least two are needed."
    evidence = f"{_interval_words(deciding, deciding.interval, yardstick)}, {seeds_words(deciding.n)}"
    if deciding.verdict == "undecided":
        return f"Not decided: on average {shown}, but the interval leaves room for either answer ({evidence})."
    scope = _scope(claim, judged, deciding)
    return f"{scope}{shown} ({evidence}), {_reason(claim, deciding, yardstick)}."


def infeasible_sentence(
    variants: Sequence[str], trained: Sequence[str], infeasible: Sequence[str], labels: Mapping[str, str]
) -> str:
    """What became of the variants that are said to be impossible to train."""
    if trained:
        return f"Does not hold: {quoted(trained[0], labels)} was trained."
    if len(infeasible) == len(variants):
        names = " and ".join(quoted(variant, labels) for variant in variants)
        return f"Holds by arithmetic: {names} cannot be trained on this corpus."
    open_ones = [variant for variant in variants if variant not in infeasible]
    return f"Not decided: {quoted(open_ones[0], labels)} was neither found infeasible nor trained."


def quoted(variant: str, labels: Mapping[str, str]) -> str:
    """The label of a variant in quotation marks."""
    return f"“{labels.get(variant, variant)}”"


def percent(confidence: float) -> str:
    """A confidence as a percentage with at most two decimals, rounded down so that it never reads 100%."""
    hundredths = int(confidence * 10_000 + 1e-6)
    return f"{hundredths / 100:.2f}".rstrip("0").rstrip(".") + "%"


def seeds_words(n: int) -> str:
    """`5 paired seeds`."""
    return f"{n} paired seed" + ("" if n == 1 else "s")


def _scope(claim: Better | NotBetter | Equivalent, judged: Sequence[Comparison], deciding: Comparison) -> str:
    if len(judged) == 1:
        return "Holds: " if deciding.verdict == "supported" else "Does not hold: "
    if deciding.verdict == "supported":
        extreme = "farthest apart" if isinstance(claim, Equivalent) else "weakest"
        count = "both" if len(judged) == 2 else f"all {len(judged)}"
        return f"Holds for {count} pairs; in the {extreme} one, "
    return "Does not hold: "


def _interval_words(deciding: Comparison, interval: Interval, yardstick: Yardstick) -> str:
    """The interval, turned as the clause before it is: positive is what the clause says."""
    low, high = interval.low, interval.high
    if deciding.effect is not None and deciding.effect < 0:
        low, high = -high, -low
    return (
        f"{percent(interval.confidence)} interval {yardstick.quantity.number(low)} to {yardstick.quantity.amount(high)}"
    )


def _reason(claim: Better | NotBetter | Equivalent, deciding: Comparison, yardstick: Yardstick) -> str:
    matters = f"the {yardstick.quantity.amount(yardstick.margin)} that matter"
    supported = deciding.verdict == "supported"
    opposite = deciding.interval is not None and deciding.interval.high < 0
    match claim:
        case Better() if supported:
            return "more than chance explains"
        case NotBetter() if not supported:
            return f"more than chance explains and more than {matters}"
        case Better() | NotBetter() if opposite:
            return "so it is the worse one"
        case Better() | NotBetter():
            return f"so it is not better by {matters}"
        case Equivalent():
            return f"less than {matters}" if supported else f"more than {matters}"
