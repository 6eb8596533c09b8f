"""The command line of Soundproof: parses, wires, prints."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from search_spaces import PRESETS, STUDIES, Preset, Study, Variant, find_study
from search_spaces.arithmetic import REFERENCE_EXTENTS, count_parameters, infeasibility, output_frames
from search_spaces.catalogue import unknown_name
from search_spaces.errors import UserError

if TYPE_CHECKING:
    from analysis import StudyReport

DEFAULT_STORAGE = Path("soundproof-store")

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
    studies = STUDIES if study is None else (find_study(study),)
    chosen = _preset(preset)
    plans = [_plan(study, chosen) for study in studies]
    if as_json:
        _print_json({"preset": chosen.name, "studies": plans})
    else:
        _print_plans(plans, chosen)


@app.command()
def run(
    study: StudyArgument,
    preset: PresetOption = "quick",
    corpus: Annotated[str, typer.Option("--corpus", help="NAME or NAME:PATH.")] = "synthetic-speech",
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="Seeds per variant.")] = 6,
    max_concurrent: Annotated[Optional[int], typer.Option("--max-concurrent", min=1)] = None,  # noqa: UP045
    cpus_per_trial: Annotated[float, typer.Option("--cpus-per-trial", min=0)] = 1.0,
    gpus_per_trial: Annotated[
        Optional[float],  # noqa: UP045
        typer.Option("--gpus-per-trial", min=0, help="May be a fraction. By default a quarter where there is a GPU."),
    ] = None,
    address: Annotated[Optional[str], typer.Option("--address", help="A Ray cluster to join.")] = None,  # noqa: UP045
    skip_broken: Annotated[bool, typer.Option("--skip-broken", help="Leave out broken recordings.")] = False,
    storage: StorageOption = DEFAULT_STORAGE,
    tracking_uri: TrackingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Train what is not finished yet, then report. The same command again goes on where it stopped."""
    declared, chosen = find_study(study), _preset(preset)
    from trainables.corpora import open_corpus, parse_corpus  # noqa: PLC0415  # not needed to list or plan

    choice = parse_corpus(corpus)
    opened = open_corpus(choice, chosen, skip_broken=skip_broken)
    from search_spaces.specs import GroupSplit  # noqa: PLC0415
    from trainables.sweeps.display import terminal_progress  # noqa: PLC0415
    from trainables.sweeps.storage import Storage  # noqa: PLC0415
    from trainables.sweeps.sweep import Resources, Sweep, run_sweep  # noqa: PLC0415

    sweep = Sweep(
        study=declared,
        preset=chosen,
        corpus=opened,
        corpus_name=choice.label,
        split=GroupSplit(),
        seeds=seeds,
        storage=Storage(root=storage),
        tracking_uri=tracking_uri,
        resources=Resources(
            max_concurrent=max_concurrent,
            cpus_per_trial=cpus_per_trial,
            gpus_per_trial=_gpu_share() if gpus_per_trial is None else gpus_per_trial,
            address=address,
        ),
    )
    _warn_of_skipped(opened.skipped)
    try:
        with terminal_progress(declared.question) as progress:
            run_sweep(sweep, progress)
    except KeyboardInterrupt:
        print("stopped: what is finished is recorded, and the same command goes on from there", file=sys.stderr)
        raise typer.Exit(130) from None
    made = _report(declared, storage, tracking_uri, chosen.name, choice.label)
    _show(made, made.write(sweep.storage.reports / sweep.name), as_json=as_json)


@app.command()
def report(
    study: StudyArgument,
    preset: Annotated[Optional[str], typer.Option("--preset", help="By default the one run last.")] = None,  # noqa: UP045
    corpus: Annotated[Optional[str], typer.Option("--corpus", help="By default the one run last.")] = None,  # noqa: UP045
    out: Annotated[Optional[Path], typer.Option("--out", help="Folder for report.html and report.json.")] = None,  # noqa: UP045
    storage: StorageOption = DEFAULT_STORAGE,
    tracking_uri: TrackingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Turn the record of a study into verdicts: a table, a page, and JSON."""
    declared = find_study(study)
    made = _report(declared, storage, tracking_uri, preset, corpus)
    from trainables.sweeps.storage import Storage  # noqa: PLC0415

    folder = out or Storage(root=storage).reports / f"{declared.id}.{made.records.preset}.{made.records.corpus}"
    _show(made, made.write(folder), as_json=as_json)


@app.command()
def browse(
    storage: StorageOption = DEFAULT_STORAGE,
    tracking_uri: TrackingOption = None,
    host: Annotated[str, typer.Option("--host", help="Loopback by default.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535)] = 5000,
) -> None:
    """Open MLflow's own pages on the record. Stops on Ctrl-C."""
    from trainables.sweeps.storage import Storage  # noqa: PLC0415

    uri = tracking_uri or Storage(root=storage).tracking_uri
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


def _gpu_share() -> float:
    """A quarter of a GPU where there is one: a trial of these sizes does not fill it."""
    import torch  # noqa: PLC0415

    return 0.25 if torch.cuda.is_available() else 0.0


def _preset(name: str) -> Preset:
    for preset in PRESETS.values():
        if preset.name == name:
            return preset
    raise unknown_name("preset", name, list(PRESETS))


def _plan(study: Study, preset: Preset) -> dict[str, Any]:
    variants = [_plan_variant(preset.variant(variant)) for variant in study.variants]
    return {"id": study.id, "question": study.question, "variants": variants}


def _plan_variant(variant: Variant) -> dict[str, Any]:
    count = count_parameters(variant.network, variant.features.dimensions)
    reason = infeasibility(variant.network, REFERENCE_EXTENTS)
    return {
        "id": variant.id,
        "levels": {level.factor: level.value for level in variant.levels},
        "feasible": reason is None,
        "reason": reason,
        "parameters": {"total": count.total, "trainable": count.trainable, "non_trainable": count.non_trainable},
        "output_frames": output_frames(variant.network, min(extent.frames for extent in REFERENCE_EXTENTS)),
        "epochs": variant.epochs,
    }


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
    from analysis import report_study  # noqa: PLC0415
    from trainables.sweeps.storage import Storage  # noqa: PLC0415

    return report_study(study, tracking_uri or Storage(root=storage).tracking_uri, preset, corpus)


def _show(made: StudyReport, page: Path, *, as_json: bool) -> None:
    if as_json:
        print(made.json())
        return
    from rich.console import Console  # noqa: PLC0415

    console = Console() if sys.stdout.isatty() else Console(width=120)
    for table in made.tables():
        console.print(table)
    console.print(f"Report: {page}", soft_wrap=True, highlight=False, markup=False)


def _warn_of_skipped(skipped: Any) -> None:
    if skipped:
        print(f"{len(skipped)} broken recordings are left out:", *skipped[:20], sep="\n  ", file=sys.stderr)


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
