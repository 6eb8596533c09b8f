"""A tracking server that others use too: they delete runs, ask for credentials, and write the same study."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from mlflow.entities import RunTag
from mlflow.tracking import MlflowClient
from test_tracking_outages import HISTORY, OUTCOME, PLANNED, STUDY, VARIANTS, _children, _train
from tracking_servers import TrackingServer, gate_before, put_aside

from soundproof.analysis.sources.kinds import read_source
from soundproof.common import record
from soundproof.trainables.sweeps.outbox.results import leave, waiting
from soundproof.trainables.sweeps.tracking import Tracker, ownership
from soundproof.trainables.sweeps.tracking.heading import Heading
from soundproof.trainables.sweeps.tracking.outages import TrackingError
from soundproof.trainables.sweeps.tracking.ownership import Owner, us
from soundproof.trainables.sweeps.tracking.writer_thread import Recorder

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrackingServer]:
    """A server that runs, for all tests."""
    server = TrackingServer(tmp_path_factory.mktemp("server"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def uri(started: TrackingServer) -> str:
    """The server, on which what earlier tests recorded has another name."""
    put_aside(started, STUDY.id)
    return started.uri


@pytest.fixture
def said() -> list[str]:
    """What the user is told."""
    return []


def _tracker(uri: str, said: list[str]) -> Tracker:
    heading = Heading(
        kind=record.KIND_STUDY, id=STUDY.id, question="which?", preset="smoke", corpus="c", margin=1.0, design="2"
    )
    return Tracker(uri, heading, artifacts=None, say=said.append)


def _trial_ids(uri: str) -> list[str]:
    return sorted(run.data.tags[record.TRIAL_ID] for run in _children(uri) if run.info.status == "FINISHED")


def _ids(first: int, last: int) -> list[str]:
    return sorted(planned.trial.trial_id for planned in PLANNED[first:last])


@pytest.mark.parametrize("flushed", [True, False])
def test_a_running_trial_that_is_deleted_is_the_users_wish(
    uri: str, tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch, flushed: bool
) -> None:
    """Noticed at the next epochs, or at the trial's end: said once, with what brings it back, and the others go on."""
    outbox, unwanted, trial_id = tmp_path / "outbox", PLANNED[1], PLANNED[1].trial.trial_id
    monkeypatch.setattr("soundproof.trainables.sweeps.tracking.writer_thread.FLUSH_SECONDS", 0.05 if flushed else 1e6)
    with _tracker(uri, said) as tracker, Recorder(tracker, VARIANTS, outbox, {}) as recorder:
        _train(recorder, outbox, PLANNED[:1])
        recorder.began(unwanted)
        while not (running := [run for run in _children(uri) if run.data.tags[record.TRIAL_ID] == trial_id]):
            time.sleep(0.05)
        tracker.client.delete_run(running[0].info.run_id)
        recorder.epoch(unwanted, 1, HISTORY[0])
        while flushed and not said:
            time.sleep(0.05)
        leave(outbox, unwanted.trial, OUTCOME, HISTORY, "cpu")
        recorder.finished(unwanted, [replace(unwanted, variant_id=PLANNED[0].variant_id)])
        _train(recorder, outbox, PLANNED[2:3])
    assert _trial_ids(uri) == sorted([*_ids(0, 1), *_ids(2, 3)])
    (line,) = said
    assert f"{unwanted.variant_id} seed {unwanted.trial.seed} was deleted in MLflow" in line
    assert f"mlflow runs restore --run-id {running[0].info.run_id}" in line
    assert not waiting(outbox)
    assert MlflowClient(uri).get_run(tracker.parent_id).info.status == "FINISHED"


def test_trials_below_a_deleted_parent_are_found_by_their_ids(uri: str, tmp_path: Path, said: list[str]) -> None:
    """The sweep ends in order, saying how to restore it; the next one has a new parent, and trains nothing twice."""
    outbox = tmp_path / "outbox"
    with _tracker(uri, said) as tracker, Recorder(tracker, VARIANTS, outbox, {}) as recorder:
        _train(recorder, outbox, PLANNED[:1])
        recorder.began(PLANNED[3])
        while waiting(outbox):
            time.sleep(0.05)
        tracker.client.delete_run(tracker.parent_id)
        _train(recorder, outbox, PLANNED[1:3])
    assert f"mlflow runs restore --run-id {tracker.parent_id}" in said[-1]
    said.clear()
    again = _tracker(uri, said)
    assert "was deleted in MLflow" in said[0]
    assert f"mlflow runs restore --run-id {tracker.parent_id}" in said[0]
    assert again.runs.finished_here() == {}
    assert sorted(again.runs.finished_elsewhere()) == _ids(0, 3)
    assert "RUNNING" not in {run.info.status for run in _children(uri)}
    again.end()


