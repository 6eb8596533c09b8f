"""What a sweep does around Ray: which records it trusts, and what it tells."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from search_spaces import PRESETS, PlannedTrial, expand, find_study, record
from search_spaces.specs import GroupSplit
from trainables.sweeps import recorder as recording
from trainables.sweeps import sweep as sweeping
from trainables.sweeps.agenda import Agenda
from trainables.sweeps.recorder import Recorder
from trainables.sweeps.schedule import FixedSeeds
from trainables.sweeps.tuning import _Events

STUDY = find_study("asr-cnn-sublayer-order")
PRESET = PRESETS["speech"]["smoke"]


def test_a_record_of_another_corpus_is_not_this_one() -> None:
    """Under the same variant and seed, only the trial that is planned now counts as finished."""

    def plan(wish: tuple[str, int], utterances: int = 24) -> PlannedTrial:
        corpus = replace(PRESET.corpus, train_utterances=utterances)
        planned = expand(STUDY, PRESET, corpus, GroupSplit(), (wish[1],))
        return next(one for one in planned if one.variant_id == wish[0])

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


class _Told:
    """Stands for the recorder and the progress: keeps what it is told."""

    def __init__(self) -> None:
        self.failures: list[str] = []

    def failed(self, planned: PlannedTrial, status: str, reason: str) -> None:
        """A trial ended without an outcome."""
        self.failures.append(planned.variant_id)

    def ended(self, *_: object) -> None:
        """A trial has ended."""

    def remark(self, text: str) -> None:
        """How far the study has come."""


def test_when_an_actor_dies_the_twins_of_its_trial_are_recorded_too(tmp_path: Path) -> None:
    """They have ended for the schedule, so the report has to know."""
    twin = replace(STUDY.variants[0], id="twin")
    study = replace(STUDY, variants=(STUDY.variants[0], twin), baseline="twin", claims=())

    def plan(wish: tuple[str, int]) -> PlannedTrial:
        planned = expand(study, PRESET, PRESET.corpus, GroupSplit(), (wish[1],))
        return next(one for one in planned if one.variant_id == wish[0])

    agenda = Agenda(FixedSeeds(study, 1), plan, finished={}, known={}, infeasible={}, reuse=lambda _: None)
    first = agenda.take()
    assert agenda.take() is None
    told: Any = _Told()
    planner: Any = SimpleNamespace(handed_out={"t": first})
    events = _Events(planner, agenda, tmp_path, told, told)
    trial: Any = SimpleNamespace(trial_id="t", get_error=lambda: None)
    events.on_trial_error(1, [], trial)
    assert told.failures == [STUDY.variants[0].id, "twin"]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The recorder's time, moved by hand."""
    now = [0.0]
    monkeypatch.setattr(recording, "time", SimpleNamespace(monotonic=lambda: now[0]))
    return now


def test_curves_are_written_now_and_then_however_busy_it_is(clock: list[float], tmp_path: Path) -> None:
    """Epochs that come faster than the curves are written do not put that off for ever."""
    flushes: list[float] = []

    def epoch(run_id: str, metrics: object) -> None:
        clock[0] += 1.0

    planned = next(iter(expand(STUDY, PRESET, PRESET.corpus, GroupSplit(), (0,))))
    tracker: Any = SimpleNamespace(
        begin=lambda variant, trial: "run", epoch=epoch, flush=lambda: flushes.append(clock[0])
    )
    with Recorder(tracker, {planned.variant_id: STUDY.variants[0]}, tmp_path, {}) as recorder:
        recorder.began(planned)
        for _ in range(20):
            recorder.epoch(planned, {})
    assert len(flushes) >= 3
