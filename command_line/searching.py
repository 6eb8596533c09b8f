"""The command that looks for the best network of a space: `search`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from soundproof.command_line.bench import Bench
from soundproof.command_line.custom_files import named
from soundproof.command_line.options import NamedSpaceArgument
from soundproof.command_line.parsing import parse_seconds
from soundproof.command_line.printing import print_report
from soundproof.command_line.publishing import publish_report
from soundproof.command_line.run_options import SearchOptions, takes
from soundproof.command_line.training import train
from soundproof.common import record
from soundproof.search_spaces import find_space
from soundproof.search_spaces.catalogue import unknown_name
from soundproof.search_spaces.constraints import (
    AtMostMultiplyAccumulates,
    AtMostParameters,
    Constraint,
    ReceptiveFieldWithin,
)
from soundproof.search_spaces.spaces import SearchSpace

if TYPE_CHECKING:
    from soundproof.trainables.sweeps.searching.settings import SearchSettings


@takes(SearchOptions)
def search(options: SearchOptions, space: NamedSpaceArgument = None) -> None:
    """Look for the best network of a space, then train the best few again. The same command again goes on."""
    declared = _constrained(find_space(named(space, options.file)), options)
    settings = _settings(options, declared)
    bench = Bench.prepare(declared.domain, options)
    from soundproof.trainables.sweeps.searching.search import run_search

    searched = bench.search(declared, settings)
    train(declared.question, lambda progress: run_search(searched, progress), settings.objectives[0], options)
    made = bench.report_search(declared, searched.id)
    page = made.write(searched.storage.reports / searched.name)
    publish_report(made, page)
    print_report(made, page, as_json=options.as_json)


def _constrained(space: SearchSpace, options: SearchOptions) -> SearchSpace:
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


def _settings(options: SearchOptions, space: SearchSpace) -> SearchSettings:
    from soundproof.trainables.sweeps.searching.samplers import SAMPLERS, SCHEDULERS
    from soundproof.trainables.sweeps.searching.settings import SearchSettings, usual_scheduler

    objectives = tuple(_objective(name, space) for name in options.objective or [space.metric])
    return SearchSettings(
        trials=options.trials,
        objectives=objectives,
        sampler=_named("sampler", options.sampler, SAMPLERS),
        scheduler=_named("scheduler", options.scheduler or usual_scheduler(objectives), SCHEDULERS),
        seed=options.search_seed,
        confirm=options.confirm,
        confirm_seeds=options.confirm_seeds,
        minutes=options.minutes,
        population=options.population,
        generation_epochs=options.generation_epochs,
    )


_SHORT = {"parameters": record.PARAMETERS, "latency": record.LATENCY_SECONDS, "seconds": record.TRAIN_SECONDS}


def _objective(name: str, space: SearchSpace) -> str:
    """The recorded metric that the user means. Raises `UnknownNameError`."""
    found = _SHORT.get(name, name)
    known = [space.metric, *_validation_metrics(space), *_SHORT.values()]
    if found not in known:
        raise unknown_name("objective", name, [*known, *_SHORT])
    return found


def _validation_metrics(space: SearchSpace) -> list[str]:
    of_task = (record.CER, record.WER) if space.task == "transcription" else (record.ACCURACY, record.MACRO_F1)
    return [record.best(record.VALIDATION_PREFIX + name) for name in (record.LOSS, *of_task)]


Name = TypeVar("Name", bound=str)


def _named(kind: str, name: str, known: tuple[Name, ...]) -> Name:
    for one in known:
        if one == name:
            return one
    raise unknown_name(kind, name, list(known))
