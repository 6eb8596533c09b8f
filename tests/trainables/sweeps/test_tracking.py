"""The record in a real MLflow store."""

import html
import json
import re
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from mlflow.data import get_source
from mlflow.entities import Metric, Param, Run, RunData, RunTag
from mlflow.tracking import MlflowClient
from sqlalchemy.exc import OperationalError

from soundproof.analysis.records.loading import load_study
from soundproof.common import record
from soundproof.common.provenance import Provenance, installed
from soundproof.common.record import HeldOut
from soundproof.search_spaces import PRESETS, PlannedTrial, Variant, expand, find_study
from soundproof.search_spaces.custom import CustomSource, load_source
from soundproof.search_spaces.declarations import declare_study
from soundproof.search_spaces.specs import CustomTranscriber, GroupSplit, Setting, Trial, revisions
from soundproof.search_spaces.specs.revisions import COMPONENTS
from soundproof.search_spaces.user_code.modules import identity_of
from soundproof.trainables.features.cache import entry_path
from soundproof.trainables.sweeps.outbox.results import collect, leave, waiting
from soundproof.trainables.sweeps.storage import Storage
from soundproof.trainables.sweeps.tracking import Tracker
from soundproof.trainables.sweeps.tracking.child_runs import ChildRuns
from soundproof.trainables.sweeps.tracking.heading import Heading
from soundproof.trainables.sweeps.tracking.outages import TrackingError
from soundproof.trainables.sweeps.tracking.parent_run import open_record
from soundproof.trainables.training.engine import Outcome

STUDY = find_study("asr-cnn-sublayer-order")
PRESET = PRESETS["speech"]["smoke"]
HISTORY = [{record.VALIDATION_LOSS: 9.0 - epoch} for epoch in range(3)]


@pytest.fixture(scope="module")
def uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    """One store for the module: making its tables takes seconds."""
    return f"sqlite:///{tmp_path_factory.mktemp('store') / 'mlflow.db'}"


@pytest.fixture
def heading(request: pytest.FixtureRequest) -> Heading:
    """A sweep of its own for each test."""
    return _heading(STUDY.id, request.node.name)


def _heading(study_id: str, corpus: str) -> Heading:
    return Heading(
        kind=record.KIND_STUDY,
        id=study_id,
        question=STUDY.question,
        preset="smoke",
        corpus=corpus,
        margin=1.5,
        design="2",
    )


def _planned() -> list[PlannedTrial]:
    return list(expand(STUDY, PRESET, PRESET.corpus, GroupSplit(), range(1)))


def _variant(planned: PlannedTrial) -> Variant:
    return PRESET.variant(STUDY.variant(planned.variant_id))


def _leave(outbox: Path, planned: PlannedTrial, status: record.Status = "completed") -> Path:
    outcome = Outcome(
        status=status, reason=None, metrics={"test/cer": 0.25}, weights={"w": torch.zeros(1)}, predictions={}
    )
    return leave(outbox, planned.trial, outcome, HISTORY, "cpu", threads=3)


def _runs(tracker: Tracker) -> list[object]:
    return tracker.client.search_runs(
        [tracker.runs.experiment_id], filter_string=f"tags.`{record.PARENT_RUN}` = '{tracker.parent_id}'"
    )


