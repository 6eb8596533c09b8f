"""Claims that arithmetic decides: what can be trained, and how many parameters it has."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import assert_never

from soundproof.analysis.notation.labels import quoted
from soundproof.analysis.records.trials import Results
from soundproof.analysis.verdicts.decisions import Verdict
from soundproof.common import record
from soundproof.search_spaces.claims import Exact, Infeasible, Larger

ROUNDING = 1e-9
"""The ratio of two whole numbers is rounded, and one on the boundary is within it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ExactVerdict:
    """An exact claim, judged. `n` counts the variants it rests on; `ratio` is the observed one of a `Larger`."""

    claim: Exact
    verdict: Verdict
    sentence: str
    n: int
    ratio: float | None = None


def decide_exact(claim: Exact, records: Results, labels: Mapping[str, str]) -> ExactVerdict:
    """What the records say of a claim that no chance has a part in; `labels` name the variants in its sentence."""
    match claim:
        case Infeasible():
            return _infeasible(claim, records, labels)
        case Larger():
            return _larger(claim, records, labels)
        case _:
            assert_never(claim)


def _infeasible(claim: Infeasible, records: Results, labels: Mapping[str, str]) -> ExactVerdict:
    """Supported when each variant was found infeasible, contradicted when one of them was trained."""
    trained = [variant for variant in claim.variants if records.comparable(variant)]
    infeasible = [variant for variant in claim.variants if "infeasible" in records.statuses(variant)]
    waiting = [variant for variant in claim.variants if variant not in infeasible]
    verdict: Verdict
    if trained:
        verdict, sentence = "contradicted", f"Does not hold: {quoted(trained[0], labels)} was trained."
    elif waiting:
        name = quoted(waiting[0], labels)
        verdict, sentence = "undecided", f"Not decided: {name} was neither found infeasible nor trained."
    else:
        names = " and ".join(quoted(variant, labels) for variant in claim.variants)
        verdict, sentence = "supported", f"Holds by arithmetic: {names} cannot be trained on this corpus."
    return ExactVerdict(claim=claim, verdict=verdict, sentence=sentence, n=len(trained or infeasible))


def _larger(claim: Larger, records: Results, labels: Mapping[str, str]) -> ExactVerdict:
    """Whether the ratio of the recorded numbers of parameters lies within the tolerance of the claimed one."""
    first, second = (_parameters(records, variant) for variant in claim.pair)
    names = [quoted(variant, labels) for variant in claim.pair]
    if not first or not second:
        untrained = names[0] if not first else names[1]
        sentence = f"Not decided: no number of parameters is recorded for {untrained}, which was not trained yet."
        return ExactVerdict(claim=claim, verdict="undecided", sentence=sentence, n=bool(first) + bool(second))
    ratio = first / second
    holds = abs(ratio - claim.ratio) <= claim.tolerance + ROUNDING
    return ExactVerdict(
        claim=claim,
        verdict="supported" if holds else "contradicted",
        sentence=(
            f"{'Holds' if holds else 'Does not hold'}: {names[0]} has {first:,} parameters and {names[1]} {second:,}, "
            f"{ratio:.2f} times as many, where {claim.ratio:g} ± {claim.tolerance:g} is claimed."
        ),
        n=2,
        ratio=ratio,
    )


def _parameters(records: Results, variant: str) -> int | None:
    for trial in records.comparable(variant):
        if record.PARAMETERS in trial.metrics:
            return round(trial.metrics[record.PARAMETERS])
    return None
