"""What a user may want to do after a study, in words for the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from soundproof.command_line.options import MOST_SEEDS
from soundproof.common.program import command

if TYPE_CHECKING:
    from soundproof.analysis.reports import StudyReport
    from soundproof.command_line.parsing import Seeds
    from soundproof.command_line.run_options import BenchOptions

_SAME_DATA = ("file", "corpus", "split", "norms", "skip_broken")
_SAME_RECORD = ("file", "preset", "corpus", "split", "epochs", "epoch_seconds", "norms", "skip_broken")
"""Options that say what is trained and recorded, beside those of the place."""
_PLACE = ("storage", "tracking_uri")


def next_steps(made: StudyReport, options: BenchOptions, seeds: Seeds) -> dict[str, str]:
    """Command lines and addresses by their use, the first one first."""
    steps = {"Browse the record": _browse(made.records.tracking_uri, options)}
    if options.preset == "smoke":
        return {"A smoke run decides nothing; one that may": _larger(made, options)} | steps
    if any(claim.verdict == "undecided" for claim in made.summary.claims):
        steps = {"Go on until every claim is decided": _go_on(made, options, seeds)} | steps
    return steps


def _larger(made: StudyReport, options: BenchOptions) -> str:
    """The same study at the next size, with its own epochs and the usual seeds."""
    return command("run", made.summary.study.id, "--preset", "quick", *options.spelled(*_SAME_DATA, *_PLACE))


def _browse(tracking_uri: str, options: BenchOptions) -> str:
    from soundproof.analysis.pages.links import server_of

    server = server_of(tracking_uri)
    return command("browse", *options.spelled(*_PLACE)) if server is None else f"open {server}"


def _go_on(made: StudyReport, options: BenchOptions, seeds: Seeds) -> str:
    """With a limit above that of the run: up to that, the schedule wants nothing more."""
    from soundproof.analysis.pages.study import more_seeds

    limit = min(max(more_seeds(made.summary) or 0, 2 * seeds.number), MOST_SEEDS)
    again = options.spelled(*_SAME_RECORD, *_PLACE)
    return command("run", made.summary.study.id, "--until-decided", "--max-seeds", str(limit), *again)
