"""The options of commands that train, in place of a parameter for each."""

import inspect
from collections.abc import Callable
from dataclasses import MISSING
from functools import wraps
from inspect import Parameter
from typing import Any, Concatenate, TypeVar

from soundproof.api.options import SessionOptions
from soundproof.command_line.options import annotated
from soundproof.common.options import Declared, declared_options, from_options

Options = TypeVar("Options", bound=SessionOptions)

_BEFORE = {"storage": "file", "quiet": "as_json"}
"""Parameters of commands that the help shows among the options, by the option that comes next."""


def takes(
    options: type[Options],
) -> Callable[[Callable[Concatenate[Options, ...], None]], Callable[..., None]]:
    """A command with all `options`, which it takes as its first argument, spelled out after its own arguments.

    Typer makes an option of every parameter in a signature, so the signature is written, not only the call.
    """
    shared = [_parameter(declared) for declared in declared_options(options)]

    def spell_out(command: Callable[Concatenate[Options, ...], None]) -> Callable[..., None]:
        @wraps(command)
        def spelled_out(**given: Any) -> None:
            values = {parameter.name: given.pop(parameter.name) for parameter in shared}
            command(from_options(options, values), **given)

        signature = inspect.signature(command, eval_str=True)
        _, *rest = signature.parameters.values()
        own = {parameter.name: parameter for parameter in rest}
        among: list[Parameter] = []
        for parameter in shared:
            if parameter.name in _BEFORE:
                among.append(own.pop(_BEFORE[parameter.name]))
            among.append(parameter)
        spelled_out.__dict__["__signature__"] = signature.replace(parameters=[*own.values(), *among])
        return spelled_out

    return spell_out


def _parameter(declared: Declared) -> Parameter:
    default = Parameter.empty if declared.default is MISSING else declared.default
    return Parameter(declared.name, Parameter.KEYWORD_ONLY, default=default, annotation=annotated(declared))
