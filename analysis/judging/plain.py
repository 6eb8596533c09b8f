"""A judgement as JSON values: the report, and beside it what was understood, what is wrong, and what to do next."""

from typing import Any

from soundproof.analysis.judging.data_sets import ranks_plain
from soundproof.analysis.judging.faults import Fault
from soundproof.analysis.judging.judging import Judged

OF_OUR_RECORD = (
    *("preset", "declared", "train_seconds", "new_clips", "estimates"),
    "study",
)
"""Parts of our own report that a source of somebody else's cannot have."""


def judged_plain(judged: Judged) -> dict[str, Any]:
    """The value that `judge --json` prints."""
    report = {name: value for name, value in judged.report.plain().items() if name not in OF_OUR_RECORD}
    return {
        "source": judged.report.records.corpus,
        "answers": judged.understood.answers.to_plain(),
        "proposed": list(judged.understood.proposed),
        "faults": [_fault(fault) for fault in judged.faults],
        "notes": list(judged.notes),
        "next_step": judged.next_step,
        "next_runs": [run.plain() for run in judged.next_runs],
        "ranks": ranks_plain(judged.ranks),
        **report,
    }


def _fault(fault: Fault) -> dict[str, Any]:
    return {
        "kind": fault.kind,
        "words": fault.words,
        "where": list(fault.where),
        "alarm": fault.alarm,
        "left_out": len(fault.dropped),
    }
