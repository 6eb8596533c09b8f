"""The options of the commands that train, declared once."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import MISSING, Field, dataclass, fields
from functools import wraps
from inspect import Parameter
from typing import Any, Concatenate, TypeVar, get_type_hints

from soundproof.command_line.option_values import check_values
from soundproof.command_line.options import (
    DEFAULT_CONFIRM,
    DEFAULT_CONFIRM_SEEDS,
    DEFAULT_POPULATION,
    DEFAULT_STORAGE,
    AddressOption,
    ConfirmOption,
    ConfirmSeedsOption,
    CorpusOption,
    CpusOption,
    EpochSecondsOption,
    EpochsOption,
    FileOption,
    GenerationEpochsOption,
    GpusOption,
    JsonOption,
    MaxConcurrentOption,
    MaxParametersOption,
    MaxProductsOption,
    MaxSeedsOption,
    MinutesOption,
    NormsOption,
    ObjectiveOption,
    PopulationOption,
    PresetOption,
    QuietOption,
    ReceptiveFieldOption,
    SamplerOption,
    SchedulerOption,
    SearchSeedOption,
    SeedsOption,
    SkipOption,
    SplitOption,
    StorageOption,
    TrackingOption,
    TrialsOption,
    UntilDecidedOption,
    VerboseOption,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class BenchOptions:
    """What the user says of size, data, room and record; in the order of the help. Raises `UserError`."""

    preset: PresetOption = "quick"
    corpus: CorpusOption = None
    split: SplitOption = None
    epochs: EpochsOption = None
    max_concurrent: MaxConcurrentOption = None
    cpus_per_trial: CpusOption = 1.0
    gpus_per_trial: GpusOption = None
    epoch_seconds: EpochSecondsOption = None
    norms: NormsOption = False
    address: AddressOption = None
    skip_broken: SkipOption = False
    file: FileOption = None
    storage: StorageOption = DEFAULT_STORAGE
    tracking_uri: TrackingOption = None
    as_json: JsonOption = False
    quiet: QuietOption = False
    verbose: VerboseOption = False

    def __post_init__(self) -> None:
        check_values(self)

    def spelled(self, *names: str) -> list[str]:
        """Those of the options as they are written on a command line; what is at its default is left out.

        What is given without a value, as a flag, is false by default.
        """
        values = {field.name: getattr(self, field.name) for field in fields(self) if field.name in names}
        defaults = {field.name: field.default for field in fields(self)}
        given = [(name, value) for name, value in values.items() if value != defaults[name]]
        words = [(f"--{name.replace('_', '-')}", *(() if value is True else (str(value),))) for name, value in given]
        return [word for option in words for word in option]


@dataclass(frozen=True, kw_only=True, slots=True)
class RunOptions(BenchOptions):
    """Of studies also: how many seeds."""

    seeds: SeedsOption = None
    until_decided: UntilDecidedOption = False
    max_seeds: MaxSeedsOption = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchOptions(BenchOptions):
    """Of searches also: who proposes, who stops, how long, for what."""

    trials: TrialsOption
    sampler: SamplerOption = "tpe"
    scheduler: SchedulerOption = None
    objective: ObjectiveOption = None
    confirm: ConfirmOption = DEFAULT_CONFIRM
    confirm_seeds: ConfirmSeedsOption = DEFAULT_CONFIRM_SEEDS
    search_seed: SearchSeedOption = 0
    minutes: MinutesOption = None
    population: PopulationOption = DEFAULT_POPULATION
    generation_epochs: GenerationEpochsOption = None
    max_parameters: MaxParametersOption = None
    max_multiply_accumulates: MaxProductsOption = None
    receptive_field: ReceptiveFieldOption = None


Options = TypeVar("Options", bound=BenchOptions)


def takes(
    options: type[Options],
) -> Callable[[Callable[Concatenate[Options, ...], None]], Callable[..., None]]:
    """A command with the fields of `options`, its first argument, spelled out after its own arguments.

    Typer makes an option of every parameter in a signature, so the signature is written, not only the call.
    """
    hints = get_type_hints(options, include_extras=True)
    shared = [_parameter(field, hints[field.name]) for field in fields(options)]

    def spell_out(command: Callable[Concatenate[Options, ...], None]) -> Callable[..., None]:
        @wraps(command)
        def spelled_out(**given: Any) -> None:
            made = options(**{parameter.name: given.pop(parameter.name) for parameter in shared})
            command(made, **given)

        signature = inspect.signature(command, eval_str=True)
        _, *own_parameters = signature.parameters.values()
        spelled_out.__dict__["__signature__"] = signature.replace(parameters=[*own_parameters, *shared])
        return spelled_out

    return spell_out


def _parameter(field: Field[Any], annotation: Any) -> Parameter:
    default = Parameter.empty if field.default is MISSING else field.default
    return Parameter(field.name, Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