def test_a_delivered_trial_can_be_read_back(uri: str, heading: Heading, tmp_path: Path) -> None:
    """Tags, params, every epoch, final metrics and artifacts are in the store, and the result is gone."""
    tracker, planned = Tracker(uri, heading, tmp_path / "artifacts"), _planned()[0]
    run_id = tracker.begin(_variant(planned), planned.trial)
    tracker.epoch(run_id, 1, HISTORY[0])
    tracker.flush()
    assert tracker.client.get_run(tracker.parent_id).data.metrics["system/system_memory_usage_megabytes"] > 0
    trial_result = collect(_leave(tmp_path / "outbox", planned))
    tracker.deliver(trial_result, _variant(planned), run_id)
    run = MlflowClient(uri).get_run(run_id)
    assert run.info.status == "FINISHED"
    assert run.data.tags[record.TRIAL_ID] == planned.trial.trial_id
    assert run.data.tags[record.STATUS] == "completed"
    assert run.data.tags[record.THREADS] == "3"
    assert Trial.from_json(run.data.tags[record.TRIAL]) == planned.trial
    assert (run.data.tags[record.SPLIT], run.data.tags[record.EPOCHS]) == (
        "GroupSplit",
        str(planned.trial.budget.epochs),
    )
    assert run.data.tags["factor.sublayers of the convolution"] == "relu, dropout 0.2, batch norm"
    assert run.data.params["network.convolution.kernel_size"] == "11"
    assert run.data.params["network.convolution.sublayers"] == "[Relu, Dropout(rate=0.2), BatchNorm]"
    assert run.data.params["factor.sublayers of the convolution"] == "relu, dropout 0.2, batch norm"
    assert not [name for name in run.data.params if any(part.isdigit() for part in name.split("."))]
    history = tracker.client.get_metric_history(run_id, record.VALIDATION_LOSS)
    assert [(metric.step, metric.value) for metric in history] == [(1, 9.0), (2, 8.0), (3, 7.0)]
    assert {artifact.path for artifact in tracker.client.list_artifacts(run_id)} == {
        "trial.json",
        "weights.safetensors",
    }
    assert not trial_result.folder.exists()


def test_a_trial_too_long_for_a_tag_is_an_artifact_alone(uri: str, heading: Heading, tmp_path: Path) -> None:
    """As one with long settings is; the analysis finds it there."""
    tracker, planned = Tracker(uri, heading, tmp_path / "artifacts"), _planned()[0]
    settings = tuple(Setting(name=f"setting {number}", value="é" * 200) for number in range(20))
    long = load_source(CustomSource(name="long.py", text="class Long:\n    pass\n")).Long
    custom = CustomTranscriber(name="Long", settings=settings, source=identity_of(long))
    planned = replace(planned, trial=replace(planned.trial, network=custom))
    run_id = tracker.begin(_variant(planned), planned.trial)
    tracker.deliver(collect(_leave(tmp_path / "outbox", planned)), _variant(planned), run_id)
    assert record.TRIAL not in tracker.client.get_run(run_id).data.tags
    (trial,) = load_study(uri, STUDY.id, corpus=heading.corpus).trials
    assert dict(trial.spec) == planned.trial.to_plain()
    assert trial.split == "GroupSplit"


