"""Searches from their space to their report: what `search` does, for Python and the command line alike."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from soundproof.api.options import SearchOptions, options_with, parse_seconds
from soundproof.api.reporting import ReportPage, publish_report
from soundproof.api.session import Session, StoppedError, train
from soundproof.common import record
from soundproof.common.errors import UserError
from soundproof.search_spaces.catalogue import choose_name, unknown_name
from soundproof.search_spaces.constraints import (
    AtMostMultiplyAccumulates,
    AtMostParameters,
    Constraint,
    ReceptiveFieldWithin,
)

if TYPE_CHECKING:
    from soundproof.analysis.reports import SearchReport
    from soundproof.search_spaces.spaces import SearchSpace
    from soundproof.trainables.sweeps.searching.settings import SearchSettings


def search_space(
    space: "SearchSpace", options: SearchOptions | None = None, **changed: Any
) -> "ReportPage[SearchReport]":
    """Look for the best network of a space, train the best few again on fresh seeds, then report.

    The same call again goes on where it stopped; with more `trials`, from there. A script needs
    `if __name__ == "__main__":` around the call, since processes that share the work import it again.

    Arguments:
        space: A declared search space (`find_space`), or one of your own (`load_file(PATH).spaces[0]`).
        options: How many trials, by whom they are proposed and stopped, and all that studies have; `trials` has no
            default.
        changed: Options by their names, in place of those in `options`; they are those of the command `search` with
            underscores for dashes, but for `--file` and `--json`.

    Returns:
        The report, which a notebook shows as its page. `report` in it has the records and what they say.

    Raises:
        UserError: As `run_study` does, and where sampler, scheduler and objectives do not go together.
        KeyboardInterrupt: Ctrl-C, once what is finished has been recorded.

    Examples:
        >>> report = search_space(find_space("speech-recipe"), trials=8, preset="smoke")
    """
    if options is None and "trials" not in changed:
        raise UserError("search_space needs to know how many trials the search has, and was not told: give trials=60")
    chosen = options_with(SearchOptions, options, changed, caller="search_space")
    constrained = _constrained(space, chosen)
    settings = search_settings(chosen, constrained)
    session = Session.prepare(space.domain, chosen)
    from soundproof.trainables.sweeps.searching.search import run_search

    search = session.search(constrained, settings)
    try:
        train(space.question, lambda progress: run_search(search, progress), settings.objectives[0], chosen)
    except StoppedError:
        raise KeyboardInterrupt from None  # a notebook stays alive
    return publish_report(session.report_search(constrained, search.id), search.storage.reports / search.name)


def _constrained(space: "SearchSpace", options: SearchOptions) -> "SearchSpace":
    """The space with the user's constraints beside its own."""
    added: list[Constraint] = []
    if options.max_parameters is not None:
        added.append(AtMostParameters(total=options.max_parameters))
    if options.max_multiply_accumulates is not None:
        added.append(AtMostMultiplyAccumulates(per_second=options.max_multiply_accumulates))
    if options.receptive_field is not None:
        least, most = parse_seconds(options.receptive_field)
        added.append(ReceptiveFieldWithin(least_seconds=least, most_seconds=most))
    return replace(space, constraints=(*space.constraints, *added))


def search_settings(options: SearchOptions, space: "SearchSpace") -> "SearchSettings":
    """How the options say that the space is searched. Raises `UserError` where they do not go together."""
    from soundproof.trainables.sweeps.searching.samplers import SAMPLERS, SCHEDULERS
    from soundproof.trainables.sweeps.searching.settings import SearchSettings, usual_scheduler

    objectives = tuple(_objective(name, space) for name in options.objective or [space.metric])
    return SearchSettings(
        trials=options.trials,
        objectives=objectives,
        sampler=choose_name("sampler", options.sampler, SAMPLERS),
        scheduler=choose_name("scheduler", options.scheduler or usual_scheduler(objectives), SCHEDULERS),
        seed=options.search_seed,
        confirm=options.confirm,
        confirm_seeds=options.confirm_seeds,
        minutes=options.minutes,
        population=options.population,
        generation_epochs=options.generation_epochs,
    )


_SHORT = {"parameters": record.PARAMETERS, "latency": record.LATENCY_SECONDS, "seconds": record.TRAIN_SECONDS}


def _objective(name: str, space: "SearchSpace") -> str:
    """The recorded metric that the user means. Raises `UnknownNameError`."""
    found = _SHORT.get(name, name)
    of_classes = (
        record.ACCURACY,
        record.BALANCED_ACCURACY,
        record.MACRO_F1,
        record.MICRO_F1,
        record.MEAN_AVERAGE_PRECISION,
        record.EQUAL_ERROR_RATE,
        record.VERIFICATION_EQUAL_ERROR_RATE,
        record.MEAN_ABSOLUTE_ERROR,
        record.ROOT_MEAN_SQUARED_ERROR,
        record.R2,
    )
    of_task = (record.CER, record.WER) if space.task == "transcription" else of_classes
    validation = [record.best(record.VALIDATION_PREFIX + metric) for metric in (record.LOSS, *of_task)]
    known = [space.metric, *validation, *_SHORT.values()]
    if found not in known:
        raise unknown_name("objective", name, [*known, *_SHORT])
    return found
