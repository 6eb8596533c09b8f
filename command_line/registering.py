"""The command that makes MLflow's models of trained networks: `register`."""

import shlex
from typing import TYPE_CHECKING, Annotated, Any

import typer

from soundproof.api import report_search, report_study
from soundproof.api.options import DEFAULT_STORAGE
from soundproof.api.parsing import parse_tracking_uri
from soundproof.command_line.custom_files import make_known
from soundproof.command_line.options import (
    AnyCorpusOption,
    AnyPresetOption,
    FileOption,
    JsonOption,
    OptionalTrialArgument,
    StorageOption,
    TrackingOption,
)
from soundproof.command_line.printing import print_json
from soundproof.common.errors import UserError
from soundproof.search_spaces.finding import find_study_or_space
from soundproof.search_spaces.spaces import SearchSpace

if TYPE_CHECKING:
    from soundproof.analysis.reports import BestTrial
    from soundproof.trainables.serving import RegisteredTrial


def register(
    trial: OptionalTrialArgument = None,
    *,
    best: Annotated[
        str | None, typer.Option("--best", metavar="STUDY|SPACE", help="Instead of a trial: the best one of that.")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", help="The registered model; that of the study or space by default.")
    ] = None,
    preset: AnyPresetOption = None,
    corpus: AnyCorpusOption = None,
    file: FileOption = None,
    storage: StorageOption = DEFAULT_STORAGE,
    tracking_uri: TrackingOption = None,
    as_json: JsonOption = False,
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
        print_json(_plain(registered, found))
        return
    if found is not None:
        print(f"trial {found.trial_id}: {found.why}")
    print(f"registered as {registered.uri}")
    print(f"load it:  mlflow.set_tracking_uri({uri!r}); mlflow.pyfunc.load_model({registered.uri!r})")
    served = ["mlflow", "models", "serve", "-m", registered.uri, "--env-manager", "local", "-h", "127.0.0.1"]
    print(f"serve it: MLFLOW_TRACKING_URI={shlex.quote(uri)} {shlex.join([*served, '-p', '5001'])}")


def _best(name: str, where: dict[str, Any]) -> "BestTrial":
    from soundproof.analysis.reports import best_of_search, best_of_study

    declared = find_study_or_space(name)
    if isinstance(declared, SearchSpace):
        return best_of_search(report_search(declared, **where))
    return best_of_study(report_study(declared, **where))


def _plain(registered: "RegisteredTrial", found: "BestTrial | None") -> dict[str, Any]:
    return {
        "uri": registered.uri,
        "name": registered.name,
        "version": registered.version,
        "model_id": registered.model_id,
        "trial": registered.trial_id,
        "why": None if found is None else found.why,
    }
