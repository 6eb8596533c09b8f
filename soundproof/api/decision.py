"""What is to be decided by runs of a program: its options, its variants, and what is asked of them."""

import os
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from soundproof.api.options import DEFAULT_MAX_SEEDS, DEFAULT_STORAGE, MOST_SEEDS, parse_tracking_uri
from soundproof.common import record
from soundproof.common.errors import UserError
from soundproof.common.option_fields import Option, check_options, option_values
from soundproof.search_spaces.programs import CommandError, CommandTemplate, arms, check, grid, parse_factor
from soundproof.search_spaces.study_ids import check_id, part_of_id
from soundproof.trainables.sweeps.ray_tune.resources import Resources

if TYPE_CHECKING:
    from soundproof.analysis.judging.program_results import Reading
    from soundproof.search_spaces.studies import Arm, Question
    from soundproof.trainables.sweeps.planning.seeds import Schedule

ONE_NUMBER = "result"
"""What a metric is called that nobody gave a name."""

_MOST_SECONDS = 1e9
_LONGEST_COMMAND = 500
"""Characters of a command in the record, where the whole of it is in the folder of the runs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DecideOptions:
    """What varies, what is asked, how results are read, how many seeds, and where. Raises `UserError`."""

    margin: Annotated[float, Option(help="The smallest difference that matters, in the metric's unit.", minimum=0)]
    vary: Annotated[
        list[str] | None, Option(help="NAME=VALUE,VALUE: values of a name in the command; several make a grid.")
    ] = None
    variants: Annotated[
        Path | None, Option(help="A table in place of --vary: a row a variant, a column a name in the command.")
    ] = None
    metric: Annotated[
        str | None, Option(help="The result's name, in the last line or the file; none where a number stands alone.")
    ] = None
    result: Annotated[
        str,
        Option(
            help="Where the result is: last-line (of what is printed), mlflow (a store of the run's own), "
            "mlflow:ADDRESS (one that runs share), or a path below {folder}, in any form that judge reads."
        ),
    ] = "last-line"
    curve_end: Annotated[str | None, Option(help="best or last: what a curve in such a file counts with.")] = None
    baseline: Annotated[str | None, Option(help="The variant that all others are held against.")] = None
    claim: Annotated[list[str] | None, Option(help="'A better than B', 'A no worse than B', 'A best', ...")] = None
    claims: Annotated[Path | None, Option(help="A file with a claim in each line.")] = None
    question: Annotated[str | None, Option(help="What the report asks.")] = None
    seeds: Annotated[
        int | None,
        Option(
            help="Seeds per variant, fixed beforehand; by default until every claim is decided.",
            minimum=1,
            maximum=MOST_SEEDS,
        ),
    ] = None
    max_seeds: Annotated[
        int | None, Option(help=f"The most until decided; {DEFAULT_MAX_SEEDS}.", minimum=3, maximum=MOST_SEEDS)
    ] = None
    first_seed: Annotated[int, Option(help="The first of the seeds.", minimum=0)] = 0
    unpaired: Annotated[bool, Option(help="Runs draw their own seeds: those of one number are no pair.")] = False
    timeout: Annotated[
        float | None,
        Option(
            help="Seconds that a run may take; by default ten times the longest so far, and ten minutes at least.",
            minimum=0,
            maximum=_MOST_SECONDS,
        ),
    ] = None
    inside: Annotated[bool, Option(help="Start each run in its own folder, not where this is typed.")] = False
    name: Annotated[str | None, Option(help="What this is called in the record; by default by the program.")] = None
    same_program: Annotated[
        bool, Option(help="Files of the command have changed, and earlier runs are to count all the same.")
    ] = False
    retry_failed: Annotated[bool, Option(help="Run again what failed.")] = False
    resources: Resources = Resources()  # noqa: RUF009  # frozen
    address: Annotated[str | None, Option(help="A Ray cluster to join.")] = None
    storage: Annotated[Path, Option(help="Folder for runs, the record and reports.")] = DEFAULT_STORAGE
    tracking_uri: Annotated[
        str | None, Option(help="MLflow tracking URI; a SQLite file in the storage by default.")
    ] = None
    quiet: Annotated[bool, Option(help="No progress: the result alone.")] = False
    verbose: Annotated[bool, Option(help="Also what Ray and MLflow say.")] = False

    def __post_init__(self) -> None:
        check_options(type(self), option_values(self))
        if not self.margin > 0:
            raise UserError(f"--margin expects a number above 0, got {self.margin:g}: what difference would matter?")
        if self.seeds is not None and self.max_seeds is not None:
            raise UserError("--seeds fixes their number and --max-seeds limits an open one: give one of the two")
        if self.result.startswith("mlflow:") and "@" in self.result:
            raise UserError(
                "--result expects an address without user and password, which would be kept with the runs: give these "
                "as MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD"
            )
        if self.curve_end not in (None, "best", "last"):
            raise UserError(f"--curve-end expects best or last, got {self.curve_end!r}")
        if (self.vary is None) == (self.variants is None):
            raise UserError(
                "what varies is said by --vary NAME=VALUE,VALUE or by --variants TABLE: give one of the two"
            )


@dataclass(frozen=True, kw_only=True)
class Decision:
    """A command, its variants, and what is asked of them."""

    template: CommandTemplate
    variants: "tuple[Arm, ...]"
    name: str
    question: "Question"
    reading: "Reading"
    options: DecideOptions

    @classmethod
    def of(cls, command: str, options: DecideOptions, higher_is_better: bool | None) -> "Decision":
        """What the options make of a command, before anything runs. Raises `UserError`."""
        from soundproof.analysis.judging.answers import Answers
        from soundproof.analysis.judging.asking import direction_of
        from soundproof.analysis.judging.claims import claims_in
        from soundproof.analysis.judging.program_results import Reading
        from soundproof.analysis.judging.questions import question_about
        from soundproof.search_spaces.studies import Absolute

        template = CommandTemplate.parse(command)
        variants = _variants(options)
        check(template, variants, seeded=not options.unpaired)
        _check_program(template)
        metric = options.metric or ONE_NUMBER
        higher = direction_of(metric) if higher_is_better is None else higher_is_better
        name = options.name or _name(template)
        _check_name(name)
        claims = (*(options.claim or ()), *claims_in(options.claims))
        answers = Answers(baseline=options.baseline, claims=claims, question=options.question)
        question = question_about(
            variants,
            answers,
            name=name,
            metric=record.outside_metric(metric, higher_is_better=higher),
            margin=Absolute(value=options.margin),
            source=template.text,
        )
        reading = Reading(
            source=options.result, metric=options.metric, higher_is_better=higher, curve_end=options.curve_end
        )
        return cls(template=template, variants=variants, name=name, question=question, reading=reading, options=options)

    @property
    def schedule(self) -> "Schedule":
        """Which runs are wanted."""
        from soundproof.analysis.verdicts.until_decided import UntilDecided
        from soundproof.trainables.sweeps.planning.seeds import FixedSeeds, FromSeed

        options = self.options
        schedule: Schedule
        if options.seeds is not None:
            schedule = FixedSeeds(self.question, options.seeds)
        else:
            most = options.max_seeds or DEFAULT_MAX_SEEDS
            schedule = UntilDecided(
                self.question, margin=options.margin, maximum_seeds=most, paired=not options.unpaired
            )
        return FromSeed(schedule, options.first_seed)

    @cached_property
    def tracking_uri(self) -> str:
        """The store that it is recorded in."""
        return parse_tracking_uri(self.options.tracking_uri, self.options.storage)

    @property
    def recorded_as(self) -> str:
        """The command, as MLflow's filters can find it again: they know both quotation marks and no escape."""
        text = self.template.text[:_LONGEST_COMMAND]
        return text.replace('"', "'") if "'" in text else text


