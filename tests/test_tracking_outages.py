"""The record survives a tracking server that goes away, with real server processes."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import requests
from mlflow.entities import Run
from mlflow.tracking import MlflowClient
from tracking_servers import TrackingServer, put_aside

from soundproof.common import record
from soundproof.search_spaces import PRESETS, PlannedTrial, Variant, expand, find_study
from soundproof.search_spaces.specs import GroupSplit, Trial
from soundproof.trainables.sweeps.outbox.results import leave, waiting
from soundproof.trainables.sweeps.tracking import Tracker, outages
from soundproof.trainables.sweeps.tracking.heading import Heading
from soundproof.trainables.sweeps.tracking.outages import TrackingError
from soundproof.trainables.sweeps.tracking.writer_thread import Recorder
from soundproof.trainables.training.engine import Outcome

ROOT = Path(__file__).resolve().parents[1]
STUDY = find_study("asr-merge-mode")
PRESET = PRESETS["speech"]["smoke"]
PLANNED = list(expand(STUDY, PRESET, PRESET.corpus, GroupSplit(), range(2)))
VARIANTS = {variant.id: PRESET.variant(variant) for variant in STUDY.variants}
HISTORY = [{record.VALIDATION_LOSS: 9.0 - epoch} for epoch in range(2)]
OUTCOME = Outcome(status="completed", reason=None, metrics={"test/cer": 0.25}, weights=None, predictions={})

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrackingServer]:
    """A server that runs, for all tests."""
    server = TrackingServer(tmp_path_factory.mktemp("server"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def server(started: TrackingServer) -> TrackingServer:
    """The server, on which what earlier tests recorded has another name."""
    put_aside(started, STUDY.id)
    return started


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The threads that have asked the server something, in order."""
    names: list[str] = []
    request = requests.Session.request

    def note(*given: Any, **named: Any) -> Any:
        names.append(threading.current_thread().name)
        return request(*given, **named)

    monkeypatch.setattr(requests.Session, "request", note)
    return names


def _tracker(server: TrackingServer) -> Tracker:
    heading = Heading(
        kind=record.KIND_STUDY, id=STUDY.id, question="which?", preset="smoke", corpus="c", margin=1.0, design="2"
    )
    return Tracker(server.uri, heading, artifacts=None)


def _train(recorder: Recorder, outbox: Path, planned: Sequence[PlannedTrial]) -> None:
    """What the driver does for each trial."""
    for trial in planned:
        recorder.began(trial)
        for number, metrics in enumerate(HISTORY, start=1):
            recorder.epoch(trial, number, metrics)
        leave(outbox, trial.trial, OUTCOME, HISTORY, "cpu")
        recorder.finished(trial, [])


def _first() -> tuple[Variant, Trial]:
    """The first variant and its first trial."""
    return VARIANTS[PLANNED[0].variant_id], PLANNED[0].trial


def _children(uri: str) -> list[Run]:
    client = MlflowClient(uri)
    experiment = client.get_experiment_by_name(STUDY.id)
    assert experiment is not None
    kind = f"tags.`{record.KIND}` = '{record.KIND_TRIAL}'"
    return list(client.search_runs([experiment.experiment_id], filter_string=kind, order_by=["start_time ASC"]))


def _assert_complete(uri: str, planned: Sequence[PlannedTrial]) -> None:
    """One closed run for each trial, with each epoch once and its artifacts."""
    runs, client = _children(uri), MlflowClient(uri)
    assert sorted(run.data.tags[record.TRIAL_ID] for run in runs) == sorted(trial.trial.trial_id for trial in planned)
    for run in runs:
        assert run.info.status == "FINISHED"
        curve = client.get_metric_history(run.info.run_id, record.VALIDATION_LOSS)
        assert [metric.step for metric in curve] == list(range(1, len(curve) + 1))
        assert record.TRIAL_ARTIFACT in {file.path for file in client.list_artifacts(run.info.run_id)}


