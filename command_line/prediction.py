"""Commands about a trained network: `predict`, `explain`, and `register`, which makes a model of MLflow's of it."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from soundproof.api import report_search, report_study
from soundproof.api.options import DEFAULT_STORAGE, parse_tracking_uri
from soundproof.command_line import typer_options
from soundproof.command_line.custom_files import make_known
from soundproof.command_line.printing import print_json, print_tables
from soundproof.common.errors import UserError
from soundproof.common.extras import require_extra
from soundproof.common.passwords import without_passwords
from soundproof.search_spaces.finding import find_study_or_space
from soundproof.search_spaces.spaces import SearchSpace

if TYPE_CHECKING:
    from soundproof.analysis.reports import BestTrial


def predict(
    trial: typer_options.TrialArgument,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Audio of any length and sampling rate.")],
    *,
    further: Annotated[
        list[str] | None,
        typer.Option("--trial", metavar="TRIAL_ID", help="Ask this trial the same, beside the first; may be repeated."),
    ] = None,
    file: typer_options.FileOption = None,
    storage: typer_options.StorageOption = DEFAULT_STORAGE,
    tracking_uri: typer_options.TrackingOption = None,
    as_json: typer_options.JsonOption = False,
) -> None:
    """Say the class or the transcript of new audio, by the network of a recorded trial, or of several side by side."""
    from soundproof.trainables.prediction import failure_lines, file_tables, predict_by_each, prediction_table

    make_known(file)
    every = predict_by_each(parse_tracking_uri(tracking_uri, storage), [trial, *(further or ())], files)
    if as_json:
        plain = [predicted.to_plain() for predicted in every]
        print_json(plain if further else plain[0])
    elif further:
        print_tables(*file_tables(every))
    elif every[0].files:
        print_tables(prediction_table(every[0]))
    for line in failure_lines(*every):
        print(line, file=sys.stderr)
    if any(predicted.failed for predicted in every):
        raise typer.Exit(2)


def explain(
    trial: typer_options.TrialArgument,
    *,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the pictures.")] = None,
    area: Annotated[
        int,
        typer.Option(
            "--area",
            metavar="CLIPS",
            min=0,
            help="Also compare, over so many validation clips, the areas that right and wrong answers rest on.",
        ),
    ] = 0,
    file: typer_options.FileOption = None,
    storage: typer_options.StorageOption = DEFAULT_STORAGE,
    tracking_uri: typer_options.TrackingOption = None,
) -> None:
    """Draw what a classifier heard in one clip that it got right and one that it got wrong.

    SmoothGrad and Grad-CAM over the features, into a folder, into the trial's run in MLflow, and so into the report.
    """
    require_extra("explain", "explaining a classifier")  # before anything that takes seconds to load
    from soundproof.trainables.explanation import explain_trial
    from soundproof.trainables.sweeps.storage import Storage

    make_known(file)
    place = Storage(root=storage)
    folder = out or place.reports / f"explanations.{trial}"
    uri = parse_tracking_uri(tracking_uri, storage)
    for picture in explain_trial(uri, trial, place.features, folder, area_clips=area):
        print(picture)


def register(
    trial: typer_options.OptionalTrialArgument = None,
    *,
    best: Annotated[
        str | None, typer.Option("--best", metavar="STUDY|SPACE", help="Instead of a trial: the best one of that.")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", help="The registered model; that of the study or space by default.")
    ] = None,
    preset: typer_options.AnyPresetOption = None,
    corpus: typer_options.AnyCorpusOption = None,
    file: typer_options.FileOption = None,
    storage: typer_options.StorageOption = DEFAULT_STORAGE,
    tracking_uri: typer_options.TrackingOption = None,
    as_json: typer_options.JsonOption = False,
) -> None:
    """Make a trained network a model of MLflow's: in its registry, loadable and servable."""
    if (trial is None) == (best is None):
        raise UserError("expected either the id of a trial or --best with a study or space, got both or neither")
    if best is None and (preset or corpus):
        raise UserError(
            "--preset and --corpus say where --best looks: leave them out, since a trial's id needs neither"
        )
    make_known(file)
    uri = parse_tracking_uri(tracking_uri, storage)
    where: dict[str, Any] = {"preset": preset, "corpus": corpus, "storage": storage, "tracking_uri": tracking_uri}
    found = None if best is None else _best(best, where)
    from soundproof.trainables.serving import register as register_trial

    registered = register_trial(uri, trial or (found.trial_id if found else ""), name)
    if as_json:
        print_json(
            {
                "uri": registered.uri,
                "name": registered.name,
                "version": registered.version,
                "model_id": registered.model_id,
                "trial": registered.trial_id,
                "why": None if found is None else found.why,
            }
        )
        return
    if found is not None:
        print(f"trial {found.trial_id}: {found.why}")
    print(f"registered as {registered.uri}")
    uri = without_passwords(uri)
    print(f"load it:  mlflow.set_tracking_uri({uri!r}); mlflow.pyfunc.load_model({registered.uri!r})")
    served = ["mlflow", "models", "serve", "-m", registered.uri, "--env-manager", "local", "-h", "127.0.0.1"]
    print(f"serve it: MLFLOW_TRACKING_URI={shlex.quote(uri)} {shlex.join([*served, '-p', '5001'])}")


def _best(name: str, where: dict[str, Any]) -> "BestTrial":
    from soundproof.analysis.reports import best_of_search, best_of_study

    declared = find_study_or_space(name)
    if isinstance(declared, SearchSpace):
        return best_of_search(report_search(declared, **where))
    return best_of_study(report_study(declared, **where))
