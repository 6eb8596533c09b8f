"""The command line of Soundproof: parses, wires, prints."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from search_spaces import PRESETS, STUDIES, Preset, Study, find_study
from search_spaces.catalogue import unknown_name
from search_spaces.errors import UserError
from search_spaces.find_ablation import find_study_or_ablation
from search_spaces.planning import plan_study

if TYPE_CHECKING:
    from rich.console import Console

    from analysis.study_report import StudyReport
    from search_spaces.ablation import Ablation
    from trainables.corpora import Corpus
    from trainables.sweeps.schedule import Schedule
    from trainables.sweeps.sweep import Sweep

DEFAULT_STORAGE = Path("soundproof-store")
DEFAULT_SEEDS = 6
DEFAULT_MAX_SEEDS = 30

app = typer.Typer(
    name="run_search.py",
    help="Ablation studies of audio networks, decided with evidence.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

StudyArgument = Annotated[str, typer.Argument(metavar="STUDY", help="A study's id, as `list` shows it.")]
PresetOption = Annotated[str, typer.Option("--preset", help="smoke, quick or documented.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON alone on standard output.")]
StorageOption = Annotated[Path, typer.Option("--storage", help="Folder for features, the record and reports.")]
TrackingOption = Annotated[
    Optional[str],  # noqa: UP045  # Typer reads this annotation when the program runs
    typer.Option("--tracking-uri", help="MLflow tracking URI; a SQLite file in the storage by default."),
]

CorpusOption = Annotated[str, typer.Option("--corpus", help="NAME or NAME:PATH.")]
SeedsOption = Annotated[
    Optional[int],  # noqa: UP045
    typer.Option("--seeds", min=1, help=f"Seeds per variant, fixed beforehand; {DEFAULT_SEEDS} by default."),
]
UntilDecidedOption = Annotated[
    bool, typer.Option("--until-decided", help="Add seeds where they help a verdict, until every claim is decided.")
]
MaxSeedsOption = Annotated[
    Optional[int],  # noqa: UP045
    typer.Option("--max-seeds", min=3, help=f"With --until-decided: the most per variant; {DEFAULT_MAX_SEEDS}."),
]
MaxConcurrentOption = Annotated[Optional[int], typer.Option("--max-concurrent", min=1)]  # noqa: UP045
CpusOption = Annotated[float, typer.Option("--cpus-per-trial", min=0)]
GpusOption = Annotated[
    Optional[float],  # noqa: UP045
    typer.Option("--gpus-per-trial", min=0, help="May be a fraction. By default a quarter where there is a GPU."),
]
AddressOption = Annotated[Optional[str], typer.Option("--address", help="A Ray cluster to join.")]  # noqa: UP045
SkipOption = Annotated[bool, typer.Option("--skip-broken", help="Leave out broken recordings.")]
AnyPresetOption = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--preset", help="By default the one run last."),
]
AnyCorpusOption = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--corpus", help="By default the one run last."),
]


@app.command("list")
def list_studies(as_json: JsonOption = False) -> None:
    """List the declared studies with their questions."""
    if as_json:
        rows = [{"id": study.id, "question": study.question, "variants": len(study.variants)} for study in STUDIES]
        _print_json(rows)
        return
    for study in STUDIES:
        print(f"{study.id}  ({len(study.variants)} variants)\n    {study.question}")
    print("\nNext: run_search.py plan STUDY, or run_search.py run STUDY")


@app.command()
def plan(
    study: Annotated[Optional[str], typer.Argument(metavar="STUDY")] = None,  # noqa: UP045
    every: Annotated[bool, typer.Option("--all", help="All studies.")] = False,
    preset: PresetOption = "quick",
    as_json: JsonOption = False,
) -> None:
    """Show variants, levels, parameters and feasibility. Trains nothing.

    Without a corpus, feasibility and output frames are those of the shortest utterances of the documented corpus.
    """
    if every == (study is not None):
        raise UserError("plan takes the id of one study, or --all for every study: give one of the two")
    studies = STUDIES if study is None else (find_study_or_ablation(study),)
    chosen = _preset(preset)
    plans = [plan_study(study, chosen) for study in studies]
    if as_json:
        _print_json({"preset": chosen.name, "studies": plans})
    else:
        _print_plans(plans, chosen)


@app.command()
def run(
    study: StudyArgument,
    preset: PresetOption = "quick",
    corpus: CorpusOption = "synthetic-speech",
    seeds: SeedsOption = None,
    until_decided: UntilDecidedOption = False,
    max_seeds: MaxSeedsOption = None,
    max_concurrent: MaxConcurrentOption = None,
    cpus_per_trial: CpusOption = 1.0,
    gpus_per_trial: GpusOption = None,
    address: AddressOption = None,
    skip_broken: SkipOption = False,
    storage: StorageOption = DEFAULT_STORAGE,
    tracking_uri: TrackingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Train what is not finished yet, then report. The same command again goes on where it stopped."""
    declared, chosen = find_study_or_ablation(study), _preset(preset)
    count = _Seeds.parse(seeds, until_decided=until_decided, max_seeds=max_seeds)
    room = _Room(max_concurrent, cpus_per_trial, gpus_per_trial, address)
    bench = _Bench.prepare(chosen, corpus, storage, tracking_uri, room, skip_broken=skip_broken)
    _run(declared, bench, count, as_json=as_json)


