"""The option of commands that judge to say the verdict by their exit status: `--exit-status`."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from soundproof.analysis.study_report import StudyReport

HOLDS_NOT, UNDECIDED = 10, 11

ExitStatusOption = Annotated[
    bool,
    typer.Option(
        "--exit-status",
        help=f"Exit with 0 where all claims are supported, {HOLDS_NOT} where one is contradicted or negligible, else "
        f"{UNDECIDED}: one is undecided.",
    ),
]


def exit_by_verdict(report: "StudyReport", *, wanted: bool) -> None:
    """Leave with the status that the verdicts have, where that is wanted. Raises `typer.Exit`."""
    verdicts = {claim.verdict for claim in report.summary.claims}
    if not wanted or verdicts <= {"supported"}:
        return
    raise typer.Exit(HOLDS_NOT if verdicts - {"supported", "undecided"} else UNDECIDED)
