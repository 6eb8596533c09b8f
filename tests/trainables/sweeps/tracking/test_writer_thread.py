"""The thread that writes the record, on a real MLflow store."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from mlflow.entities import Run

from soundproof.common import record
from soundproof.common.digests import DamagedError
from soundproof.search_spaces import PRESETS, Variant, expand, find_study
from soundproof.search_spaces.specs import GroupSplit
from soundproof.trainables.sweeps.outbox.results import collect, leave, leave_stopped
from soundproof.trainables.sweeps.tracking import Tracker
from soundproof.trainables.sweeps.tracking import writer_thread as recording
from soundproof.trainables.sweeps.tracking.heading import Heading
from soundproof.trainables.sweeps.tracking.writer_thread import Recorder
from soundproof.trainables.training.engine import Outcome

STUDY = find_study("asr-cnn-sublayer-order")
PRESET = PRESETS["speech"]["smoke"]
PLANNED = list(expand(STUDY, PRESET, PRESET.corpus, GroupSplit(), range(1)))
VARIANTS: dict[str, Variant] = {variant.id: PRESET.variant(variant) for variant in STUDY.variants}
HISTORY = [{record.VALIDATION_LOSS: 9.0 - epoch, record.EPOCH_SECONDS: 0.5} for epoch in range(4)]
OUTCOME = Outcome(status="completed", reason=None, metrics={"test/cer": 0.25}, weights=None, predictions={})


@pytest.fixture(scope="module")
def uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    """One store for the module: making its tables takes seconds."""
    return f"sqlite:///{tmp_path_factory.mktemp('store') / 'mlflow.db'}"


@pytest.fixture
def tracker(uri: str, request: pytest.FixtureRequest, tmp_path: Path) -> Tracker:
    """A search of its own for each test."""
    heading = Heading(
        kind=record.KIND_SEARCH,
        id=STUDY.id,
        question="which?",
        preset="smoke",
        corpus=request.node.name,
        margin=1.0,
        identity={record.SEARCH: "tpe.asha.0"},
        about={record.SAMPLER: "tpe"},
        kept=record.FINISHED | {"pruned"},
    )
    return Tracker(uri, heading, tmp_path / "artifacts")


@pytest.fixture
def recorder(tracker: Tracker, tmp_path: Path) -> Recorder:
    """Writes until the test leaves it."""
    return Recorder(tracker, VARIANTS, tmp_path / "outbox", {})


def _children(tracker: Tracker) -> list[Run]:
    query = f"tags.`{record.PARENT_RUN}` = '{tracker.parent_id}'"
    return list(tracker.client.search_runs([tracker.runs.experiment_id], filter_string=query))


def _curve(tracker: Tracker, run: Run) -> list[tuple[int, float]]:
    history = tracker.client.get_metric_history(run.info.run_id, record.VALIDATION_LOSS)
    return sorted((metric.step, metric.value) for metric in history)


def _epochs(history: Sequence[dict[str, float]]) -> list[tuple[int, float]]:
    return [(number, epoch[record.VALIDATION_LOSS]) for number, epoch in enumerate(history, start=1)]


def test_epochs_reported_twice_are_written_once(
    tracker: Tracker, recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An actor dies after two epochs, another goes on from the first: one run, and each epoch once, as heard first."""
    monkeypatch.setattr(recording, "FLUSH_SECONDS", 0.02)
    planned = PLANNED[0]
    leave(tmp_path / "outbox", planned.trial, OUTCOME, HISTORY, "cpu")
    again = [epoch | {record.VALIDATION_LOSS: 100.0} for epoch in HISTORY]
    with recorder:
        recorder.began(planned)
        recorder.epoch(planned, 1, HISTORY[0])
        recorder.epoch(planned, 2, HISTORY[1])
        recorder.began(planned)
        recorder.epoch(planned, 2, again[1])
        recorder.epoch(planned, 3, HISTORY[2])
        recorder.finished(planned, [])
    (run,) = _children(tracker)
    assert run.info.status == "FINISHED"
    assert _curve(tracker, run) == _epochs(HISTORY)