def test_after_a_revision_a_store_hands_nothing_over(
    uri: str, heading: Heading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Trials, results on their way and features of before have the ids of before."""
    tracker, planned = Tracker(uri, heading, tmp_path / "artifacts"), _planned()[:2]
    tracker.deliver(collect(_leave(tmp_path / "outbox", planned[0])), _variant(planned[0]), None)
    _leave(tmp_path / "outbox", planned[1])
    other = Tracker(uri, _heading("other-study", heading.corpus), tmp_path / "artifacts")
    assert planned[0].trial.trial_id in other.runs.finished_elsewhere()
    assert len(waiting(tmp_path / "outbox")) == 1
    corpus, features = PRESET.corpus, planned[0].trial.features
    entry = entry_path(tmp_path, corpus, replace(features))
    for name in ("initialisation", "features"):
        revised = replace(COMPONENTS[name], revision=2)
        monkeypatch.setattr(revisions, "COMPONENTS", revisions.COMPONENTS | {name: revised})
        now = {again.trial.trial_id for again in _planned()}
        assert not now & other.runs.finished_elsewhere().keys()
        assert waiting(tmp_path / "outbox") == []
    assert entry_path(tmp_path, corpus, replace(features)) != entry


def test_what_exceeds_a_batch_arrives_whole(uri: str, heading: Heading, tmp_path: Path) -> None:
    """More metrics, params and tags than MLflow takes at once, in numbers that meet each of its limits."""
    runs, planned = open_record(uri, heading, tmp_path), _planned()[0]
    children = ChildRuns(uri, runs)
    run_id = children.open(_variant(planned), planned.trial, "large", {})
    metrics = [Metric("m", float(step), 1, step) for step in range(1950)]
    params = [Param(f"p{number}", "1") for number in range(230)]
    children.log(run_id, metrics, params, {f"t{number}": "1" for number in range(90)})
    run = runs.client.get_run(run_id)
    assert len(run.data.params) == 230
    assert "t89" in run.data.tags
    assert [metric.step for metric in runs.client.get_metric_history(run_id, "m")] == list(range(1950))


def test_factors_and_levels_may_be_called_anything(uri: str, heading: Heading, tmp_path: Path) -> None:
    """What MLflow does not take in the name of a parameter, or beyond its lengths, is made to fit; tags keep it."""
    tracker, planned = Tracker(uri, heading, tmp_path / "artifacts"), _planned()[0]
    names = ("the layer's ratio (in %)/now", "f" * 240)
    levels = tuple(replace(_variant(planned).levels[0], factor=name, value="v" * 7000) for name in names)
    variant = replace(_variant(planned), levels=levels)
    run = tracker.client.get_run(tracker.deliver(collect(_leave(tmp_path / "outbox", planned)), variant, None))
    assert run.data.params["factor.the layer_s ratio _in ___now"] == "v" * 6000
    assert run.data.params[f"factor.{names[1]}"] == "v" * 6000
    assert f"factor.{names[0]}" in run.data.tags


def test_runs_have_names_that_tell_them_apart(uri: str, heading: Heading, tmp_path: Path) -> None:
    """Names begin with what differs within an experiment, and a name without end is cut; the parent is MLflow's own."""
    tracker, planned = Tracker(uri, heading, tmp_path), _planned()[0]
    variant = _variant(planned)
    run = tracker.client.get_run(tracker.begin(variant, planned.trial))
    assert run.info.run_name == "01 · seed 0 · relu, dropout 0.2, batch norm"
    assert run.data.tags["mlflow.parentRunId"] == tracker.parent_id
    assert tracker.client.get_run(tracker.parent_id).info.run_name == f"smoke · {heading.corpus} · {STUDY.id}"
    foreign = replace(variant, id="another-study/01")
    name = tracker.client.get_run(tracker.begin(foreign, planned.trial)).info.run_name
    assert name == "01 · seed 0 · relu, dropout 0.2, batch norm · of another-study"
    long = replace(variant, id=f"{STUDY.id}/long", levels=(replace(variant.levels[0], value="x" * 500),))
    name = tracker.client.get_run(tracker.begin(long, planned.trial)).info.run_name
    assert name.startswith("long · seed 0 · xxx")
    assert name.endswith("x…")
    assert len(name) == 120


def test_a_question_is_shown_as_it_was_written(uri: str, heading: Heading, tmp_path: Path) -> None:
    """Markup in a user's question reaches MLflow's descriptions, Markdown, as entities of the same characters."""
    question = 'Is <script>alert("1")</script> *better* | than [this](http://x)?'
    hostile = replace(heading, id="hostile question", question=question)
    tracker = Tracker(uri, hostile, tmp_path)
    experiment = tracker.client.get_experiment(tracker.runs.experiment_id)
    for note in (experiment.tags[record.NOTE], tracker.client.get_run(tracker.parent_id).data.tags[record.NOTE]):
        assert html.unescape(note) == question
        assert not set(note) & set("<>*|[]()")
    assert experiment.tags["mlflow.experimentKind"] == "custom_model_development"


def test_trials_name_their_corpus_as_a_dataset(uri: str, heading: Heading, tmp_path: Path) -> None:
    """A delivered and a reused trial have the corpus as MLflow's dataset: one of them, known by the spec's digest."""
    tracker, (first, second) = Tracker(uri, heading, tmp_path / "artifacts"), _planned()[:2]
    run_id = tracker.deliver(collect(_leave(tmp_path / "outbox", first)), _variant(first), None)
    tracker.reuse(_variant(second), first.trial, tracker.client.get_run(run_id))
    runs = tracker.client.search_runs(
        [tracker.runs.experiment_id], f"tags.`{record.PARENT_RUN}` = '{tracker.parent_id}'"
    )
    datasets = [dataset for run in runs for dataset in run.inputs.dataset_inputs]
    assert {(dataset.dataset.name, dataset.dataset.digest) for dataset in datasets} == {
        (heading.corpus, first.trial.corpus.digest())
    }
    assert len(datasets) == 2
    assert json.loads(datasets[0].dataset.profile) == first.trial.corpus.to_plain()
    assert get_source(datasets[0]).to_dict()["tags"][record.CORPUS] == heading.corpus


def test_one_parent_however_often_it_is_opened(uri: str, heading: Heading, tmp_path: Path) -> None:
    """The same sweep has one parent run; another preset or corpus has its own."""
    first, again = (Tracker(uri, heading, tmp_path) for _ in range(2))
    other = Tracker(uri, replace(heading, preset="quick"), tmp_path)
    assert first.parent_id == again.parent_id != other.parent_id
    parent = first.client.get_run(first.parent_id)
    assert parent.data.tags[record.MARGIN] == "1.5"
    assert parent.data.tags[record.KIND] == record.KIND_STUDY


def test_the_parent_run_says_what_is_studied(uri: str, heading: Heading, tmp_path: Path) -> None:
    """Its parameters are there from the start and stay as they were; a study that was declared anew may go on."""
    baseline = {"baseline": "x/01"}
    tracker = Tracker(uri, replace(heading, settings=baseline), tmp_path)
    again = Tracker(uri, replace(heading, margin=9.0, design="3", settings=baseline), tmp_path)
    shown = {"preset": "smoke", "corpus": heading.corpus, "margin": "1.5", "seeds": "2", "baseline": "x/01"}
    assert again.client.get_run(tracker.parent_id).data.params == shown


def test_the_parent_run_ends_with_a_summary(uri: str, heading: Heading, tmp_path: Path) -> None:
    """Trials by status, and the mean of the best variant of those whose trials all have a number."""
    tracker = Tracker(uri, replace(heading, metric="test/cer"), tmp_path / "artifacts")
    first, second, third = _planned()[:3]
    for planned in (first, second):
        tracker.deliver(collect(_leave(tmp_path / "outbox", planned)), _variant(planned), None)
    tracker.deliver(collect(_leave(tmp_path / "outbox", third, "diverged")), _variant(third), None)
    tracker.end(interrupted=True)
    assert not tracker.client.get_run(tracker.parent_id).data.metrics
    again = Tracker(uri, replace(heading, metric="test/cer"), tmp_path / "artifacts")
    again.end()
    parent = again.client.get_run(tracker.parent_id)
    assert parent.data.metrics == {"trials/completed": 2, "trials/diverged": 1, "best_variant/test/cer": 0.25}
    assert parent.data.tags[record.BEST_VARIANT] in {first.variant_id, second.variant_id}
    assert parent.info.status == "FINISHED"


def test_unfinished_runs_are_removed_and_finished_ones_stay(uri: str, heading: Heading, tmp_path: Path) -> None:
    """What a dead driver left RUNNING, and what failed, is deleted when the sweep is opened again."""
    tracker = Tracker(uri, heading, tmp_path)
    finished, running, failed = _planned()[:3]
    tracker.deliver(collect(_leave(tmp_path / "outbox", finished)), _variant(finished), None)
    tracker.begin(_variant(running), running.trial)
    run_id = tracker.begin(_variant(failed), failed.trial)
    tracker.fail(run_id, _variant(failed), failed.trial, "failed", "it broke")
    assert len(_runs(tracker)) == 3
    again = Tracker(uri, heading, tmp_path)
    assert list(again.runs.finished_here()) == [(finished.variant_id, finished.trial.trial_id)]
    assert len(_runs(again)) == 1


def test_infeasible_variants_are_recorded_with_their_reason(uri: str, heading: Heading, tmp_path: Path) -> None:
    """No seed, no trial id, no metric: a status and a reason."""
    tracker, planned = Tracker(uri, heading, tmp_path), _planned()[0]
    tracker.infeasible(_variant(planned), "too short")
    ((key, run),) = tracker.runs.finished_here().items()
    assert key == (planned.variant_id, None)
    assert run.data.tags[record.REASON] == "too short"
    assert record.SEED not in run.data.tags
    assert not run.data.metrics


def test_a_reused_trial_points_at_the_original(uri: str, heading: Heading, tmp_path: Path) -> None:
    """Numbers and curves are copied, and the tag names the run that trained it."""
    tracker, (planned, twin) = Tracker(uri, heading, tmp_path), _planned()[:2]
    original = tracker.client.get_run(
        tracker.deliver(collect(_leave(tmp_path / "outbox", planned)), _variant(planned), None)
    )
    tracker.reuse(_variant(twin), planned.trial, original)
    copy = tracker.runs.finished_here()[twin.variant_id, planned.trial.trial_id]
    assert copy.data.tags[record.REUSED_FROM] == original.info.run_id
    assert copy.data.metrics == original.data.metrics
    assert len(tracker.client.get_metric_history(copy.info.run_id, record.VALIDATION_LOSS)) == 3


def test_a_run_says_what_trained_it(uri: str, heading: Heading, tmp_path: Path) -> None:
    """Commit and libraries of this driver, infeasible variants' too; a reused trial's are those that trained it."""
    tracker, (planned, twin, third) = Tracker(uri, heading, tmp_path / "artifacts"), _planned()[:3]
    original = tracker.client.get_run(
        tracker.deliver(collect(_leave(tmp_path / "outbox", planned)), _variant(planned), None)
    )
    assert Provenance.of(original.data.tags) == installed()
    for name, value in {record.VERSION: "0.0.1", record.LIBRARIES: "torch 1.0"}.items():
        tracker.client.set_tag(original.info.run_id, name, value)
    if record.COMMIT in original.data.tags:
        tracker.client.delete_tag(original.info.run_id, record.COMMIT)
    tracker.reuse(_variant(twin), planned.trial, tracker.client.get_run(original.info.run_id))
    tracker.infeasible(_variant(third), "too short")
    runs = tracker.runs.finished_here()
    copy = runs[twin.variant_id, planned.trial.trial_id]
    assert Provenance.of(copy.data.tags) == Provenance(version="0.0.1", libraries=(("torch", "1.0"),))
    assert Provenance.of(runs[third.variant_id, None].data.tags) == installed()


def test_a_copy_of_a_copy_points_at_the_original(uri: str, heading: Heading, tmp_path: Path) -> None:
    """Only the original has artifacts."""
    tracker, (planned, twin, third) = Tracker(uri, heading, tmp_path), _planned()[:3]
    original = tracker.client.get_run(
        tracker.deliver(collect(_leave(tmp_path / "outbox", planned)), _variant(planned), None)
    )
    tracker.reuse(_variant(twin), planned.trial, original)
    tracker.reuse(_variant(third), planned.trial, tracker.runs.finished_here()[twin.variant_id, planned.trial.trial_id])
    copy = tracker.runs.finished_here()[third.variant_id, planned.trial.trial_id]
    assert copy.data.tags[record.REUSED_FROM] == original.info.run_id


def test_trials_of_other_studies_are_known_however_many_share_the_store(
    uri: str, heading: Heading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MLflow gives experiments in pages, here of one each."""
    tracker, planned = Tracker(uri, heading, tmp_path), _planned()[0]
    tracker.deliver(collect(_leave(tmp_path / "outbox", planned)), _variant(planned), None)
    others = [Tracker(uri, _heading(f"{heading.id}-{number}", "c"), tmp_path) for number in range(2)]
    every = MlflowClient.search_experiments

    def one_by_one(client: MlflowClient, max_results: int = 1, page_token: str | None = None):
        return every(client, max_results=1, page_token=page_token)

    monkeypatch.setattr(MlflowClient, "search_experiments", one_by_one)
    for other in others:
        assert planned.trial.trial_id in other.runs.finished_elsewhere()


def test_a_corpus_may_be_called_anything(uri: str, heading: Heading, tmp_path: Path) -> None:
    """A manifest's file name becomes part of a filter."""
    odd = replace(heading, corpus="manifest-ann's")
    assert Tracker(uri, odd, tmp_path).parent_id == Tracker(uri, odd, tmp_path).parent_id


def test_a_deleted_experiment_is_named(tmp_path: Path) -> None:
    """Who deleted it in MLflow's pages is told how to get it back."""
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    tracker = Tracker(uri, _heading("deleted", "c"), tmp_path)
    tracker.client.delete_experiment(tracker.runs.experiment_id)
    with pytest.raises(TrackingError, match="deleted.*mlflow experiments restore"):
        Tracker(uri, tracker.runs.heading, tmp_path)


def test_long_histories_pass_the_limit_of_a_batch(uri: str, heading: Heading, tmp_path: Path) -> None:
    """More than a thousand values in one delivery are all written."""
    tracker, planned = Tracker(uri, heading, tmp_path), _planned()[0]
    history = [{record.VALIDATION_LOSS: float(epoch), record.TRAIN_LOSS: 1.0} for epoch in range(700)]
    outcome = Outcome(status="completed", reason=None, metrics={}, weights=None, predictions={})
    folder = leave(tmp_path / "outbox", planned.trial, outcome, history, "cpu")
    run_id = tracker.deliver(collect(folder), _variant(planned), None)
    assert len(tracker.client.get_metric_history(run_id, record.VALIDATION_LOSS)) == 700


def test_a_store_that_cannot_be_opened_is_named(heading: Heading, tmp_path: Path) -> None:
    """The error gives the URI and the way out, whoever below MLflow raised it."""
    text = tmp_path / "text"
    text.write_text("no database " * 100)
    for uri in ("nonsense://nowhere", "sqlite://afile", "postgresql+nodriver://nowhere", f"sqlite:///{text}"):
        with pytest.raises(TrackingError, match=f"{re.escape(uri)}' cannot be opened.*Check --tracking-uri"):
            Tracker(uri, heading, tmp_path)


def test_a_place_for_files_that_cannot_be_made_is_named_before_anything_is_trained(
    uri: str, heading: Heading, tmp_path: Path
) -> None:
    """As of a store that somebody else made elsewhere: found out when the record is opened, new or not."""
    (tmp_path / "file").touch()
    moved = replace(heading, id="moved")
    for _ in range(2):
        with pytest.raises(TrackingError, match=r"'moved' belong in .*/file/moved, .* cannot be written here \("):
            Tracker(uri, moved, tmp_path / "file")


def test_a_record_that_was_copied_is_written_to_in_its_own_place(heading: Heading, tmp_path: Path) -> None:
    """Files of a new trial lie beside the copy, where those of the old one are read; the original has none of them."""
    first, second = _planned()[:2]
    original = Storage(root=tmp_path / "original")
    (original.root / "locks").mkdir(parents=True)
    tracker = Tracker(original.tracking_uri, heading, original.artifacts)
    tracker.deliver(collect(_leave(tmp_path / "outbox", first)), _variant(first), run_id=None)
    tracker.end()
    copy = Storage(root=tmp_path / "copy")
    shutil.copytree(original.root, copy.root)
    before = sorted(original.root.rglob("*"))
    tracker = Tracker(copy.tracking_uri, heading, copy.artifacts)
    tracker.deliver(collect(_leave(tmp_path / "outbox", second)), _variant(second), run_id=None)
    tracker.end()
    places = [Path(run.info.artifact_uri) for run in _runs(tracker)]
    assert len(places) == 2
    assert all(place.is_relative_to(copy.artifacts) and (place / record.TRIAL_ARTIFACT).is_file() for place in places)
    assert sorted(original.root.rglob("*")) == before


@pytest.mark.parametrize(
    ("finished", "then_recorded"),
    [
        (0, ("5", "5")),
        (1, ("2", "2")),
        (1, ("1", "2")),
        (1, ("5", record.UNTIL_DECIDED)),
        (1, (record.UNTIL_DECIDED, record.UNTIL_DECIDED)),
    ],
)
def test_seeds_added_after_a_look_were_not_fixed(
    uri: str, heading: Heading, tmp_path: Path, finished: int, then_recorded: tuple[str, str]
) -> None:
    """The record says how many seeds were fixed before any data, and stops saying so when their number grows later."""
    tracker, (then, recorded) = Tracker(uri, heading, tmp_path / "artifacts"), then_recorded
    for planned in _planned()[:finished]:
        tracker.deliver(collect(_leave(tmp_path / "outbox", planned)), _variant(planned), None)
    again = Tracker(uri, replace(heading, design=then), tmp_path / "artifacts")
    assert again.client.get_run(again.parent_id).data.tags[record.DESIGN] == recorded


def test_a_variant_that_cannot_be_trained_is_no_look_at_data(uri: str, heading: Heading, tmp_path: Path) -> None:
    """Arithmetic found it out, so seeds that are added before any training are still fixed before any data."""
    Tracker(uri, heading, tmp_path).infeasible(_variant(_planned()[0]), "too short")
    again = Tracker(uri, replace(heading, design="6"), tmp_path)
    assert again.client.get_run(again.parent_id).data.tags[record.DESIGN] == "6"


def test_what_is_superseded_is_kept_and_marked(uri: str, heading: Heading, tmp_path: Path) -> None:
    """A run of another corpus stays in the store with a mark, and loses the mark when that corpus comes back."""
    tracker, planned = Tracker(uri, heading, tmp_path / "artifacts"), _planned()[0]
    run_id = tracker.deliver(collect(_leave(tmp_path / "outbox", planned)), _variant(planned), None)
    for superseded in (True, True, False, False):
        tracker.supersede(tracker.client.get_run(run_id), superseded)
        assert (record.SUPERSEDED in tracker.client.get_run(run_id).data.tags) == superseded


def test_a_disk_that_is_full_when_the_store_is_made_is_said_to_be(
    heading: Heading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MLflow lets the database's own error through; whoever reads it learns what to do."""

    def refuse(*_: object) -> None:
        raise OperationalError("COMMIT", {}, sqlite3.OperationalError("database or disk is full"))

    monkeypatch.setattr(MlflowClient, "get_experiment_by_name", refuse)
    with pytest.raises(TrackingError, match="free some space, and give the same command again"):
        Tracker(f"sqlite:///{tmp_path / 'mlflow.db'}", heading, artifacts=tmp_path)


def test_what_a_seed_held_out_and_when_its_result_was_there_go_with_the_trial(
    uri: str, heading: Heading, tmp_path: Path
) -> None:
    """Into its run, into the copy that another study takes over, and into a run of an earlier version."""
    planned, speakers = _planned()[0], HeldOut.of("speaker", ["theo"], ["lucas"])
    tracker = Tracker(uri, heading, tmp_path, held_out=lambda _: speakers)
    trial_result = collect(_leave(tmp_path / "outbox", planned))
    run_id = tracker.deliver(trial_result, _variant(planned), None)
    original = tracker.client.get_run(run_id)
    assert HeldOut.from_tags(original.data.tags) == speakers
    assert original.data.tags[record.ENDED_AT] == str(trial_result.left_at_milliseconds)
    for tags in ({}, {record.ENDED_AT: None}):
        older = {name: text for name, text in original.data.tags.items() if name not in tags}
        source = Run(original.info, RunData(tags=[RunTag(name, text) for name, text in older.items()]))
        other = Tracker(uri, replace(heading, corpus=f"copied {len(tags)}"), tmp_path, held_out=lambda _: speakers)
        other.reuse(_variant(planned), planned.trial, source)
        (copy,) = other.runs.children()
        assert HeldOut.from_tags(copy.data.tags) == speakers
        ended = str(original.info.end_time) if tags else str(trial_result.left_at_milliseconds)
        assert copy.data.tags[record.ENDED_AT] == ended
    unknown = replace(heading, corpus="older")
    before = Tracker(uri, unknown, tmp_path).deliver(
        collect(_leave(tmp_path / "outbox", planned)), _variant(planned), None
    )
    assert HeldOut.from_tags(tracker.client.get_run(before).data.tags) is None
    tracker.add_held_out(tracker.client.get_run(before), planned.trial)
    assert HeldOut.from_tags(tracker.client.get_run(before).data.tags) == speakers


def test_declarations_are_added_and_never_written_over(uri: str, heading: Heading, tmp_path: Path) -> None:
    """One for every change; to open the record again with the same adds none."""
    declarations = [declare_study(STUDY, margin=margin, seeds="2", first_seed=0) for margin in (1.0, 1.0, 2.0, 1.0)]
    seen: list[dict[str, str]] = []
    for declaration in declarations:
        tracker = Tracker(uri, replace(heading, declaration=declaration), tmp_path)
        tags = tracker.client.get_run(tracker.parent_id).data.tags
        seen.append({name: text for name, text in tags.items() if name.startswith(record.DECLARATION_PREFIX)})
        assert not seen[:-1] or seen[-2].items() <= seen[-1].items()
    assert [len(entries) for entries in seen] == [1, 1, 2, 3]
    entries = [json.loads(text) for _, text in sorted(seen[-1].items())]
    assert [entry["margin"] for entry in entries] == [1.0, 2.0, 1.0]
    assert sorted(entry["time"] for entry in entries) == [entry["time"] for entry in entries]
    assert entries[0]["digest"] == declarations[0].digest == entries[2]["digest"]
