"""Arguments and options that several commands take: how they are written, and what their help says."""

import inspect
from collections.abc import Callable
from dataclasses import MISSING, fields
from functools import wraps
from inspect import Parameter
from pathlib import Path
from typing import Annotated, Any, Concatenate, TypeVar, get_args, get_type_hints

import typer

from soundproof.api.options import RunOptions
from soundproof.api.session import StoppedError
from soundproof.command_line import completion
from soundproof.common.option_fields import Declared, Settings, declared_options, from_options

_COMPLETIONS: dict[str, Callable[[str], list[str]]] = {
    "preset": completion.one_of(*completion.PRESETS),
    "corpus": completion.corpora,
    "clip_place": completion.one_of(*completion.CLIP_PLACES),
    "alphabet": completion.one_of(*completion.ALPHABETS),
    "split": completion.one_of(*completion.SPLITS),
    "sampler": completion.one_of(*completion.SAMPLERS),
    "scheduler": completion.one_of(*completion.SCHEDULERS),
}
"""What a shell offers, by the name of the option."""


def annotated(declared: Declared) -> Any:
    """The type of an option with all that Typer wants to know of it: `skip_broken` is written `--skip-broken`."""
    option = declared.option
    written: Any = typer.Option(
        f"--{declared.name.replace('_', '-')}",
        help=option.help,
        min=option.minimum,
        max=option.maximum,
        autocompletion=_COMPLETIONS.get(declared.name),
    )
    return Annotated[declared.type, written]


_DECLARED = {declared.name: declared for declared in declared_options(RunOptions)}


def _of_training(name: str) -> Any:
    """For commands that train nothing, an option of those that do."""
    return get_args(annotated(_DECLARED[name]))[1]


def _id_argument(metavar: str, words: str, known: Callable[[str], list[str]], *, or_file: bool = True) -> Any:
    """An id, completed from the `known` ones; `or_file` where a file of one declaration says which."""
    otherwise = "; may be left out with --file" if or_file else ""
    return typer.Argument(metavar=metavar, help=f"{words}, as `list` shows it{otherwise}.", autocompletion=known)


StudyArgument = Annotated[str, _id_argument("STUDY", "A study's id", completion.studies, or_file=False)]
NamedStudiesArgument = Annotated[list[str] | None, _id_argument("STUDY...", "A study's id", completion.studies)]
NamedStudyArgument = Annotated[str | None, _id_argument("STUDY", "A study's id", completion.studies)]
NamedSpaceArgument = Annotated[str | None, _id_argument("SPACE", "A space's id", completion.spaces)]
NamedArgument = Annotated[str | None, _id_argument("STUDY|SPACE", "The id", completion.studies_and_spaces)]
_TRIAL_ID: Any = typer.Argument(
    metavar="TRIAL_ID", help="A trial's id, or its beginning, as MLflow and `report` show it."
)
TrialArgument = Annotated[str, _TRIAL_ID]
OptionalTrialArgument = Annotated[str | None, _TRIAL_ID]

AnyPresetOption = Annotated[
    str | None,
    typer.Option(
        "--preset",
        help="Its name in the record: quick, or documented-40-epochs; by default the one run last.",
        autocompletion=_COMPLETIONS["preset"],
    ),
]
AnyCorpusOption = Annotated[
    str | None,
    typer.Option(
        "--corpus",
        help="As `run` takes it, or its name in the record: esc10.groups; by default the one run last.",
        autocompletion=_COMPLETIONS["corpus"],
    ),
]
RecordedSearchOption = Annotated[
    str | None, typer.Option("--search", help="Of a space: which search, as MLflow names it; by default the last.")
]

FileOption = Annotated[
    Path | None, typer.Option("--file", help="Python file with studies or spaces of your own; see `init`.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON alone on standard output.")]

PresetOption = Annotated[str, _of_training("preset")]
ColumnsOption = Annotated[str | None, _of_training("columns")]
ClipSecondsOption = Annotated[float | None, _of_training("clip_seconds")]
ClipPlaceOption = Annotated[str | None, _of_training("clip_place")]
ClipsPerRecordingOption = Annotated[int | None, _of_training("clips_per_recording")]
AlphabetOption = Annotated[str | None, _of_training("alphabet")]
StorageOption = Annotated[Path, _of_training("storage")]
TrackingOption = Annotated[str | None, _of_training("tracking_uri")]


_BEFORE = {"storage": "file", "quiet": "as_json"}
"""Parameters of commands that the help shows among the options, by the option that comes next."""


def takes(options: type[Settings]) -> Callable[[Callable[Concatenate[Settings, ...], None]], Callable[..., None]]:
    """A command with all `options`, which it takes as its first argument, spelled out after its own arguments.

    Typer makes an option of every parameter in a signature, so the signature is written, not only the call.
    """
    shared = [_parameter(declared) for declared in declared_options(options)]

    def spell_out(command: Callable[Concatenate[Settings, ...], None]) -> Callable[..., None]:
        @wraps(command)
        def spelled_out(**given: Any) -> None:
            values = {parameter.name: given.pop(parameter.name) for parameter in shared}
            try:
                command(from_options(options, values), **given)
            except KeyboardInterrupt:  # of which Typer would make a status without a word
                raise StoppedError from None

        signature = inspect.signature(command, eval_str=True)
        _, *rest = signature.parameters.values()
        own = {parameter.name: parameter for parameter in rest}
        among: list[Parameter] = []
        for parameter in shared:
            if _BEFORE.get(parameter.name) in own:
                among.append(own.pop(_BEFORE[parameter.name]))
            among.append(parameter)
        spelled_out.__dict__["__signature__"] = signature.replace(parameters=[*own.values(), *among])
        return spelled_out

    return spell_out


def _parameter(declared: Declared) -> Parameter:
    default = Parameter.empty if declared.default is MISSING else declared.default
    return Parameter(declared.name, Parameter.KEYWORD_ONLY, default=default, annotation=annotated(declared))


Fields = TypeVar("Fields")


def takes_fields(kind: type[Fields]) -> Callable[[Callable[Concatenate[Fields, ...], None]], Callable[..., None]]:
    """A command whose first argument is a value of the dataclass `kind`, each field of it an option as it is annotated.

    They come before the command's own options.
    """
    hints = get_type_hints(kind, include_extras=True)
    spelled = [
        Parameter(field.name, Parameter.KEYWORD_ONLY, default=field.default, annotation=hints[field.name])
        for field in fields(kind)  # type: ignore[arg-type]  # of dataclasses, which no bound of a type says
    ]

    def spell_out(command: Callable[Concatenate[Fields, ...], None]) -> Callable[..., None]:
        @wraps(command)
        def spelled_out(**given: Any) -> None:
            values = {parameter.name: given.pop(parameter.name) for parameter in spelled}
            command(kind(**values), **given)

        signature = inspect.signature(command, eval_str=True)
        _, *own = signature.parameters.values()
        arguments = [parameter for parameter in own if parameter.kind is not Parameter.KEYWORD_ONLY]
        further = [parameter for parameter in own if parameter.kind is Parameter.KEYWORD_ONLY]
        spelled_out.__dict__["__signature__"] = signature.replace(parameters=[*arguments, *spelled, *further])
        return spelled_out

    return spell_out