def _variants(options: DecideOptions) -> "tuple[Arm, ...]":
    if options.variants is None:
        factors = [parse_factor(text) for text in options.vary or ()]
        if len({name for name, _ in factors}) < len(factors):
            raise CommandError("--vary names one name twice: give all its values at once")
        return grid(dict(factors))
    from soundproof.analysis.sources.kinds import read_source

    return arms([dict(run.cells) for run in read_source(str(options.variants)).runs])


def _check_program(template: CommandTemplate) -> None:
    """Raise `CommandError` where there is no such program: every run would fail."""
    program = template.words[0]
    if "{" not in program and shutil.which(program) is None:
        raise CommandError(
            f"--command begins with {program!r}, and there is no such program: check its path (programs run without a "
            "shell; for what only a shell knows, write bash -c '...')"
        )


def _check_name(name: str) -> None:
    if part_of_id(name) != name or not name[:1].isalnum():
        raise CommandError(
            "--name expects lower-case letters, digits, dashes, dots and underscores, since a folder is called so, "
            f"got {name!r}"
        )
    check_id("decide", name)


def _name(template: CommandTemplate) -> str:
    """By the first file of the command that is none of an interpreter's: `train` of `python train.py --seed {seed}`."""
    files = [word for word in template.words if Path(word).is_file() and os.sep not in word.lstrip("./")]
    named = Path(files[0] if files else template.words[0]).stem.lower()
    return part_of_id(named.strip("-_.") or "program")
