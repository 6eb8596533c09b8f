"""The claims of all studies in a store together: how many of those that look decided are so by chance alone.

Each study keeps its own chance of even one false verdict at 5%, and many studies make many times that. Over all of them
the false discovery rate is what can be kept (Benjamini and Hochberg 1995, JRSS B 57:289): claims with a q value of at
most q are, on average, wrong in a share of q.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from scipy import stats

from soundproof.analysis.records.loading import load_study
from soundproof.analysis.records.recorded_studies import RecordedStudy, recorded_studies
from soundproof.analysis.records.trials import RecordsError
from soundproof.analysis.verdicts.decisions import Decision, Verdict, decide_claims
from soundproof.analysis.verdicts.verdicts import outcomes_of
from soundproof.search_spaces.studies import Question

Declared = Callable[[str], Question | None]
"""The study, or question, of an id, None where none is declared."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredClaim:
    """A statistical claim of a recorded study; `p_value` is the claim's own, `q_value` that among all of the store."""

    study: str
    corpus: str
    text: str
    verdict: Verdict
    p_value: float
    q_value: float


@dataclass(frozen=True, kw_only=True, slots=True)
class AcrossStudies:
    """The statistical claims of all studies that a store has at one preset, in the order of their p values.

    `undeclared` are ids of recorded studies that nothing declares now, whose claims are therefore not known.
    """

    preset: str
    claims: tuple[StoredClaim, ...]
    undeclared: tuple[str, ...]


def across_studies(tracking_uri: str, declared: Declared, preset: str | None = None) -> AcrossStudies:
    """Decide the claims of every study at a preset, by default that of the one begun last. Raises `RecordsError`."""
    recorded = recorded_studies(tracking_uri)
    chosen = preset or (recorded[0].preset if recorded else None)
    found = [one for one in recorded if one.preset == chosen]
    if chosen is None or not found:
        others = ", ".join(sorted({one.preset for one in recorded})) or "no study at all"
        raise RecordsError(
            f"expected studies with preset {chosen or 'any'!r} in {tracking_uri}, found {others}: run one first, or "
            "name another preset with --preset, another store with --storage"
        )
    decided = [(one, decision) for one in found for decision in _decisions(one, tracking_uri, declared)]
    undeclared = dict.fromkeys(one.study for one in found if declared(one.study) is None)
    return AcrossStudies(preset=chosen, claims=_with_q_values(decided), undeclared=tuple(undeclared))


def _decisions(one: RecordedStudy, tracking_uri: str, declared: Declared) -> Iterable[Decision]:
    study = declared(one.study)
    if study is None:
        return ()
    records = load_study(tracking_uri, study.id, one.preset, one.corpus, histories=(), study=study)
    return decide_claims(study, outcomes_of(study, records), records.margin)


def _with_q_values(decided: list[tuple[RecordedStudy, Decision]]) -> tuple[StoredClaim, ...]:
    if not decided:
        return ()
    p_values = [min(decision.support, decision.contradict, decision.negligible) for _, decision in decided]
    q_values = stats.false_discovery_control(np.array(p_values)).tolist()
    claims = [
        StoredClaim(
            study=one.study,
            corpus=one.corpus,
            text=decision.claim.text,
            verdict=decision.verdict,
            p_value=p_value,
            q_value=q_value,
        )
        for (one, decision), p_value, q_value in zip(decided, p_values, q_values, strict=True)
    ]
    return tuple(sorted(claims, key=lambda claim: claim.p_value))
