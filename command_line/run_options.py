"""The options of every command that trains, declared once."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from inspect import Parameter
from typing import Any, Concatenate, get_type_hints

from command_line.options import (
    DEFAULT_STORAGE,
    AddressOption,
    CorpusOption,
    CpusOption,
    EpochsOption,
    GpusOption,
    JsonOption,
    MaxConcurrentOption,
    MaxSeedsOption,
    PresetOption,
    SeedsOption,
    SkipOption,
    SplitOption,
    StorageOption,
    TrackingOption,
    UntilDecidedOption,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class RunOptions:
    """What the user says of size, data, seeds, room and record; in the order of the help."""

    preset: PresetOption = "quick"
    corpus: CorpusOption = None
    split: SplitOption = None
    epochs: EpochsOption = None
    seeds: SeedsOption = None
    until_decided: UntilDecidedOption = False
    max_seeds: MaxSeedsOption = None
    max_concurrent: MaxConcurrentOption = None
    cpus_per_trial: CpusOption = 1.0
    gpus_per_trial: GpusOption = None
    address: AddressOption = None
    skip_broken: SkipOption = False
    storage: StorageOption = DEFAULT_STORAGE
    tracking_uri: TrackingOption = None
    as_json: JsonOption = False


def takes_run_options(command: Callable[Concatenate[RunOptions, ...], None]) -> Callable[..., None]:
    """`command` with the fields of its first argument spelled out after its own arguments.

    Typer makes an option of every parameter in a signature, so the signature is written, not only the call.
    """
    hints = get_type_hints(RunOptions, include_extras=True)
    shared = [
        Parameter(field.name, Parameter.KEYWORD_ONLY, default=field.default, annotation=hints[field.name])
        for field in fields(RunOptions)
    ]

    @wraps(command)
    def spelled_out(**given: Any) -> None:
        options = RunOptions(**{parameter.name: given.pop(parameter.name) for parameter in shared})
        command(options, **given)

    signature = inspect.signature(command, eval_str=True)
    _, *own_parameters = signature.parameters.values()
    spelled_out.__dict__["__signature__"] = signature.replace(parameters=[*own_parameters, *shared])
    return spelled_out
