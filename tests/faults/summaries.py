"""What a fault run amounts to: as JSON, and as a table."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from faults.jobs import Job
from faults.moments import Hit
from faults.schedule import KINDS


@dataclass(frozen=True, kw_only=True, slots=True)
class Summary:
    """Of one seed."""

    seed: int
    faults: dict[str, int]
    """That have hit something that was open, by kind."""
    misses: int
    """That have hit nothing, and were dealt again."""
    trials: int
    drivers: dict[str, int]
    """How they ended, by status."""
    minutes: float
    differences: list[str]
    """From the undisturbed run."""
    left: list[str]
    """Files that should be gone."""
    hits: list[dict[str, Any]]

    @classmethod
    def of(
        cls,
        *,
        seed: int,
        hits: Sequence[Hit],
        misses: int,
        jobs: Sequence[Job],
        minutes: float,
        differences: list[str],
        left: list[str],
    ) -> "Summary":
        """What was seen, counted."""
        return cls(
            seed=seed,
            faults={kind: sum(hit.fault.kind == kind for hit in hits) for kind in KINDS},
            misses=misses,
            trials=sum(job.done() for job in jobs),
            drivers=dict(Counter(str(status) for job in jobs for status, _ in job.endings)),
            minutes=round(minutes, 1),
            differences=differences,
            left=left,
            hits=[asdict(hit) for hit in hits],
        )

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def printed(summaries: Sequence[Summary]) -> str:
    """A table in Markdown with a column for each seed."""
    rows = [("seed", *(str(summary.seed) for summary in summaries)), ("---", *("---:" for _ in summaries))]
    rows += [(kind, *(str(summary.faults[kind]) for summary in summaries)) for kind in KINDS]
    rows += [
        ("all faults", *(str(sum(summary.faults.values())) for summary in summaries)),
        ("hit nothing, dealt again", *(str(summary.misses) for summary in summaries)),
        ("drivers, by status", *(_statuses(summary) for summary in summaries)),
        ("trials, each once", *(str(summary.trials) for summary in summaries)),
        ("minutes", *(f"{summary.minutes:.1f}" for summary in summaries)),
        ("differences", *(str(len(summary.differences)) for summary in summaries)),
        ("files left", *(str(len(summary.left)) for summary in summaries)),
    ]
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    lines += [f"seed {summary.seed}: {each}" for summary in summaries for each in summary.differences + summary.left]
    return "\n".join(lines)


def _statuses(summary: Summary) -> str:
    return ", ".join(f"{status}: {number}" for status, number in sorted(summary.drivers.items()))
