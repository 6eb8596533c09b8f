"""Studies from their declaration to their report: what `run` does, for Python and the command line alike."""

import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from soundproof.api.foresight import foresee
from soundproof.api.options import RunOptions, Seeds, options_with
from soundproof.api.reporting import ReportPage, publish_report
from soundproof.api.session import Session, StoppedError, train
from soundproof.common import record
from soundproof.common.errors import UserError
from soundproof.search_spaces.ablation import Ablation, impossible, path_study, path_variant
from soundproof.search_spaces.studies import NatsPerCharacter

if TYPE_CHECKING:
    from soundproof.analysis.study_report import StudyReport
    from soundproof.analysis.summaries.ablation_path import AblationPath, Flipped
    from soundproof.search_spaces.studies import Study
    from soundproof.trainables.sweeps.planning.seeds import Schedule


def run_study(study: "Study", options: RunOptions | None = None, **changed: Any) -> "ReportPage[StudyReport]":
    """Train what is not finished yet, then report.

    The same call again goes on where it stopped. A script needs `if __name__ == "__main__":` around the call, since
    processes that share the work import it again.

    Arguments:
        study: A declared study (`find_study`), or one of your own (`load_file(PATH).studies[0]`).
        options: How large, on what, with which resources, and where it is recorded; `RunOptions()` by default.
        changed: Options by their names, in place of those in `options`; they are those of the command `run` with
            underscores for dashes, but for `--file` and `--json`.

    Returns:
        The report, which a notebook shows as its page. `report` in it has the records and what they say; the page lies
        below the storage and in the study's run in MLflow.

    Raises:
        UserError: An option is not known, cannot have the value, or contradicts another; the corpus cannot be opened;
            the storage is in use or the tracking store is away. Nothing is lost: what is finished is recorded.
        KeyboardInterrupt: Ctrl-C, once what is finished has been recorded.

    Examples:
        >>> report = run_study(find_study("asr-merge-mode"), preset="smoke", seeds=2)
    """
    if "file" in changed:
        raise UserError(
            f"run_study is given its study and reads no file, got file={str(changed['file'])!r}: leave that out, and "
            "give load_file(FILE).studies[0], with load_file from soundproof, as the study"
        )
    chosen = options_with(RunOptions, options, changed, caller="run_study")
    seeds = Seeds.parse(chosen)  # contradictions are found before a corpus is opened
    try:
        return train_study(study, Session.prepare(study.domain, chosen), seeds)
    except StoppedError:
        raise KeyboardInterrupt from None  # a notebook stays alive


def train_study(study: "Study", session: Session, seeds: Seeds) -> "ReportPage[StudyReport]":
    """Train what is missing, and report. Raises `StoppedError` after Ctrl-C."""
    from soundproof.trainables.sweeps.planning.seeds import FixedSeeds
    from soundproof.trainables.sweeps.sweep import margin_on

    margin = margin_on(study.margin, session.corpus)
    schedule: Schedule = FixedSeeds(study, seeds.number)
    if seeds.until_decided:
        from soundproof.analysis.verdicts.until_decided import UntilDecided

        schedule = UntilDecided(study, margin=margin, maximum_seeds=seeds.number)
    if not session.options.quiet:
        say_what_it_takes(study, session, margin)
    return train_schedule(study, session, schedule, seeds.first)


def say_what_it_takes(study: "Study", session: Session, margin: float) -> None:
    """On standard error, how many seeds each claim would take; nothing where nobody knows."""
    from soundproof.analysis.prose.foresight import foresight_lines

    foresight = foresee(
        study,
        session.preset,
        tracking_uri=session.tracking_uri,
        corpus=session.corpus_name,
        characters=margin / study.margin.nats if isinstance(study.margin, NatsPerCharacter) else None,
    )
    if foresight is not None:
        print(*foresight_lines(foresight), sep="\n", file=sys.stderr)


def train_schedule(
    study: "Study", session: Session, schedule: "Schedule", first_seed: int = 0
) -> "ReportPage[StudyReport]":
    """Train what is missing of a schedule, its seeds counted from `first_seed`, and report.

    Raises `StoppedError` after Ctrl-C.
    """
    from soundproof.trainables.sweeps.sweep import margin_on, run_sweep

    margin = margin_on(study.margin, session.corpus)
    sweep = session.sweep(study, schedule, first_seed)
    train(study.question, lambda progress: run_sweep(sweep, progress), study.metric, session.options, margin)
    return publish_report(session.report(study), sweep.storage.reports / sweep.name)


def follow_path(ablation: Ablation, session: Session, seeds: Seeds) -> "AblationPath":
    """Train the steps of the path as far as the results before them determine it, until it is complete.

    The number of `seeds` is fixed.

    Raises `StoppedError` after Ctrl-C.
    """
    from soundproof.analysis.summaries.ablation_path import Wanted, ablation_path
    from soundproof.trainables.sweeps.planning.seeds import FixedSeeds
    from soundproof.trainables.sweeps.sweep import margin_on, run_sweep

    metric = ablation.study.metric
    components = [component.slug for component in ablation.components]
    results: dict[Flipped, dict[int, float]] = {}
    better = record.higher_is_better(metric)
    margin = margin_on(ablation.study.margin, session.corpus)
    found = ablation_path(components, results, higher_is_better=better)
    while isinstance(found, Wanted):
        results |= {flipped: {} for flipped in found.sets}
        possible = [flipped for flipped in results if impossible(ablation, flipped) is None]
        study = path_study(ablation, possible)
        sweep = session.sweep(study, FixedSeeds(study, seeds.number), seeds.first)
        train(study.question, partial(run_sweep, sweep), study.metric, session.options, margin)
        records = session.report(study).records
        for flipped in possible:
            results[flipped] = records.values(path_variant(ablation, flipped).id, metric)
        found = ablation_path(components, results, higher_is_better=better)
    return found
