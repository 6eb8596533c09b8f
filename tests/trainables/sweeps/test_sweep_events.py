"""What a sweep does around Ray: which records it trusts, and what it tells."""

import errno
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from soundproof.common import record
from soundproof.search_spaces import PRESETS, PlannedTrial, expand, find_study
from soundproof.search_spaces.specs import GroupSplit
from soundproof.trainables.sweeps import sweep as sweeping
from soundproof.trainables.sweeps.outbox.results import collect, leave
from soundproof.trainables.sweeps.planning.seeds import FixedSeeds
from soundproof.trainables.sweeps.planning.study_provider import StudyProvider
from soundproof.trainables.sweeps.ray_tune.callbacks import Events, Planner, Stopping
from soundproof.trainables.sweeps.ray_tune.ray_watch import Part, RayDiedError, RayWatch
from soundproof.trainables.training.engine import Outcome

STUDY = find_study("asr-cnn-sublayer-order")
PRESET = PRESETS["speech"]["smoke"]
OUTCOME = Outcome(status="completed", reason=None, metrics={"test/cer": 0.25}, weights=None, predictions={})


def test_a_record_of_another_corpus_is_not_this_one() -> None:
    """Under the same variant and seed, only the trial that is planned now counts as finished."""

    def plan(request: tuple[str, int], utterances: int = 24) -> PlannedTrial:
        corpus = replace(PRESET.corpus, train_utterances=utterances)
        planned = expand(STUDY, PRESET, corpus, GroupSplit(), (request[1],))
        return next(trial for trial in planned if trial.variant_id == request[0])

    first, second = (variant.id for variant in STUDY.variants[:2])
    tags = {record.SEED: "0", record.STATUS: "completed"}
    run: Any = SimpleNamespace(data=SimpleNamespace(tags=tags, metrics={"loss": 1.0}))
    here = {
        (first, plan((first, 0)).trial.trial_id): run,
        (second, plan((second, 0), utterances=25).trial.trial_id): run,
        ("gone", "0"): run,
        (first, None): run,
        (second, None): run,
    }
    variants = [variant.id for variant in STUDY.variants]
    found = sweeping._as_declared_now(here, variants, {second}, plan)
    assert set(found) == {(first, plan((first, 0)).trial.trial_id), (second, None)}


class _Received:
    """Stands for the recorder and the progress: keeps what it receives."""

    def __init__(self) -> None:
        self.ends: list[tuple[str, list[str]]] = []
        self.interrupted: list[str] = []
        self.notes: list[str] = []
        self.retries = 0

    def retried(self, planned: PlannedTrial) -> None:
        """The actor of a trial has died."""
        self.retries += 1

    def began(self, planned: PlannedTrial, *_: object) -> None:
        """A trial starts to train."""

    def finished(self, planned: PlannedTrial, twins: list[PlannedTrial]) -> None:
        """A trial lies in the outbox."""
        self.ends.append((planned.variant_id, [twin.variant_id for twin in twins]))

    def failed(self, planned: PlannedTrial, status: str, reason: str) -> None:
        """A trial was interrupted."""
        assert status == "interrupted"
        self.interrupted.append(planned.variant_id)

    def ended(self, *_: object) -> None:
        """A trial has ended."""

    def remark(self, text: str) -> None:
        """How far the study has come."""

    def note(self, text: str) -> None:
        """Something that the user is to know."""
        self.notes.append(text)