def test_epochs_that_nobody_received_come_with_the_result(tracker: Tracker, recorder: Recorder, tmp_path: Path) -> None:
    """Hearing the third epoch alone leaves gaps before and after it, and delivery fills both."""
    planned = PLANNED[0]
    leave(tmp_path / "outbox", planned.trial, OUTCOME, HISTORY, "cpu")
    with recorder:
        recorder.began(planned)
        recorder.epoch(planned, 3, HISTORY[2])
        recorder.finished(planned, [])
    (run,) = _children(tracker)
    assert _curve(tracker, run) == _epochs(HISTORY)


def test_tags_of_a_search_are_on_every_kind_of_child(tracker: Tracker, recorder: Recorder, tmp_path: Path) -> None:
    """Trained, reused by a twin, failed: each child carries the tags that were said for its own variant."""
    trained, failed = PLANNED[:2]
    twin = replace(trained, variant_id=PLANNED[2].variant_id)
    leave(tmp_path / "outbox", trained.trial, OUTCOME, HISTORY, "cpu")
    with recorder:
        recorder.began(trained, {record.NUMBER: "0"})
        recorder.finished(trained, [])
        recorder.reused(twin, {record.NUMBER: "1"})
        recorder.began(failed, {record.NUMBER: "2"})
        recorder.failed(failed, "failed", "it broke")
    found = {run.data.tags[record.NUMBER]: run for run in _children(tracker)}
    assert {number: run.data.tags[record.VARIANT] for number, run in found.items()} == {
        "0": trained.variant_id,
        "1": twin.variant_id,
        "2": failed.variant_id,
    }
    assert found["1"].data.tags[record.REUSED_FROM] == found["0"].info.run_id
    assert found["2"].info.status == "FAILED"


def test_a_pruned_trial_has_its_epochs_and_no_result(
    uri: str, tracker: Tracker, recorder: Recorder, tmp_path: Path
) -> None:
    """Its run is closed as finished, tells what was trained, and is still there when the search is opened again."""
    planned = PLANNED[0]
    leave_stopped(tmp_path / "outbox", planned.trial, "pruned", "worse than most", HISTORY[:2])
    with recorder:
        recorder.began(planned)
        recorder.finished(planned, [])
    Tracker(uri, tracker.runs.heading, tmp_path)
    (run,) = _children(tracker)
    assert (run.info.status, run.data.tags[record.STATUS]) == ("FINISHED", "pruned")
    assert set(run.data.metrics) == {*HISTORY[0], record.TRAIN_SECONDS}
    assert run.data.metrics[record.TRAIN_SECONDS] == 1.0
    assert _curve(tracker, run) == _epochs(HISTORY[:2])


def test_the_parent_of_a_search_is_told_apart_by_its_identity(uri: str, tracker: Tracker, tmp_path: Path) -> None:
    """Another search of the same space has a parent of its own; what is said later about one is kept with it."""
    tracker.tag_parent({record.REJECTED: '{"too large": 3}'})
    tracker.attach_to_parent(record.SPACE_ARTIFACT, "{}")
    same = Tracker(uri, tracker.runs.heading, tmp_path)
    other = Tracker(uri, replace(tracker.runs.heading, identity={record.SEARCH: "random.none.0"}), tmp_path)
    assert same.parent_id == tracker.parent_id != other.parent_id
    parent = tracker.client.get_run(tracker.parent_id)
    assert parent.data.tags[record.KIND] == record.KIND_SEARCH
    assert parent.data.tags[record.SEARCH] == "tpe.asha.0"
    assert parent.data.tags[record.SAMPLER] == "tpe"
    assert parent.data.tags[record.REJECTED] == '{"too large": 3}'
    assert record.DESIGN not in parent.data.tags
    assert "tpe.asha.0" in parent.info.run_name
    assert [file.path for file in tracker.client.list_artifacts(tracker.parent_id)] == [record.SPACE_ARTIFACT]


