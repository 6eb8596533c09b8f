"""Options of what trains, for Python and the command line alike, each declared here or with the settings it is of."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

from soundproof.common.errors import UserError
from soundproof.common.option_fields import Option, check_options, declared_options, from_options, option_values
from soundproof.search_spaces.catalogue import choose_name
from soundproof.search_spaces.clip_choice import ClipChoice
from soundproof.search_spaces.presets import PRESET_NAMES
from soundproof.search_spaces.specs import PresetName
from soundproof.search_spaces.studies import DOMAINS, Domain
from soundproof.trainables.sweeps.ray_tune.resources import Resources
from soundproof.trainables.training.settings import TrainingSettings

DEFAULT_STORAGE = Path("soundproof-store")
DEFAULT_SEEDS = 6
DEFAULT_MAX_SEEDS = 30
MOST_SEEDS = 10_000
_MOST_SEED = 1_000_000_000
_MOST_EPOCHS = 1_000_000
_MOST_TRIALS = 1_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionOptions:
    """Size, data, resources and record, in the order of the help. Raises `UserError` where a value cannot be.

    A relative path is one from the current folder.
    """

    preset: Annotated[str, Option(help="smoke, quick or documented.")] = "quick"
    corpus: Annotated[
        str | None, Option(help="NAME or NAME:PATH; by default the embedded corpus of what the study is about.")
    ] = None
    columns: Annotated[
        str | None,
        Option(help="What the columns of manifest:FILE are called, where not as here: audio=my_path,label=my_class."),
    ] = None
    clips: ClipChoice = ClipChoice()  # noqa: RUF009  # frozen
    alphabet: Annotated[
        str | None,
        Option(
            help="What transcripts are spelled with: english (the usual), corpus (the characters of the training "
            "texts), byte-pair:500 (so many units learnt from them)."
        ),
    ] = None
    split: Annotated[
        str | None,
        Option(
            help="folds, groups, groups-by-amount, group-folds; leaking: random, random-70-20-10; by default folds, or "
            "else groups, by amount where one has much of the data."
        ),
    ] = None
    epochs: Annotated[
        int | None,
        Option(help="At most so many epochs a trial, where the preset has more.", minimum=1, maximum=_MOST_EPOCHS),
    ] = None
    resources: Resources = Resources(gpus_per_trial=None)  # noqa: RUF009  # frozen
    training: TrainingSettings = TrainingSettings()  # noqa: RUF009  # the same
    address: Annotated[str | None, Option(help="A Ray cluster to join.")] = None
    skip_broken: Annotated[bool, Option(help="Leave out broken recordings.")] = False
    skip_impossible: Annotated[bool, Option(help="Leave out utterances with too little sound for their text.")] = False
    storage: Annotated[Path, Option(help="Folder for features, the record and reports.")] = DEFAULT_STORAGE
    tracking_uri: Annotated[
        str | None, Option(help="MLflow tracking URI; a SQLite file in the storage by default.")
    ] = None
    quiet: Annotated[bool, Option(help="No progress: the result alone.")] = False
    verbose: Annotated[bool, Option(help="Also what Ray and MLflow say.")] = False

    def __post_init__(self) -> None:
        check_options(type(self), option_values(self))


@dataclass(frozen=True, kw_only=True, slots=True)
class RunOptions(SessionOptions):
    """Of studies also: how many seeds."""

    seeds: Annotated[
        int | None,
        Option(help=f"Seeds per variant, fixed beforehand; {DEFAULT_SEEDS} by default.", minimum=1, maximum=MOST_SEEDS),
    ] = None
    first_seed: Annotated[
        int,
        Option(
            help="The first of the seeds; a second study with others is a replication.", minimum=0, maximum=_MOST_SEED
        ),
    ] = 0
    until_decided: Annotated[
        bool, Option(help="Add seeds where they help a verdict, until every claim is decided.")
    ] = False
    max_seeds: Annotated[
        int | None,
        Option(help=f"With --until-decided: the most per variant; {DEFAULT_MAX_SEEDS}.", minimum=3, maximum=MOST_SEEDS),
    ] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchOptions(SessionOptions):
    """Of searches also: who proposes, who stops, how long, for what."""

    trials: Annotated[int, Option(help="How many trials the search itself has.", minimum=1, maximum=_MOST_TRIALS)]
    sampler: Annotated[str, Option(help="Who proposes: tpe, random, grid, quasi-random, cma-es or gp.")] = "tpe"
    scheduler: Annotated[
        str | None,
        Option(
            help="Who stops what does not pay: asha, hyperband, median, pbt or none. By default asha, and none for an "
            "objective that is known at the end alone."
        ),
    ] = None
    objective: Annotated[
        list[str] | None,
        Option(
            help="A recorded metric; several give a Pareto front (parameters, latency). The space's own by default."
        ),
    ] = None
    confirm: Annotated[int, Option(help="So many of the best are trained again, on fresh seeds.", minimum=0)] = 3
    confirm_seeds: Annotated[int, Option(help="Fresh seeds for each of them.", minimum=1, maximum=MOST_SEEDS)] = 5
    search_seed: Annotated[int, Option(help="Seed of the sampler.", minimum=0)] = 0
    minutes: Annotated[
        float | None, Option(help="Start no further trial of the search after that time.", minimum=0)
    ] = None
    population: Annotated[int, Option(help="With pbt: members of a generation.", minimum=4)] = 8
    generation_epochs: Annotated[
        int | None,
        Option(help="With pbt: epochs of a generation; a quarter of all by default.", minimum=1, maximum=_MOST_EPOCHS),
    ] = None
    max_parameters: Annotated[
        int | None, Option(help="Turn down larger networks before they cost anything.", minimum=1)
    ] = None
    max_multiply_accumulates: Annotated[
        int | None, Option(help="The same, per second of audio in a forward pass.", minimum=1)
    ] = None
    receptive_field: Annotated[
        str | None, Option(help="LEAST:MOST seconds of audio that an output may hear; MOST may be empty.")
    ] = None


Options = TypeVar("Options", bound=SessionOptions)


def options_with(kind: type[Options], options: Options | None, changed: Mapping[str, Any], *, caller: str) -> Options:
    """The options, or the default ones, with the `changed` values, by the names of their fields.

    A path may be text. Raises `UserError` for names and values that cannot be; messages name the function `caller`.
    """
    declared = declared_options(kind)
    known = [option.name for option in declared]
    unknown = [name for name in changed if name not in known]
    if unknown:
        raise UserError(f"{caller} has no option {', '.join(map(repr, unknown))}; it has {', '.join(known)}")
    paths = {option.name for option in declared if option.type is Path}
    given = {
        name: Path(value) if name in paths and isinstance(value, str) else value for name, value in changed.items()
    }
    return from_options(kind, given if options is None else option_values(options) | given)


@dataclass(frozen=True, kw_only=True, slots=True)
class Seeds:
    """How many seeds, from `first` on: `number` fixed beforehand, or at most so many until every claim is decided."""

    number: int
    until_decided: bool
    first: int = 0

    @classmethod
    def parse(cls, options: RunOptions) -> "Seeds":
        """The seeds that the options ask for. Raises `UserError` where they contradict each other."""
        if options.until_decided and options.seeds is not None:
            raise UserError(
                "--seeds fixes their number beforehand and --until-decided leaves it open: give one of the two "
                "(with --until-decided, --max-seeds sets the limit)"
            )
        if options.max_seeds is not None and not options.until_decided:
            raise UserError("--max-seeds limits --until-decided, which was not given: add it, or use --seeds")
        if options.until_decided:
            most = DEFAULT_MAX_SEEDS if options.max_seeds is None else options.max_seeds
            return cls(number=most, until_decided=True, first=options.first_seed)
        number = DEFAULT_SEEDS if options.seeds is None else options.seeds
        return cls(number=number, until_decided=False, first=options.first_seed)


def parse_preset(name: str) -> PresetName:
    """The preset of that name. Raises `UnknownNameError`."""
    return choose_name("preset", name, PRESET_NAMES)


def parse_domain(name: str) -> Domain:
    """The domain of that name. Raises `UnknownNameError`."""
    return choose_name("domain", name, DOMAINS)


def parse_tracking_uri(named: str | None, storage: Path) -> str:
    """The tracking store that the user named, or the one in the storage."""
    from soundproof.trainables.sweeps.storage import Storage

    return named or Storage(root=storage).tracking_uri


def parse_recorded_corpus(text: str | None) -> str | None:
    """What the record calls a corpus that is named as `run` takes it; any other text is taken for such a name."""
    if text is None:
        return None
    from soundproof.trainables.corpora import parse_corpus

    try:
        return parse_corpus(text).label
    except UserError:
        return text


def parse_seconds(text: str) -> tuple[float, float | None]:
    """The two ends of LEAST:MOST; either may be empty. Raises `UserError`."""
    least, colon, most = text.partition(":")
    try:
        if colon:
            return float(least or 0), float(most) if most else None
    except ValueError:
        pass
    raise UserError(f"--receptive-field expects LEAST:MOST in seconds, such as 0.2:3 or 0.2:, got {text!r}")