@app.command()
def ablate(
    study: StudyArgument,
    variant: Annotated[str, typer.Argument(metavar="VARIANT", help="A variant's id, as `plan` shows it.")],
    baseline: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--baseline", help="The variant to set components back to; the study's baseline by default."),
    ] = None,
    removals: Annotated[bool, typer.Option("--removals", help="Take out what the variant itself is made of.")] = False,
    path: Annotated[
        bool, typer.Option("--path", help="From the baseline to the variant, the most helpful component first.")
    ] = False,
    preset: PresetOption = "quick",
    corpus: CorpusOption = "synthetic-speech",
    seeds: SeedsOption = None,
    until_decided: UntilDecidedOption = False,
    max_seeds: MaxSeedsOption = None,
    max_concurrent: MaxConcurrentOption = None,
    cpus_per_trial: CpusOption = 1.0,
    gpus_per_trial: GpusOption = None,
    address: AddressOption = None,
    skip_broken: SkipOption = False,
    storage: StorageOption = DEFAULT_STORAGE,
    tracking_uri: TrackingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Leave out each component of a variant in turn, and judge what each contributes."""
    from search_spaces import ablation  # noqa: PLC0415

    chosen = _preset(preset)
    count = _Seeds.parse(seeds, until_decided=until_decided, max_seeds=max_seeds)
    if path and count.until_decided:
        raise UserError("--path compares variants step by step on fixed seeds: leave out --until-decided, give --seeds")
    declared = find_study(study)
    what: ablation.What | None = "removals" if removals else None
    taken_apart = ablation.dissect(declared, variant, baseline, what)
    room = _Room(max_concurrent, cpus_per_trial, gpus_per_trial, address)
    bench = _Bench.prepare(chosen, corpus, storage, tracking_uri, room, skip_broken=skip_broken)
    if path:
        _follow_path(taken_apart, bench, count.number, as_json=as_json)
    else:
        _run(ablation.ablate(declared, variant, baseline, what), bench, count, as_json=as_json)


@app.command()
def report(
    study: StudyArgument,
    preset: AnyPresetOption = None,
    corpus: AnyCorpusOption = None,
    out: Annotated[Optional[Path], typer.Option("--out", help="Folder for report.html and report.json.")] = None,  # noqa: UP045
    storage: StorageOption = DEFAULT_STORAGE,
    tracking_uri: TrackingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Turn the record of a study into verdicts: a table, a page, and JSON."""
    declared = find_study_or_ablation(study)
    made = _report(declared, storage, tracking_uri, preset, corpus)
    from trainables.sweeps.storage import Storage  # noqa: PLC0415

    folder = out or Storage(root=storage).reports / f"{declared.id}.{made.records.preset}.{made.records.corpus}"
    _show(made, made.write(folder), as_json=as_json)


