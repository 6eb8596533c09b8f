"""One plain sentence for each verdict, with the numbers that it rests on."""

import math
import re
from collections.abc import Mapping
from dataclasses import replace

from soundproof.analysis.notation.labels import quoted
from soundproof.analysis.notation.quantities import Endpoint
from soundproof.analysis.statistics.intervals import Interval
from soundproof.analysis.verdicts.comparisons import Comparison
from soundproof.analysis.verdicts.decisions import Decision
from soundproof.analysis.verdicts.evidence import Obstacle
from soundproof.analysis.verdicts.region_words import region_words
from soundproof.common.counting import counted
from soundproof.search_spaces.claims import (
    BETTER,
    BestOf,
    Claim,
    Comparative,
    Equivalent,
    Monotone,
    WorstOf,
)

_DEGREES = "considerably drastically much far clearly greatly markedly significantly slightly strongly".split()


def comparison_sentence(decision: Decision, deciding: Comparison, labels: Mapping[str, str]) -> str:
    """What the deciding comparison shows and why that makes the verdict."""
    if decision.verdict == "undecided" and deciding.obstacle is not None:
        return f"Not decided: {_in_the_way(deciding, deciding.obstacle, decision.endpoint, labels)}"
    endpoint = decision.endpoint
    first, second = quoted(deciding.first, labels), quoted(deciding.second, labels)
    assert deciding.effect is not None
    shown = endpoint.quantity.difference(first, second, deciding.effect)
    runs = seeds_words(deciding.n, paired=deciding.paired)
    evidence = f"{_interval_words(deciding.effect, deciding.interval, endpoint)}, {runs}"
    if deciding.overall is not None and deciding.overall.value is not None:
        turned = math.copysign(1.0, deciding.effect) * deciding.overall.value
        evidence += f"; over all {deciding.overall.n} it is {endpoint.quantity.amount(turned)}"
    if decision.verdict == "undecided":
        same = f"every loss of {first} and {second} is the same to the last bit on {runs}"
        return f"Not decided: {_left_open(deciding, shown, evidence, same)}"
    if turns_back(decision.claim, decision.verdict, deciding):
        return (
            f"{_scope(decision)}so early seeds showed, but over all of them {shown} ({evidence}). Early and late runs "
            "say opposite things, which chance hardly makes: find what changed before believing either."
        )
    return f"{_scope(decision)}{shown} ({evidence}), {_reason(decision, deciding)}."


def _left_open(deciding: Comparison, shown: str, evidence: str, same: str) -> str:
    """Why a comparison decides nothing, though nothing is in the way."""
    if deciding.verdict != "undecided":
        return f"on average {shown} ({evidence}), which does not decide the claim by itself."
    if deciding.identical:
        return f"{same}, as of one function, but what few seeds show may be still to come."
    if deciding.interval is None:
        runs = seeds_words(deciding.n, paired=deciding.paired)
        return f"on average {shown}, but on {runs} only, too few for an interval."
    if deciding.interval.low == deciding.interval.high:
        return f"{shown} ({evidence}), always by as much, so that nothing tells what chance could do."
    return f"on average {shown}, but the interval leaves room for either answer ({evidence})."


def turns_back(claim: Claim | Comparative, verdict: str, deciding: Comparison) -> bool:
    """Whether a verdict that earlier seeds decided is the opposite of what all seeds say on average."""
    if not isinstance(claim, Comparative) or claim.rule != BETTER or deciding.effect is None:
        return False
    return deciding.effect < 0 if verdict == "supported" else deciding.effect > 0 and verdict == "contradicted"


def obstacle_words(obstacle: Obstacle, labels: Mapping[str, str]) -> str:
    """What keeps a pair from being decided, as a clause."""
    name = "" if obstacle.variant is None else quoted(obstacle.variant, labels)
    match obstacle.kind:
        case "infeasible":
            return f"{name} cannot be trained on this corpus"
        case "failures":
            return (
                f"too many trials of {name} ended without a comparable number ({obstacle.count} of {obstacle.total}), "
                "and those that survive are a selection"
            )
        case "too few":
            return f"{seeds_words(obstacle.count)} where {obstacle.total} are the least that can decide"


