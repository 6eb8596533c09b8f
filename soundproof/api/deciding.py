"""Verdicts on variants of anybody's program: what `decide` does, for Python and the command line alike."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from soundproof.api.decision import DecideOptions, Decision
from soundproof.api.reporting import ReportPage, publish_report
from soundproof.common.errors import UserError
from soundproof.common.option_fields import declared_options, from_options, option_values

if TYPE_CHECKING:
    from soundproof.analysis.study_report import StudyReport


def decide(
    command: str, *, higher_is_better: bool | None = None, options: DecideOptions | None = None, **changed: Any
) -> "ReportPage[StudyReport]":
    """Run a program with variants and seeds until claims about its result are decided.

    The same call again goes on where it stopped: no run is started twice. A script needs `if __name__ == "__main__":`
    around the call.

    Arguments:
        command: The program and its arguments, with names in braces: `{seed}`, `{folder}` (the run's own), and those
            that vary.
        higher_is_better: Which results are better; may be left out where the metric's name says it.
        options: What varies, and all else.
        changed: The same by name, in place of those in `options`.

    Returns:
        The report, of the same form as a study's.

    Raises:
        UserError: Something cannot be as it was given, or all runs fail. What has ended is recorded.
        KeyboardInterrupt: Ctrl-C, once the programs have been stopped.

    Examples:
        >>> decide("python train.py --seed {seed} --lr {lr}", vary=["lr=0.1,0.01"], metric="wer", margin=0.5)
        ... # doctest: +SKIP
    """
    given = {**({} if options is None else option_values(options)), **changed}
    unknown = sorted(set(given) - {option.name for option in declared_options(DecideOptions)})
    if unknown:
        raise UserError(f"decide has no option {', '.join(map(repr, unknown))}")
    if "margin" not in given:
        raise UserError("decide expects a margin: the smallest difference of the result that matters")
    paths = {name: Path(given[name]) for name in ("storage", "variants", "claims") if isinstance(given.get(name), str)}
    return reach(Decision.of(command, from_options(DecideOptions, given | paths), higher_is_better))


def reach(decision: Decision) -> "ReportPage[StudyReport]":
    """Run what is not finished, then report. Raises `UserError`, and KeyboardInterrupt after Ctrl-C."""
    from soundproof.analysis.reports import report_study
    from soundproof.api.deciding_runs import run_missing

    run_missing(decision)
    report = report_study(decision.question, decision.tracking_uri, "", decision.recorded_as)
    return publish_report(report, decision.options.storage / "reports" / decision.name)
