"""The sentence of a verdict on which of two variants reaches a target sooner."""

from collections.abc import Mapping

from soundproof.analysis.notation.labels import quoted
from soundproof.analysis.notation.quantities import quantity
from soundproof.analysis.verdicts.comparisons import Comparison
from soundproof.analysis.verdicts.decisions import Decision
from soundproof.analysis.verdicts.races import Arrivals
from soundproof.analysis.verdicts.sentences import obstacle_words, seeds_words
from soundproof.common.counting import counted
from soundproof.search_spaces.claims import ReachesSooner


def race_sentence(decision: Decision, deciding: Comparison, claim: ReachesSooner, labels: Mapping[str, str]) -> str:
    """On how many seeds the first was sooner, by how much where both arrived, and how many arrived at all."""
    result = deciding.race
    assert result is not None
    if deciding.obstacle is not None and decision.verdict == "undecided":
        return f"Not decided: {obstacle_words(deciding.obstacle, labels)}."
    first, second = quoted(deciding.first, labels), quoted(deciding.second, labels)
    seeds = result.sooner + result.later + result.neither
    reached = f"reaches a {target_words(claim)}"
    counts = f"sooner than {second} on {result.sooner} of {seeds_words(seeds)}, later on {result.later}"
    if result.neither:
        counts += f", and on {result.neither} neither is shown"
    scopes = {"supported": "Holds: ", "contradicted": "Does not hold: ", "undecided": "Not decided: "}
    sides = f"{first} {_arrived(result.first)}, {second} {_arrived(result.second)}"
    return f"{scopes[decision.verdict]}{first} {reached} {counts}{_saved(deciding)}. It is reached by {sides}."


def target_words(claim: ReachesSooner) -> str:
    """`validation loss of 30.0 nats`."""
    measured = quantity(claim.metric)
    return f"{measured.name} of {measured.level(claim.target)}"


def _saved(deciding: Comparison) -> str:
    if deciding.effect is None:
        return "; on no seed do both reach it"
    count = len(deciding.by_seed)
    word = "fewer" if deciding.effect >= 0 else "more"
    where = f"where both reach it, on {counted(count, 'seed')}, it takes {abs(deciding.effect):g} epochs {word}"
    return f"; {where} in the median"


def _arrived(side: Arrivals) -> str:
    """With Kaplan and Meier's median."""
    median = "no median yet" if side.median_epochs is None else f"half of them by epoch {side.median_epochs:g}"
    return f"in {side.reached} of {counted(side.runs, 'run')} ({median})"