def untested_degree(claim: Claim) -> str | None:
    """That a claim which speaks of how much was tested only as a difference at all; None where that is all it says."""
    if not isinstance(claim, Comparative) or claim.rule != BETTER:
        return None
    found = re.search(rf"\b({'|'.join(_DEGREES)})\b", claim.text, flags=re.IGNORECASE)
    if found is None:
        return None
    return f"Tested is whether there is such a difference at all, not whether it is as large as “{found[0]}” says."


def percent(confidence: float) -> str:
    """A confidence as a percentage with at most two decimals, rounded down so that it never reads 100%.

    >>> percent(0.95), percent(0.99999)
    ('95%', '99.99%')
    """
    hundredths = int(confidence * 10_000 + 1e-6)
    return f"{hundredths / 100:.2f}".rstrip("0").rstrip(".") + "%"


def sentence(text: str) -> str:
    """`text` with a capital at its start, and the rest as it is."""
    return text[:1].upper() + text[1:]


def seeds_words(n: int, *, paired: bool = True) -> str:
    """`5 paired seeds`; of runs that nothing pairs, `5 runs of each`."""
    return counted(n, "paired seed") if paired else f"{counted(n, 'run')} of each"


def _in_the_way(deciding: Comparison, obstacle: Obstacle, endpoint: Endpoint, labels: Mapping[str, str]) -> str:
    first, second = quoted(deciding.first, labels), quoted(deciding.second, labels)
    if obstacle.kind != "too few":
        return f"{obstacle_words(obstacle, labels)}."
    if deciding.effect is None:
        return f"no seed of {first} and {second} was completed on both sides."
    shown = endpoint.quantity.difference(first, second, deciding.effect)
    if deciding.n == 1:
        return f"{shown}, but on one seed only, which shows no spread. At least {obstacle.total} are needed."
    return f"on average {shown}, but on {deciding.n} seeds only. At least {obstacle.total} are needed."


def _scope(decision: Decision) -> str:
    if decision.verdict != "supported":
        return "Does not hold: " if decision.verdict == "contradicted" else "Negligible: "
    count = len(decision.groups)
    if count == 1:
        return "Holds: "
    together = "both" if count == 2 else f"all {count}"
    match decision.claim:
        case Equivalent():
            return f"Holds for {together} pairs; in the farthest apart one, "
        case Monotone():
            return f"Holds for {together} steps; in the weakest one, "
        case BestOf() | WorstOf():
            return f"Holds against {together} others; against the closest one, "
    return f"Holds for {together} pairs; in the weakest one, "


def _interval_words(effect: float, interval: Interval | None, endpoint: Endpoint) -> str:
    """The interval, turned as the clause before it is: positive is what the clause says."""
    if interval is None:
        return "too few seeds for an interval"
    measured = endpoint.quantity
    if effect < 0 and not measured.is_nothing(effect):
        interval = replace(interval, low=-interval.high, high=-interval.low)
    return f"{percent(interval.confidence)} interval {measured.ends(interval)} {measured.difference_unit}".rstrip()


def _reason(decision: Decision, deciding: Comparison) -> str:
    """What was shown, in words."""
    if deciding.identical:
        return "for every loss is the same to the last bit: the two are one function"
    rule, endpoint = decision.claim.rule, decision.endpoint
    if decision.verdict == "negligible":
        better = deciding.interval is not None and deciding.interval.low > 0
        amount = "hardly anything" if endpoint.what_matters is None else f"less than {endpoint.what_matters}"
        return f"better, by {amount}" if better else f"so if it is better, then by {amount}"
    shown = rule.claimed if decision.verdict == "supported" else rule.opposite
    return region_words(shown, endpoint, deciding.interval)