def test_a_deleted_experiment_keeps_what_is_finished(uri: str, tmp_path: Path, said: list[str]) -> None:
    """That is no wish about a trial: the sweep ends, naming the command, and the same command then delivers."""
    outbox = tmp_path / "outbox"
    with (  # noqa: PT012  # leaving raises
        pytest.raises(TrackingError, match="mlflow experiments restore --experiment-id .*waits in the storage"),
        _tracker(uri, said) as tracker,
        Recorder(tracker, VARIANTS, outbox, {}) as recorder,
    ):
        recorder.began(PLANNED[0])
        while not _children(uri):
            time.sleep(0.05)
        tracker.client.delete_experiment(tracker.runs.experiment_id)
        _train(recorder, outbox, PLANNED[:2])
    assert len(waiting(outbox)) == 2
    tracker.client.restore_experiment(tracker.runs.experiment_id)


@pytest.mark.parametrize("status", [401, 403])
def test_credentials_that_run_out_are_waited_for(uri: str, tmp_path: Path, said: list[str], status: int) -> None:
    """As for any other outage: trials go on, and all arrives once the server lets us in again."""
    outbox = tmp_path / "outbox"
    with gate_before(uri) as gate:
        with _tracker(gate.uri, said) as tracker, Recorder(tracker, VARIANTS, outbox, {}) as recorder:
            _train(recorder, outbox, PLANNED[:1])
            while waiting(outbox):
                time.sleep(0.05)
            gate.denies = status
            _train(recorder, outbox, PLANNED[1:3])
            while gate.denied < 2:
                time.sleep(0.05)
            assert len(waiting(outbox)) == 2
            gate.denies = None
        assert _trial_ids(uri) == _ids(0, 3)
        wants, back = said
        assert "wants other credentials" in wants
        assert "~/.mlflow/credentials" in wants
        assert "is back" in back
        gate.denies = status
        with pytest.raises(TrackingError, match="cannot be opened.*MLFLOW_TRACKING_USERNAME"):
            _tracker(gate.uri, said)