def test_when_an_actor_dies_its_trial_and_the_twins_are_recorded_as_failed(tmp_path: Path) -> None:
    """They have ended for the schedule, so the report has to know; a limit that was passed is named as the reason."""
    twin = replace(STUDY.variants[0], id="twin")
    study = replace(STUDY, variants=(STUDY.variants[0], twin), baseline="twin", claims=())

    def plan(request: tuple[str, int]) -> PlannedTrial:
        planned = expand(study, PRESET, PRESET.corpus, GroupSplit(), (request[1],))
        return next(value for value in planned if value.variant_id == request[0])

    provider = StudyProvider(FixedSeeds(study, 1), plan, ended={}, known={}, infeasible={}, reuse=lambda _: None)
    first = provider.take()
    assert first is not None
    assert provider.take() is None
    received: Any = _Received()
    planner: Any = SimpleNamespace(handed_out={"t": first}, provider=provider)
    outbox, checkpoints = tmp_path / "outbox", tmp_path / "checkpoints"
    events = Events(
        planner,
        Stopping(planner),
        outbox=outbox,
        checkpoints=checkpoints,
        recorder=received,
        progress=received,
        watch=RayWatch([]),
        retries=0,
    )
    checkpoints.mkdir()
    (checkpoints / f"{first.trial.trial_id}.hung").write_text("epoch 3 took longer than 7 s\nTimeout (0:00:07)!\n")
    trial: Any = SimpleNamespace(trial_id="t", error_file=None)
    events.on_trial_error(1, [], trial)
    assert received.ends == [(STUDY.variants[0].id, ["twin"])]
    trial_result = collect(outbox / first.trial.trial_id)
    assert (trial_result.status, trial_result.reason) == ("failed", "the actor died: epoch 3 took longer than 7 s")


def _first_trial(tmp_path: Path, watch: RayWatch, retries: int) -> tuple[Events, Planner, _Received]:
    """Events of a sweep that has handed out its first trial, as Ray's trial `first`."""

    def plan(request: tuple[str, int]) -> PlannedTrial:
        planned = expand(STUDY, PRESET, PRESET.corpus, GroupSplit(), (request[1],))
        return next(value for value in planned if value.variant_id == request[0])

    provider = StudyProvider(FixedSeeds(STUDY, 1), plan, ended={}, known={}, infeasible={}, reuse=lambda _: None)
    settings: Any = lambda _: None  # noqa: E731
    planner, received = Planner(provider, settings), _Received()
    told: Any = received
    assert planner.suggest("first") is not None
    events = Events(
        planner,
        Stopping(planner),
        outbox=tmp_path / "outbox",
        checkpoints=tmp_path,
        recorder=told,
        progress=told,
        watch=watch,
        retries=retries,
    )
    return events, planner, received


