"""Verdicts on what an agent declared and submitted, through the one way into verdicts, as JSON values."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from soundproof.analysis.judging.claims import claims_of
from soundproof.analysis.judging.faults import Fault
from soundproof.analysis.judging.forensics import faults_in
from soundproof.analysis.judging.judging import Judged, judge_found
from soundproof.analysis.judging.plain import judged_plain
from soundproof.analysis.judging.runs import runs_of
from soundproof.analysis.sources.cells import text_of
from soundproof.analysis.sources.found import Found, FoundRun
from soundproof.analysis.study_report import StudyReport
from soundproof.analysis.summaries.study import summarise
from soundproof.api.agent_declarations import SEED, STATUS, VARIANT, Record, Row
from soundproof.common.counting import counted
from soundproof.common.errors import UserError

OF_A_CLAIM = (
    *("text", "verdict", "sentence", "effect", "interval", "confidence", "n", "p_value", "adjusted_p_value"),
    *("margin", "deciding", "heading", "seeds_needed", "obstacle"),
)
"""What is said of each claim, of all that `judge --json` says."""

ANY_LOOK = "the test is the one that holds however often one looks"
_OPTION = re.compile(r"\s*\(--[^)]*\)")
_FIXED = "--fixed-beforehand"


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """A study judged; `judged` is None where it cannot be yet, for a `reason` in words."""

    record: Record
    judged: Judged | None
    faults: tuple[Fault, ...]
    reason: str | None = None

    @property
    def decided(self) -> bool:
        """Whether every claim is."""
        return self.judged is not None and all(
            claim.verdict != "undecided" for claim in self.judged.report.summary.claims
        )


def judge_record(record: Record) -> Judgement:
    """Judge what was submitted so far."""
    bare = [name for name in record.declaration.variants if all(row.variant != name for row in record.rows)]
    if bare:
        return Judgement(record=record, judged=None, faults=(), reason=f"there is no run of {', '.join(bare)} yet")
    found, answers = found_of(record), record.declaration.answers(fixed_beforehand=_fixed(record))
    try:
        judged = judge_found([found], answers)
    except UserError as error:  # what was found may be why: an arm that is another one again, or no finite result
        faults = faults_in(runs_of(found, answers), answers)
        return Judgement(record=record, judged=None, faults=faults, reason=str(error))
    return Judgement(record=record, judged=_with_its_plan(judged, record), faults=judged.faults)


def _with_its_plan(judged: Judged, record: Record) -> Judged:
    """The same, where a plan has not ended: looks before its end have the small part of the error that it leaves."""
    if not _planned(record) or judged.report.records.planned_seeds is not None:
        return judged
    records = replace(judged.report.records, planned_seeds=record.declaration.seeds)
    summary = summarise(judged.report.summary.study, records)
    return replace(judged, report=StudyReport(records=records, summary=summary))


def found_of(record: Record) -> Found:
    """The rows as a source, in the order of seeds."""
    rows = sorted(record.rows, key=lambda row: (row.seed, record.declaration.variants.index(row.variant)))
    return Found(
        name=record.study,
        kind="study of an agent",
        columns=(VARIANT, SEED, record.declaration.metric, STATUS),
        runs=tuple(FoundRun(where=where(row), cells=_cells(row, record.declaration.metric)) for row in rows),
        hints={VARIANT: "variant", SEED: "seed", STATUS: "state"},
    )


def where(row: Row) -> str:
    """What a run is called in words."""
    return f"{row.variant} with seed {row.seed}"


def verdict_plain(judgement: Judgement) -> dict[str, Any]:
    """Everything that is said of a study: JSON values, None for what is not there or not finite."""
    record, judged = judgement.record, judgement.judged
    declaration = record.declaration
    plain = {} if judged is None else judged_plain(judged)
    claims = [{name: claim[name] for name in OF_A_CLAIM} for claim in plain.get("claims", ())]
    said: dict[str, Any] = {
        "study": record.study,
        "answer": f"Nothing can be told: {judgement.reason}." if judged is None else judged.report.answer(),
        "every_claim_decided": judgement.decided,
        "claims": claims or list(_untold(judgement)),
        "runs": {name: _counts(record, name) for name in declaration.variants},
        "metric": declaration.metric,
        "higher_is_better": declaration.higher_is_better,
        "test": "fixed seeds" if plain.get("looked_once") else "any look",
        "declared": {"at": record.at, "hash": record.digest, "before_results": record.before_results},
        "faults": [
            {"kind": fault.kind, "words": fault.sentence, "alarm": fault.alarm, "left_out": len(fault.dropped)}
            for fault in judgement.faults
        ],
        "notes": list(_notes(judgement)),
    }
    return {name: _finite(value) for name, value in said.items()}


def _untold(judgement: Judgement) -> Iterator[dict[str, Any]]:
    declaration = judgement.record.declaration
    for claim in claims_of([((VARIANT, name),) for name in declaration.variants], declaration.answers()):
        known = {"text": claim.text, "verdict": "undecided", "n": 0, "margin": declaration.margin}
        yield dict.fromkeys(OF_A_CLAIM) | known | {"sentence": f"Nothing can be told: {judgement.reason}."}


def _cells(row: Row, metric: str) -> dict[str, str]:
    cells = {VARIANT: row.variant, SEED: row.seed, metric: row.value, STATUS: row.status}
    return {name: text for name, value in cells.items() if (text := text_of(value)) is not None}


def _counts(record: Record, variant: str) -> dict[str, int]:
    rows = [row for row in record.rows if row.variant == variant]
    finished = sum(row.status == "finished" for row in rows)
    return {"finished": finished, "without_result": len(rows) - finished}


def _planned(record: Record) -> bool:
    """Whether all runs are of seeds that were planned before any result."""
    planned = set(record.declaration.planned)
    return record.before_results and bool(planned) and {row.seed for row in record.rows} <= planned


def _fixed(record: Record) -> bool:
    """Whether they are, and none is missing."""
    planned = set(record.declaration.planned)
    return _planned(record) and all(_seeds(record, name) == planned for name in record.declaration.variants)


def _seeds(record: Record, variant: str) -> set[int]:
    return {row.seed for row in record.rows if row.variant == variant}


def _notes(judgement: Judgement) -> Iterator[str]:
    """How it was judged, and what the engine notes, without names of options."""
    record = judgement.record
    if not record.before_results:
        seen = (
            f"after {counted(record.seen, 'result')} had been submitted" if record.seen else "after results were seen"
        )
        yield f"this was declared {seen} ({record.at}), so no test for a fixed number of seeds is used: {ANY_LOOK}"
    elif not record.declaration.seeds:
        yield f"no number of seeds was declared beforehand: {ANY_LOOK}"
    elif not _fixed(record):
        yield _unlike_the_plan(record)
    if judgement.judged is not None:
        yield from (_OPTION.sub("", note) for note in judgement.judged.notes if _FIXED not in note)


def _unlike_the_plan(record: Record) -> str:
    planned = set(record.declaration.planned)
    words = f"seeds {min(planned)} to {max(planned)} of each variant"
    if not _planned(record):
        return f"there are runs beyond {words}, which were planned: {ANY_LOOK}"
    wanted = len(planned) * len(record.declaration.variants)
    return (
        f"{len(record.rows)} of the {wanted} runs of the plan are there ({words}): until all are, {ANY_LOOK}, with the "
        "tenth of the error that is not kept for the end of the plan"
    )


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {name: _finite(each) for name, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_finite(each) for each in value]
    return value