def test_credentials_that_stay_away_leave_what_is_finished_in_the_outbox(
    uri: str, tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the end of a sweep: how many trials wait, where, and which credentials to set."""
    monkeypatch.setattr("soundproof.trainables.sweeps.tracking.outages.AT_END_SECONDS", 0.1)
    outbox = tmp_path / "outbox"
    with gate_before(uri) as gate:
        recorder = Recorder(_tracker(gate.uri, said), VARIANTS, outbox, {})
        message = rf"1 finished trial waits in {outbox}.*MLFLOW_TRACKING_PASSWORD.*same command"
        with pytest.raises(TrackingError, match=message), recorder:  # noqa: PT012  # leaving raises
            gate.denies = 401
            _train(recorder, outbox, PLANNED[:1])


def test_a_password_in_the_address_is_shown_and_kept_nowhere(
    uri: str, started: TrackingServer, tmp_path: Path, said: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    """Standard output holds nothing at all, which is for JSON; the record and the errors have no password."""
    secret, outbox = uri.replace("://", "://ann:opensesame@"), tmp_path / "outbox"
    with _tracker(secret, said) as tracker, Recorder(tracker, VARIANTS, outbox, {}) as recorder:
        _train(recorder, outbox, PLANNED[:1])
    client, (run,) = MlflowClient(uri), _children(uri)
    kept = [str(run.to_dictionary()), str(client.get_run(tracker.parent_id).to_dictionary())]
    kept += [file.read_text(errors="replace") for file in started.folder.rglob("*") if file.is_file()]
    with pytest.raises(TrackingError) as refused:
        _tracker("http://ann:opensesame@127.0.0.1:9", said)
    kept.append(read_source(secret, experiment=STUDY.id).name)  # which a report of `judge` shows
    told = capfd.readouterr()
    assert told.out == ""
    assert "opensesame" not in "".join([*kept, *said, told.err, str(refused.value)])


_HOLD = """
import sys, time
sys.path.insert(0, {tests!r})
from test_shared_tracking_servers import _tracker
tracker = _tracker({uri!r}, [])
print(tracker.begin(*__import__("test_tracking_outages")._first()), flush=True)
time.sleep(600)
"""


def test_two_storages_do_not_write_the_same_study_at_once(uri: str, said: list[str]) -> None:
    """Another process has the study: it is refused with its owner's name, and its runs stay. Killed, it is followed."""
    program = _HOLD.format(tests=str(Path(__file__).parent), uri=uri)
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        run_id = other.stdout.readline().strip()
        with pytest.raises(TrackingError, match=rf"being written by .*process {other.pid}, last seen.*wait until"):
            _tracker(uri, said)
        client = MlflowClient(uri)
        assert client.get_run(run_id).info.lifecycle_stage == "active"
        other.send_signal(signal.SIGKILL)
        other.wait()
    tracker = _tracker(uri, said)
    assert f"process {other.pid}" in said[0]
    assert "is taken over from a program that has ended" in said[0]
    assert client.get_run(run_id).info.lifecycle_stage == "deleted"
    tracker.end()
    assert record.OWNER not in client.get_run(tracker.parent_id).data.tags


def _elsewhere(seen: datetime) -> Owner:
    return replace(us(), token="another", machine="another machine", host="far\x1b[31m", seen=seen.isoformat())


def _own(tracker: Tracker, owner: Owner) -> None:
    tracker.client.log_batch(tracker.parent_id, tags=[RunTag(*tag) for tag in owner.tags.items()])


@pytest.mark.parametrize("alive", [True, False])
def test_an_owner_on_another_machine_is_watched_for_signs_of_life(
    uri: str, said: list[str], monkeypatch: pytest.MonkeyPatch, alive: bool
) -> None:
    """Nothing here knows its process: one that says something is refused, one that is silent is followed."""
    monkeypatch.setattr(ownership, "SILENT_SECONDS", 30.0 if alive else 0.2)
    monkeypatch.setattr(ownership, "_LOOK_SECONDS", 0.1)
    first, now = _tracker(uri, said), datetime.now(UTC)
    first.runs.ownership.stop()
    _own(first, _elsewhere(now - timedelta(hours=2)))

    def hear(text: str) -> None:
        said.append(text)
        if alive:
            _own(first, _elsewhere(now))

    heading = first.runs.heading
    if alive:
        with pytest.raises(TrackingError, match="being written by another program"):
            Tracker(uri, heading, None, say=hear)
    else:
        Tracker(uri, heading, None, say=hear).end()
        assert "taken over" in said[-1]
    assert "waiting up to" in said[0]
    assert "\x1b" not in "".join(said)


def test_who_was_taken_over_stops_and_keeps_what_is_finished(
    uri: str, tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A driver that was silent for too long deletes nothing and writes nothing more, whoever deleted its runs."""
    monkeypatch.setattr(ownership, "BEAT_SECONDS", 0.1)
    outbox, other = tmp_path / "outbox", _elsewhere(datetime.now(UTC))
    with (  # noqa: PT012  # leaving raises
        pytest.raises(TrackingError, match="was taken over by another program"),
        _tracker(uri, said) as tracker,
        Recorder(tracker, VARIANTS, outbox, {}) as recorder,
    ):
        recorder.began(PLANNED[0])
        while not (running := _children(uri)):
            time.sleep(0.05)
        seen = Owner.of(tracker.client.get_run(tracker.parent_id).data.tags)
        while Owner.of(tracker.client.get_run(tracker.parent_id).data.tags) == seen:
            time.sleep(0.05)  # it says again that it is there
        _own(tracker, other)
        tracker.client.delete_run(running[0].info.run_id)
        _train(recorder, outbox, PLANNED[:1])
    assert len(waiting(outbox)) == 1
    parent = tracker.client.get_run(tracker.parent_id)
    assert (parent.info.status, parent.data.tags[record.OWNER]) == ("RUNNING", other.tags[record.OWNER])
