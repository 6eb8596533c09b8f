"""Arguments and options that several commands take: how they are written, and what their help says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from soundproof.command_line import completion

DEFAULT_STORAGE = Path("soundproof-store")
DEFAULT_SEEDS = 6
DEFAULT_MAX_SEEDS = 30
DEFAULT_CONFIRM = 3
DEFAULT_CONFIRM_SEEDS = 5
DEFAULT_POPULATION = 8
MOST_EPOCHS = 1_000_000
MOST_SEEDS = 10_000
MOST_TRIALS = 1_000_000
MOST_AT_ONCE = 1_000_000
MOST_PER_TRIAL = 1000
"""CPUs or GPUs."""
MOST_EPOCH_SECONDS = 1_000_000
"""More than eleven days."""


def _id_argument(metavar: str, words: str, known: Callable[[str], list[str]], *, or_file: bool = True) -> Any:
    """An id, completed from the `known` ones; `or_file` where a file of one declaration says which."""
    otherwise = "; may be left out with --file" if or_file else ""
    return typer.Argument(metavar=metavar, help=f"{words}, as `list` shows it{otherwise}.", autocompletion=known)


StudyArgument = Annotated[str, _id_argument("STUDY", "A study's id", completion.studies, or_file=False)]
NamedStudyArgument = Annotated[str | None, _id_argument("STUDY", "A study's id", completion.studies)]
NamedSpaceArgument = Annotated[str | None, _id_argument("SPACE", "A space's id", completion.spaces)]
NamedArgument = Annotated[str | None, _id_argument("STUDY|SPACE", "The id", completion.studies_and_spaces)]
_TRIAL_ID: Any = typer.Argument(
    metavar="TRIAL_ID", help="A trial's id, or its beginning, as MLflow and `report` show it."
)
TrialArgument = Annotated[str, _TRIAL_ID]
OptionalTrialArgument = Annotated[str | None, _TRIAL_ID]

PresetOption = Annotated[
    str,
    typer.Option("--preset", help="smoke, quick or documented.", autocompletion=completion.one_of(*completion.PRESETS)),
]
AnyPresetOption = Annotated[
    str | None,
    typer.Option(
        "--preset",
        help="Its name in the record: quick, or documented-40-epochs; by default the one run last.",
        autocompletion=completion.one_of(*completion.PRESETS),
    ),
]
CorpusOption = Annotated[
    str | None,
    typer.Option(
        "--corpus",
        help="NAME or NAME:PATH; by default the embedded corpus of what the study is about.",
        autocompletion=completion.corpora,
    ),
]
AnyCorpusOption = Annotated[
    str | None,
    typer.Option(
        "--corpus",
        help="As `run` takes it, or its name in the record: esc10.groups; by default the one run last.",
        autocompletion=completion.corpora,
    ),
]
RecordedSearchOption = Annotated[
    str | None, typer.Option("--search", help="Of a space: which search, as MLflow names it; by default the last.")
]
SplitOption = Annotated[
    str | None,
    typer.Option(
        "--split",
        help="folds, groups, group-folds or random (leaks); folds where there are any, else groups.",
        autocompletion=completion.one_of(*completion.SPLITS),
    ),
]
SkipOption = Annotated[bool, typer.Option("--skip-broken", help="Leave out broken recordings.")]

EpochsOption = Annotated[
    int | None,
    typer.Option("--epochs", min=1, max=MOST_EPOCHS, help="At most so many epochs a trial, where the preset has more."),
]
SeedsOption = Annotated[
    int | None,
    typer.Option(
        "--seeds", min=1, max=MOST_SEEDS, help=f"Seeds per variant, fixed beforehand; {DEFAULT_SEEDS} by default."
    ),
]
UntilDecidedOption = Annotated[
    bool, typer.Option("--until-decided", help="Add seeds where they help a verdict, until every claim is decided.")
]
MaxSeedsOption = Annotated[
    int | None,
    typer.Option(
        "--max-seeds",
        min=3,
        max=MOST_SEEDS,
        help=f"With --until-decided: the most per variant; {DEFAULT_MAX_SEEDS}.",
    ),
]

TrialsOption = Annotated[
    int, typer.Option("--trials", min=1, max=MOST_TRIALS, help="How many trials the search itself has.")
]
SamplerOption = Annotated[
    str,
    typer.Option(
        "--sampler",
        help="Who proposes: tpe, random, grid, quasi-random, cma-es or gp.",
        autocompletion=completion.one_of(*completion.SAMPLERS),
    ),
]
SchedulerOption = Annotated[
    str | None,
    typer.Option(
        "--scheduler",
        help="Who stops what does not pay: asha, hyperband, median, pbt or none. By default asha, and none for an "
        "objective that is known at the end alone.",
        autocompletion=completion.one_of(*completion.SCHEDULERS),
    ),
]
ObjectiveOption = Annotated[
    list[str] | None,
    typer.Option(
        "--objective",
        help="A recorded metric; several give a Pareto front (parameters, latency). The space's own by default.",
    ),
]
ConfirmOption = Annotated[
    int, typer.Option("--confirm", min=0, help="So many of the best are trained again, on fresh seeds.")
]
ConfirmSeedsOption = Annotated[
    int, typer.Option("--confirm-seeds", min=1, max=MOST_SEEDS, help="Fresh seeds for each of them.")
]
SearchSeedOption = Annotated[int, typer.Option("--search-seed", min=0, help="Seed of the sampler.")]
MaxParametersOption = Annotated[
    int | None, typer.Option("--max-parameters", min=1, help="Turn down larger networks before they cost anything.")
]
MaxProductsOption = Annotated[
    int | None,
    typer.Option("--max-multiply-accumulates", min=1, help="The same, per second of audio in a forward pass."),
]
ReceptiveFieldOption = Annotated[
    str | None,
    typer.Option("--receptive-field", help="LEAST:MOST seconds of audio that an output may hear; MOST may be empty."),
]
PopulationOption = Annotated[int, typer.Option("--population", min=4, help="With pbt: members of a generation.")]
GenerationEpochsOption = Annotated[
    int | None,
    typer.Option(
        "--generation-epochs",
        min=1,
        max=MOST_EPOCHS,
        help="With pbt: epochs of a generation; a quarter of all by default.",
    ),
]
MinutesOption = Annotated[
    float | None, typer.Option("--minutes", min=0, help="Start no further trial of the search after that time.")
]

MaxConcurrentOption = Annotated[
    int | None,
    typer.Option("--max-concurrent", min=1, max=MOST_AT_ONCE, help="Trials at once; as many as have room by default."),
]
CpusOption = Annotated[
    float,
    typer.Option("--cpus-per-trial", min=0, max=MOST_PER_TRIAL, help="Processors that Ray sets aside for each."),
]
GpusOption = Annotated[
    float | None,
    typer.Option(
        "--gpus-per-trial",
        min=0,
        max=MOST_PER_TRIAL,
        help="May be a fraction. By default a quarter where there is a GPU.",
    ),
]
EpochSecondsOption = Annotated[
    float | None,
    typer.Option(
        "--epoch-seconds",
        min=1,
        max=MOST_EPOCH_SECONDS,
        help="A trial with a longer epoch has failed; no limit by default.",
    ),
]
NormsOption = Annotated[
    bool, typer.Option("--norms", help="Also record the norms of each layer's weights and gradients, every epoch.")
]
AddressOption = Annotated[str | None, typer.Option("--address", help="A Ray cluster to join.")]

FileOption = Annotated[
    Path | None, typer.Option("--file", help="Python file with studies or spaces of your own; see `init`.")
]
StorageOption = Annotated[Path, typer.Option("--storage", help="Folder for features, the record and reports.")]
TrackingOption = Annotated[
    str | None,
    typer.Option("--tracking-uri", help="MLflow tracking URI; a SQLite file in the storage by default."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON alone on standard output.")]
QuietOption = Annotated[bool, typer.Option("--quiet", help="No progress: the result alone.")]
VerboseOption = Annotated[bool, typer.Option("--verbose", help="Also what Ray and MLflow say.")]
