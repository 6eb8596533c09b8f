"""What a user may want to do after a study, in words for the terminal."""

from pathlib import Path
from typing import TYPE_CHECKING

from soundproof.api.options import MOST_SEEDS, RunOptions
from soundproof.common.options import declared_options, option_values
from soundproof.common.program import command

if TYPE_CHECKING:
    from soundproof.analysis.reports import StudyReport
    from soundproof.api.seeds import Seeds

_SAME_DATA = ("corpus", "split", "norms", "skip_broken")
_SAME_RECORD = ("preset", "corpus", "split", "epochs", "epoch_seconds", "norms", "skip_broken")
"""Options that say what is trained and recorded, beside the user's file and those of the place."""
_PLACE = ("storage", "tracking_uri")


def next_steps(report: "StudyReport", options: RunOptions, seeds: "Seeds", file: Path | None = None) -> dict[str, str]:
    """Command lines and addresses by their use, the first one first; `file` is the user's, if the study is in one."""
    study = report.summary.study.id
    declared = [] if file is None else ["--file", str(file)]
    steps = {"Browse the record": _browse(report.records.tracking_uri, options)}
    if options.preset == "smoke":  # the same study at the next size, with its own epochs and the usual seeds
        larger = [*_spelled(options, _SAME_DATA), *declared, *_spelled(options, _PLACE)]
        return {
            "A smoke run decides nothing; one that may": command("run", study, "--preset", "quick", *larger)
        } | steps
    if any(claim.verdict == "undecided" for claim in report.summary.claims):
        again = [*_spelled(options, _SAME_RECORD), *declared, *_spelled(options, _PLACE)]
        limit = ["--until-decided", "--max-seeds", str(_limit(report, seeds))]
        steps = {"Go on until every claim is decided": command("run", study, *limit, *again)} | steps
    return steps


def _spelled(options: RunOptions, names: tuple[str, ...]) -> list[str]:
    """Those of the options as they are written on a command line; what is at its default is left out.

    What is given without a value, as a flag, is false by default.
    """
    values = option_values(options)
    words: list[str] = []
    for declared in declared_options(RunOptions):
        value = values[declared.name]
        if declared.name in names and value != declared.default:
            words += [f"--{declared.name.replace('_', '-')}", *([] if value is True else [str(value)])]
    return words


def _browse(tracking_uri: str, options: RunOptions) -> str:
    from soundproof.analysis.pages.links import server_of

    server = server_of(tracking_uri)
    return command("browse", *_spelled(options, _PLACE)) if server is None else f"open {server}"


def _limit(report: "StudyReport", seeds: "Seeds") -> int:
    """More seeds than the run had: up to that number, the schedule wants nothing more."""
    from soundproof.analysis.pages.study import more_seeds

    return min(max(more_seeds(report.summary) or 0, 2 * seeds.number), MOST_SEEDS)