@app.command()
def importance(
    study: StudyArgument,
    metric: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option("--metric", help="A recorded metric; the study's own by default."),
    ] = None,
    by: Annotated[str, typer.Option("--by", help="levels: the declared factors; params: every field that varies.")] = (
        "levels"
    ),
    preset: AnyPresetOption = None,
    corpus: AnyCorpusOption = None,
    storage: StorageOption = DEFAULT_STORAGE,
    tracking_uri: TrackingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show how much each factor matters, over the recorded trials of a study."""
    from typing import get_args  # noqa: PLC0415

    import numpy as np  # noqa: PLC0415

    from analysis.importance import Granularity, factor_importances  # noqa: PLC0415
    from analysis.importance_table import importance_plain, importance_table  # noqa: PLC0415
    from analysis.loading import load_study  # noqa: PLC0415

    declared = find_study_or_ablation(study)
    grain = next((known for known in get_args(Granularity) if known == by), None)
    if grain is None:
        raise unknown_name("kind of factor", by, list(get_args(Granularity)))
    records = load_study(_tracking_uri(storage, tracking_uri), declared.id, preset, corpus, histories=())
    generator = np.random.default_rng(0)
    found = factor_importances(records.trials, metric or declared.metric, by=grain, generator=generator)
    if as_json:
        _print_json(importance_plain(found))
    else:
        _console().print(importance_table(found))


@app.command()
def browse(
    storage: StorageOption = DEFAULT_STORAGE,
    tracking_uri: TrackingOption = None,
    host: Annotated[str, typer.Option("--host", help="Loopback by default.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535)] = 5000,
) -> None:
    """Open MLflow's own pages on the record. Stops on Ctrl-C."""
    uri = _tracking_uri(storage, tracking_uri)
    database = Path(uri.removeprefix("sqlite:///"))
    if uri.startswith("sqlite:///") and not database.exists():
        raise UserError(f"there is no record at {database}: run a study first, or name another --storage")
    print(f"MLflow on http://{host}:{port} (Ctrl-C stops it)", file=sys.stderr, flush=True)
    place = ["--host", host, "--port", str(port), "--workers", "1"]
    command = [sys.executable, "-m", "mlflow", "server", "--backend-store-uri", uri, *place]
    try:
        raise typer.Exit(subprocess.run(command, check=False).returncode)  # noqa: S603  # no shell, our own words
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


@dataclass(frozen=True, slots=True)
class _Seeds:
    """How many seeds: `number` fixed beforehand, or at most so many until every claim is decided."""

    number: int
    until_decided: bool

    @classmethod
    def parse(cls, seeds: int | None, *, until_decided: bool, max_seeds: int | None) -> _Seeds:
        """What the options say. Raises `UserError` where they contradict each other."""
        if until_decided and seeds is not None:
            raise UserError(
                "--seeds fixes their number beforehand and --until-decided leaves it open: give one of the two "
                "(with --until-decided, --max-seeds sets the limit)"
            )
        if max_seeds is not None and not until_decided:
            raise UserError("--max-seeds limits --until-decided, which was not given: add it, or use --seeds")
        if until_decided:
            return cls(max_seeds or DEFAULT_MAX_SEEDS, until_decided=True)
        return cls(seeds or DEFAULT_SEEDS, until_decided=False)


@dataclass(frozen=True, slots=True)
class _Room:
    """What trials may use, as the options say."""

    max_concurrent: int | None
    cpus_per_trial: float
    gpus_per_trial: float | None
    address: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Bench:
    """Where and on what studies are run."""

    preset: Preset
    corpus: Corpus
    corpus_name: str
    storage: Path
    tracking_uri: str | None
    room: _Room

    @classmethod
    def prepare(
        cls, preset: Preset, corpus: str, storage: Path, tracking_uri: str | None, room: _Room, *, skip_broken: bool
    ) -> _Bench:
        """Open the corpus, and say which of its recordings are left out."""
        from trainables.corpora import open_corpus, parse_corpus  # noqa: PLC0415  # not needed to list or plan

        choice = parse_corpus(corpus)
        opened = open_corpus(choice, preset, skip_broken=skip_broken)
        if opened.skipped:
            print(f"{len(opened.skipped)} broken recordings are left out:", file=sys.stderr)
            print(*opened.skipped[:20], sep="\n", file=sys.stderr)
        return cls(
            preset=preset,
            corpus=opened,
            corpus_name=choice.label,
            storage=storage,
            tracking_uri=tracking_uri,
            room=room,
        )

    def sweep(self, study: Study, schedule: Schedule) -> Sweep:
        """The study on this bench."""
        from search_spaces.specs import GroupSplit  # noqa: PLC0415
        from trainables.sweeps.resources import Resources, usual_gpu_share  # noqa: PLC0415
        from trainables.sweeps.storage import Storage  # noqa: PLC0415
        from trainables.sweeps.sweep import Sweep  # noqa: PLC0415

        room = self.room
        return Sweep(
            study=study,
            preset=self.preset,
            corpus=self.corpus,
            corpus_name=self.corpus_name,
            split=GroupSplit(),
            schedule=schedule,
            storage=Storage(root=self.storage),
            tracking_uri=self.tracking_uri,
            resources=Resources(
                max_concurrent=room.max_concurrent,
                cpus_per_trial=room.cpus_per_trial,
                gpus_per_trial=usual_gpu_share() if room.gpus_per_trial is None else room.gpus_per_trial,
                address=room.address,
            ),
        )

    def report(self, study: Study) -> StudyReport:
        """What the record says of the study on this bench."""
        return _report(study, self.storage, self.tracking_uri, self.preset.name, self.corpus_name)