def test_a_trial_that_the_record_did_not_take_has_not_begun(tmp_path: Path) -> None:
    """Where the store fails as a trial starts, nothing is shown to end that was not shown to begin."""
    events, _, received = _first_trial(tmp_path, RayWatch([]), retries=0)

    def fail(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    received.began = fail  # type: ignore[method-assign]
    trial: Any = SimpleNamespace(trial_id="first")
    with pytest.raises(PermissionError):
        events.on_trial_start(1, [], trial)
    assert not events.close()
    assert received.interrupted == []


def test_a_trial_whose_actor_died_is_handed_out_again_and_its_deaths_are_counted(tmp_path: Path) -> None:
    """Whatever Ray says of the moment: it retries none that dies while it is being given its trial."""
    events, planner, received = _first_trial(tmp_path, RayWatch([]), retries=2)
    said = tmp_path / "error.txt"
    said.write_text("Failure # 1\nThe worker died unexpectedly\n")
    first = planner.handed_out["first"]
    for number, name in enumerate(("first", "second", "third")):
        trial: Any = SimpleNamespace(trial_id=name, error_file=str(said))
        events.on_trial_start(1, [], trial)
        events.on_trial_error(1, [], trial)
        assert received.retries == min(number + 1, 2)
        following = f"{('second', 'third', 'fourth')[number]}"
        assert planner.suggest(following) is not None
        assert (planner.handed_out[following] == first) is (number < 2)
    trial_result = collect(tmp_path / "outbox" / first.trial.trial_id)
    assert (trial_result.status, trial_result.reason) == (
        "failed",
        "the actor died: The worker died unexpectedly",
    )


def test_what_dies_with_ray_is_no_fault_of_the_trial(tmp_path: Path) -> None:
    """Neither a retry nor a failure: the command ends, and the same one trains the trial."""
    watch = RayWatch([Part(name="the raylet", alive=lambda: False)])
    events, planner, received = _first_trial(tmp_path, watch, retries=0)
    trial: Any = SimpleNamespace(trial_id="first", error_file=None)
    with pytest.raises(RayDiedError), watch.watching():
        events.on_trial_error(1, [], trial)
    with pytest.raises(RayDiedError), watch.watching():
        events.on_step_begin(2, [])
    assert (received.ends, received.retries) == ([], 0)
    assert not planner.provider.done


@pytest.mark.usefixtures("ctrl_c")
def test_where_the_outbox_takes_nothing_the_sweep_stops_and_the_trial_has_not_ended(tmp_path: Path) -> None:
    """A trial that cannot be kept is interrupted, not failed: the same command trains it again."""

    def plan(request: tuple[str, int]) -> PlannedTrial:
        planned = expand(STUDY, PRESET, PRESET.corpus, GroupSplit(), (request[1],))
        return next(value for value in planned if value.variant_id == request[0])

    provider = StudyProvider(FixedSeeds(STUDY, 1), plan, ended={}, known={}, infeasible={}, reuse=lambda _: None)
    first = provider.take()
    received: Any = _Received()
    planner: Any = SimpleNamespace(handed_out={"t": first}, provider=provider)
    blocked = tmp_path / "outbox"
    blocked.write_text("no folder can be made here")
    stopping = Stopping(planner)
    events = Events(
        planner,
        stopping,
        outbox=blocked,
        checkpoints=tmp_path,
        recorder=received,
        progress=received,
        watch=RayWatch([]),
        retries=0,
    )
    trial: Any = SimpleNamespace(trial_id="t", error_file=None)
    with pytest.raises(KeyboardInterrupt):
        events.on_trial_error(1, [], trial)
    assert events.refused is not None
    assert "Free some space" in events.refused
    assert received.ends == []
    assert not provider.done
    assert events.close()
    assert received.interrupted == [first.variant_id]


@pytest.mark.usefixtures("ctrl_c")
def test_a_trial_whose_result_is_damaged_is_handed_out_again_once(tmp_path: Path) -> None:
    """It has not ended for anybody, and is said to be trained again; where that is damaged too, the disk is named."""

    def leave_damaged(planned: PlannedTrial) -> None:
        left = leave(tmp_path / "outbox", planned.trial, OUTCOME, [], "cpu") / "outcome.json"
        left.write_text(left.read_text().replace("0.25", "0.24"))

    events, planner, received = _first_trial(tmp_path, RayWatch([]), 0)
    first = planner.handed_out["first"]
    trial, again = (SimpleNamespace(trial_id=name, get_error=lambda: None) for name in ("first", "again"))
    end = {"epochs": [], "epoch": 1, "status": "completed", "done": True}
    events.on_trial_start(1, [], trial)
    leave_damaged(first)
    events.on_trial_result(1, [], trial, end)
    events.on_trial_complete(1, [], trial)
    assert "outcome.json is not what was written there" in received.notes[0]
    assert len(received.notes) == 1
    assert received.ends == []
    planner.suggest("again")
    assert planner.handed_out["again"] == first
    assert planner.provider.take() != first
    events.on_trial_start(1, [], again)
    leave_damaged(first)
    with pytest.raises(KeyboardInterrupt):
        events.on_trial_result(1, [], again, end)
    assert events.refused is not None
    assert "two outcomes" in events.refused
    leave(tmp_path / "outbox", first.trial, OUTCOME, [], "cpu")
    events.on_trial_result(1, [], again, end)
    assert [variant for variant, _ in received.ends] == [first.variant_id]