def test_what_waited_arrives_in_order_and_once_when_the_server_is_back(
    server: TrackingServer, tmp_path: Path, asked: list[str]
) -> None:
    """Killed after two trials, back after eight: the driver was never held up, and the record is that of no outage."""
    tracker, outbox = _tracker(server), tmp_path / "outbox"
    with Recorder(tracker, VARIANTS, outbox, {}) as recorder:
        _train(recorder, outbox, PLANNED[:2])
        while waiting(outbox):
            time.sleep(0.05)
        recorder.began(PLANNED[2])
        server.kill()
        asked.clear()
        _train(recorder, outbox, PLANNED[2:8])
        while len(asked) < 2:
            time.sleep(0.05)
        assert threading.current_thread().name not in asked
        assert len(waiting(outbox)) == 6
        server.start()
        _train(recorder, outbox, PLANNED[8:])
    tracker.end()
    _assert_complete(server.uri, PLANNED)
    by_start = [run.data.tags[record.TRIAL_ID] for run in _children(server.uri)]
    assert by_start == [trial.trial.trial_id for trial in PLANNED]
    assert not waiting(outbox)
    assert tracker.client.get_run(tracker.parent_id).info.status == "FINISHED"


def test_a_run_whose_creation_was_not_heard_of_is_found_again(server: TrackingServer, tmp_path: Path) -> None:
    """The server creates a run and dies before it answers: the next try takes that run, and creates no other."""
    tracker, planned = _tracker(server), PLANNED[0]
    create = tracker.client.create_run

    def create_unheard(*given: object, **named: object) -> object:
        create(*given, **named)
        tracker.client.create_run = create
        raise ConnectionResetError("the answer was lost")

    tracker.client.create_run = create_unheard
    with Recorder(tracker, VARIANTS, tmp_path / "outbox", {}) as recorder:
        _train(recorder, tmp_path / "outbox", [planned])
    _assert_complete(server.uri, [planned])


def test_a_server_that_stays_away_ends_the_sweep_with_what_to_do(
    server: TrackingServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: list[str]
) -> None:
    """Leaving asks for a limited time, then counts what waits and where; the next opening finds all of it."""
    monkeypatch.setattr(outages, "AT_END_SECONDS", 1.0)
    tracker, outbox = _tracker(server), tmp_path / "outbox"
    message = rf"3 finished trials wait in {outbox}.*same command"
    recorder = Recorder(tracker, VARIANTS, outbox, {})
    with pytest.raises(TrackingError, match=message), recorder:  # noqa: PT012  # leaving raises
        server.kill()
        asked.clear()
        _train(recorder, outbox, PLANNED[:3])
    assert 1 < len(asked) < 10
    assert len(waiting(outbox)) == 3
    server.start()
    again = _tracker(server)
    for trial_result in waiting(outbox):
        variant_id = next(trial.variant_id for trial in PLANNED if trial.trial == trial_result.trial)
        again.deliver(trial_result, VARIANTS[variant_id], None)
    _assert_complete(server.uri, PLANNED[:3])


def test_a_server_that_is_not_there_is_an_error_at_once(tmp_path: Path, asked: list[str]) -> None:
    """Before anything is trained, asked once, with the URI and what to check."""
    server = TrackingServer(tmp_path)
    with pytest.raises(TrackingError, match=rf"{server.uri}.*cannot be opened.*Check --tracking-uri"):
        _tracker(server)
    assert len(asked) == 1


@pytest.mark.evidence
def test_a_whole_run_goes_on_without_its_server_and_the_same_command_delivers(
    server: TrackingServer, tmp_path: Path
) -> None:
    """Killed in mid-run, for good: status 2 and no traceback. The same command then delivers, and trains nothing."""
    storage = tmp_path / "storage"
    options = ["--preset", "smoke", "--seeds", "2", "--storage", str(storage), "--tracking-uri", server.uri, "--json"]
    command = [sys.executable, "run_search.py", "run", STUDY.id, *options]
    driver = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 200
    while not (sum(run.info.status == "FINISHED" for run in _children_so_far(server.uri)) >= 2):
        assert driver.poll() is None, "the run ended before the server could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.2)
    server.kill()
    _, told = driver.communicate(timeout=300)
    assert driver.returncode == 2, told
    assert "Traceback" not in told
    assert "the same command" in told
    server.start()
    before = {run.info.run_id for run in _children(server.uri) if run.info.status == "FINISHED"}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "0 trials to train, 10 finished before" in done.stderr
    _assert_complete(server.uri, PLANNED)
    assert before <= {run.info.run_id for run in _children(server.uri)}


def _children_so_far(uri: str) -> list[Run]:
    return _children(uri) if MlflowClient(uri).get_experiment_by_name(STUDY.id) else []