def _run(study: Study, bench: _Bench, seeds: _Seeds, *, as_json: bool) -> None:
    """Train what is missing, then report."""
    from trainables.sweeps.schedule import FixedSeeds  # noqa: PLC0415
    from trainables.sweeps.sweep import margin_on  # noqa: PLC0415

    schedule: Schedule = FixedSeeds(study, seeds.number)
    if seeds.until_decided:
        from analysis.replication import UntilDecided  # noqa: PLC0415

        schedule = UntilDecided(study, margin=margin_on(study, bench.corpus), maximum_seeds=seeds.number)
    sweep = bench.sweep(study, schedule)
    _train(sweep)
    made = bench.report(study)
    _show(made, made.write(sweep.storage.reports / sweep.name), as_json=as_json)


def _train(sweep: Sweep) -> None:
    from trainables.sweeps.display import terminal_progress  # noqa: PLC0415
    from trainables.sweeps.sweep import run_sweep  # noqa: PLC0415

    try:
        with terminal_progress(sweep.study.question) as progress:
            run_sweep(sweep, progress)
    except KeyboardInterrupt:
        print("stopped: what is finished is recorded, and the same command goes on from there", file=sys.stderr)
        raise typer.Exit(130) from None


def _follow_path(taken_apart: Ablation, bench: _Bench, seeds: int, *, as_json: bool) -> None:
    """Train the steps of an ablation path as far as the results before them determine it, until it is complete."""
    from analysis.ablation_path import Flipped, Wanted, ablation_path  # noqa: PLC0415
    from analysis.ablation_table import path_plain, path_table  # noqa: PLC0415
    from analysis.metrics import quantity  # noqa: PLC0415
    from search_spaces.ablation import impossible, path_study, path_variant  # noqa: PLC0415
    from trainables.sweeps.schedule import FixedSeeds  # noqa: PLC0415
    from trainables.sweeps.sweep import margin_on  # noqa: PLC0415

    components = [component.slug for component in taken_apart.components]
    results: dict[Flipped, dict[int, float]] = {}
    found = ablation_path(components, results)
    while isinstance(found, Wanted):
        results |= {flipped: {} for flipped in found.sets}
        possible = [flipped for flipped in results if impossible(taken_apart, flipped) is None]
        study = path_study(taken_apart, possible)
        _train(bench.sweep(study, FixedSeeds(study, seeds)))
        records = bench.report(study).records
        for flipped in possible:
            results[flipped] = records.values(path_variant(taken_apart, flipped).id, study.metric)
        found = ablation_path(components, results)
    if as_json:
        _print_json(path_plain(found))
    else:
        measured = quantity(taken_apart.study.metric, margin_on(taken_apart.study, bench.corpus))
        _console().print(path_table(found, taken_apart, measured))


def _preset(name: str) -> Preset:
    for preset in PRESETS.values():
        if preset.name == name:
            return preset
    raise unknown_name("preset", name, list(PRESETS))


def _print_plans(plans: list[dict[str, Any]], preset: Preset) -> None:
    print(f"preset {preset.name}: {preset.purpose}")
    for planned in plans:
        print(f"\n{planned['id']}\n{planned['question']}")
        for variant in planned["variants"]:
            levels = "; ".join(f"{factor}: {value}" for factor, value in variant["levels"].items())
            size = f"{variant['parameters']['total']:>10,} parameters, {variant['epochs']} epochs"
            print(f"  {variant['id']:<32} {size}  {levels}")
            if not variant["feasible"]:
                print(f"  {'':<32} infeasible: {variant['reason']}")


def _report(
    study: Study, storage: Path, tracking_uri: str | None, preset: str | None, corpus: str | None
) -> StudyReport:
    from analysis.study_report import report_study  # noqa: PLC0415

    return report_study(study, _tracking_uri(storage, tracking_uri), preset, corpus)


def _tracking_uri(storage: Path, named: str | None) -> str:
    """The store that the user named, or the one in the storage."""
    from trainables.sweeps.storage import Storage  # noqa: PLC0415

    return named or Storage(root=storage).tracking_uri


def _show(made: StudyReport, page: Path, *, as_json: bool) -> None:
    if as_json:
        print(made.json())
        return
    console = _console()
    for table in made.tables():
        console.print(table)
    console.print(f"Report: {page}", soft_wrap=True, highlight=False, markup=False)


def _console() -> Console:
    from rich.console import Console  # noqa: PLC0415

    return Console() if sys.stdout.isatty() else Console(width=120)


def _print_json(value: Any) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


def main() -> None:
    """Run the command line; what a user can cause ends with a message and status 2."""
    try:
        app()
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