def test_what_one_search_has_finished_another_knows(uri: str, tracker: Tracker, tmp_path: Path) -> None:
    """Two searches of a space share its experiment: a trial is known to the other, and to itself not from elsewhere."""
    planned = PLANNED[0]
    folder = leave(tmp_path / "outbox", planned.trial, OUTCOME, HISTORY, "cpu")
    run_id = tracker.deliver(collect(folder), VARIANTS[planned.variant_id], None)
    other = Tracker(uri, replace(tracker.runs.heading, identity={record.SEARCH: "random.none.0"}), tmp_path)
    known = other.runs.finished_elsewhere()[planned.trial.trial_id]
    assert known.data.tags[record.KIND] == record.KIND_TRIAL
    assert run_id not in {run.info.run_id for run in tracker.runs.finished_elsewhere().values()}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The recorder's time, moved by hand."""
    now = [0.0]
    monkeypatch.setattr(recording, "time", SimpleNamespace(monotonic=lambda: now[0]))
    return now


def test_curves_are_written_now_and_then_however_busy_it_is(clock: list[float], tmp_path: Path) -> None:
    """Epochs that come faster than the curves are written do not put that off for ever."""
    flushes: list[float] = []

    def epoch(*_: object) -> None:
        clock[0] += 1.0

    tracker: Any = SimpleNamespace(
        begin=lambda *_: "run", epoch=epoch, flush=lambda: flushes.append(clock[0]), say=print
    )
    planned = PLANNED[0]
    with Recorder(tracker, VARIANTS, tmp_path, {}) as recorder:
        recorder.began(planned)
        for number in range(1, 21):
            recorder.epoch(planned, number, {})
    assert len(flushes) >= 3


def test_a_store_that_is_away_for_a_moment_is_logged_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """That it is away and why, however often it is asked, and that it is back; the user is told the same."""
    said: list[str] = []
    answers = [ConnectionError("no route"), ConnectionError("no route"), None]

    def begin(*_: object) -> str:
        answer = answers.pop(0)
        if answer is not None:
            raise answer
        return "run"

    tracker: Any = SimpleNamespace(begin=begin, flush=lambda: None, say=said.append)
    with caplog.at_level("INFO", logger=recording.__name__), Recorder(tracker, VARIANTS, tmp_path, {}) as recorder:
        recorder.began(PLANNED[0])
    assert not answers
    away, back = caplog.messages
    assert away == "the tracking store is away: no route"
    assert back.startswith("the tracking store is back after")
    assert [line.split(":")[0] for line in said] == [
        "the tracking store is away (no route)",
        "the tracking store is back",
    ]


def test_a_result_that_is_damaged_while_it_waits_is_not_recorded(
    tracker: Tracker, recorder: Recorder, tmp_path: Path
) -> None:
    """Its run is interrupted, so that the same command trains it again, which is said; the others are recorded."""
    lost, other = PLANNED[:2]
    twin = replace(lost, variant_id=PLANNED[2].variant_id)
    left = leave(tmp_path / "outbox", lost.trial, OUTCOME, HISTORY, "cpu") / "outcome.json"
    left.write_text(left.read_text().replace("0.25", "0.24"))
    leave(tmp_path / "outbox", other.trial, OUTCOME, HISTORY, "cpu")
    recorder.__enter__()
    for planned in (lost, other):
        recorder.began(planned)
    recorder.finished(lost, [twin])
    recorder.finished(other, [])
    with pytest.raises(DamagedError, match="outcome.json is not what was written there.*by the same command"):
        recorder.__exit__(None, None, None)
    found = {run.data.tags[record.VARIANT]: run for run in _children(tracker)}
    assert {variant: run.data.tags[record.STATUS] for variant, run in found.items()} == {
        lost.variant_id: "interrupted",
        other.variant_id: "completed",
    }
    assert "test/cer" not in found[lost.variant_id].data.metrics
    assert set(record.digests_of(found[other.variant_id].data.tags)) == {record.TRIAL_ARTIFACT}
