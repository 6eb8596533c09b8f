"""The sampler's journal and the record in MLflow agree, trial by trial; the record begins the next search."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from mlflow.entities import Run
from toy_searches import CONDITIONAL, EPOCHS, LOSS, PRESET, ToySearch, loss_of, metrics_of, plan, settings_of

from soundproof.common import record
from soundproof.search_spaces import find_space, find_study
from soundproof.search_spaces.presets import PlannedTrial
from soundproof.search_spaces.spaces import SearchSpace
from soundproof.search_spaces.studies import Variant
from soundproof.trainables.sweeps.outbox.results import leave, leave_stopped
from soundproof.trainables.sweeps.searching.history import STATE_OF, History
from soundproof.trainables.sweeps.searching.prior_trials import prior_trials
from soundproof.trainables.sweeps.searching.samplers import SchedulerName
from soundproof.trainables.sweeps.searching.settings import SearchSettings
from soundproof.trainables.sweeps.tracking import Tracker
from soundproof.trainables.sweeps.tracking.heading import Heading
from soundproof.trainables.sweeps.tracking.writer_thread import Recorder
from soundproof.trainables.training.engine import Outcome


@pytest.fixture(scope="module")
def uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    """One store for the module: making its tables takes seconds."""
    return f"sqlite:///{tmp_path_factory.mktemp('store') / 'mlflow.db'}"


def _tracker(uri: str, search: str, folder: Path, corpus: str, space: SearchSpace = CONDITIONAL) -> Tracker:
    heading = Heading(
        kind=record.KIND_SEARCH,
        id=space.id,
        question="which?",
        preset=PRESET.label,
        corpus=corpus,
        margin=1.0,
        identity={record.SEARCH: search},
        kept=frozenset(STATE_OF),
    )
    return Tracker(uri, heading, folder / "artifacts")


class _Recorded(ToySearch):
    """A toy search that is recorded as a real one: through the outbox."""

    def record(self, tracker: Tracker, outbox: Path, concurrency: int = 2) -> None:
        """Go on to the end, and write everything."""
        self._outbox = outbox
        self._heard: dict[str, list[dict[str, float]]] = {}
        variants = {}
        self.provider.factory = replace(
            self.provider.factory, register=lambda variant: variants.update({variant.id: variant})
        )
        with Recorder(tracker, variants, outbox, {}) as self._recorder:
            self.run(concurrency)

    def _epoch(self, planned: PlannedTrial, epoch: int) -> bool:
        metrics = {record.VALIDATION_LOSS: loss_of(planned, epoch)}
        if epoch == 1:
            self._recorder.began(planned, self.provider.tags(planned))
        self._heard.setdefault(planned.trial.trial_id, []).append(metrics)
        self._recorder.epoch(planned, epoch, metrics)
        return super()._epoch(planned, epoch)

    def end(self, planned, status, epochs, metrics) -> None:
        history = self._heard[planned.trial.trial_id]
        if status == "pruned":
            leave_stopped(self._outbox, planned.trial, status, "worse than most", history)
        else:
            outcome = Outcome(status=status, reason=None, metrics=dict(metrics), weights=None, predictions={})
            leave(self._outbox, planned.trial, outcome, history, "cpu")
        super().end(planned, status, epochs, metrics)
        self._recorder.finished(planned, [])


def _fate(planned: PlannedTrial) -> record.Status:
    """Some fail and some diverge, as their ids will have it."""
    last = planned.trial.trial_id[-1]
    return "failed" if last in "0246" else "diverged" if last == "1" else "completed"


def _steps(tracker: Tracker, run: Run) -> list[int]:
    history = tracker.client.get_metric_history(run.info.run_id, record.VALIDATION_LOSS)
    return sorted(metric.step for metric in history)


@pytest.mark.parametrize(("scheduler", "trials"), [("asha", 60), ("hyperband", 20), ("median", 20)])
def test_journal_and_record_agree(scheduler: SchedulerName, trials: int, uri: str, tmp_path: Path) -> None:
    """Number, state, status, run status, last epoch and choices of every trial, with many stops, failures and all."""
    tracker = _tracker(uri, scheduler, tmp_path, "agree")
    settings = settings_of(trials, scheduler=scheduler)
    search = _Recorded(tmp_path / "journal", CONDITIONAL, settings, fate=_fate)
    search.record(tracker, tmp_path / "outbox")
    runs = {int(run.data.tags[record.NUMBER]): run for _, run in tracker.runs.finished_here().items()}
    frozen = History(tmp_path / "journal", CONDITIONAL, settings, epochs=EPOCHS)._trials()
    assert sorted(runs) == [trial.number for trial in frozen] == list(range(trials))
    statuses = [runs[trial.number].data.tags[record.STATUS] for trial in frozen]
    assert {"pruned", "completed", "failed"} <= set(statuses)
    for one, status in zip(frozen, statuses, strict=True):
        run = runs[one.number]
        assert one.state == STATE_OF[status]  # type: ignore[index]
        assert run.info.status == ("FAILED" if status == "failed" else "FINISHED")
        assert json.loads(run.data.tags[record.CHOICES]) == one.params
        steps = _steps(tracker, run)
        assert steps == list(range(1, len(steps) + 1))
        if status == "pruned":
            assert one.last_step == steps[-1] < EPOCHS
            assert LOSS not in run.data.metrics
        if status == "completed":
            assert (one.last_step, steps[-1]) == (EPOCHS - 1, EPOCHS)
            assert one.values == [run.data.metrics[LOSS]]
    assert not list((tmp_path / "outbox").iterdir())


@pytest.fixture(scope="module")
def begun(uri: str, tmp_path_factory: pytest.TempPathFactory) -> _Recorded:
    """A search of twelve trials in the store."""
    folder = tmp_path_factory.mktemp("begun")
    search = _Recorded(folder / "journal", CONDITIONAL, settings_of(12, scheduler="asha"), fate=_fate)
    search.record(_tracker(uri, "first", folder, "warm"), folder / "outbox")
    return search


def _found(
    uri: str, folder: Path, settings: SearchSettings, planner=plan, space: SearchSpace = CONDITIONAL
) -> Iterator[object]:
    tracker = _tracker(uri, "second", folder, "warm", space)
    return prior_trials(space, settings, planner, tracker, tracker.runs.finished_elsewhere())


def test_a_second_search_begins_with_the_trials_of_the_first(uri: str, begun: _Recorded, tmp_path: Path) -> None:
    """Another sampler knows of each: its state, its value, and every epoch as a scheduler would have seen it."""
    settings = settings_of(3, sampler="tpe", scheduler="asha")
    history = History(tmp_path / "journal", CONDITIONAL, settings, epochs=EPOCHS)
    own = {end.planned.trial.trial_id: end for end in begun.ends}
    warm = [finding for finding in _found(uri, tmp_path, settings) if finding.trial_id in own]  # type: ignore[attr-defined]
    assert history.begin_with(warm) == 12
    for trial in history._trials():
        end = own[trial.user_attrs["trial_id"]]
        assert trial.state == STATE_OF[end.status]
        assert trial.values == ([end.metrics[LOSS]] if end.status == "completed" else None)
        assert trial.last_step == end.epochs
        assert trial.intermediate_values[end.epochs] == loss_of(end.planned, end.epochs)
    assert {"pruned", "completed"} <= {end.status for end in own.values()}
    sample = history.ask()
    assert sample is not None
    assert sample.number == 12


def test_other_corpora_and_budgets_are_no_precedents(uri: str, begun: _Recorded, tmp_path: Path) -> None:
    """The same choices with more epochs, or on other data, are other trials: their values would mislead."""

    def longer(variant: Variant, seed: int) -> PlannedTrial:
        planned = plan(variant, seed)
        budget = replace(planned.trial.budget, epochs=EPOCHS + 1)
        return replace(planned, trial=replace(planned.trial, budget=budget))

    def elsewhere(variant: Variant, seed: int) -> PlannedTrial:
        planned = plan(variant, seed)
        return replace(planned, trial=replace(planned.trial, corpus=replace(PRESET.corpus, words_per_class=7)))

    assert list(_found(uri, tmp_path, settings_of(3)))
    assert list(_found(uri, tmp_path, settings_of(3), longer)) == []
    assert list(_found(uri, tmp_path, settings_of(3), elsewhere)) == []


def test_variants_of_studies_that_lie_in_the_space_are_precedents(uri: str, tmp_path: Path) -> None:
    """A documented network is a point of the open space: what a study trained of it is known to the search."""
    space, study = find_space("speech"), find_study("asr-head-dropout")
    variants = {variant.id: variant for variant in study.variants}
    heading = Heading(
        kind=record.KIND_STUDY, id=study.id, question="?", preset=PRESET.label, corpus="warm", margin=1.0, design="1"
    )
    tracker, trained = Tracker(uri, heading, tmp_path / "artifacts"), {}
    with Recorder(tracker, variants, tmp_path / "outbox", {}) as recorder:
        for variant in variants.values():
            planned = plan(variant, 0)
            outcome = Outcome(
                status="completed", reason=None, metrics=metrics_of(planned), weights=None, predictions={}
            )
            leave(tmp_path / "outbox", planned.trial, outcome, [{record.VALIDATION_LOSS: 4.0}], "cpu")
            recorder.began(planned)
            recorder.finished(planned, [])
            trained[planned.trial.trial_id] = variant
    found = list(_found(uri, tmp_path, settings_of(3), plan, space))
    inside = {
        trial_id: variant
        for trial_id, variant in trained.items()
        if space.assignment_of(variant.features, variant.network, variant.recipe) is not None
    }
    assert 0 < len(inside) < len(trained)
    assert {finding.trial_id for finding in found} == set(inside)  # type: ignore[attr-defined]
    for finding in found:
        variant = space.variant(finding.assignment)  # type: ignore[attr-defined]
        assert variant.network == inside[finding.trial_id].network  # type: ignore[attr-defined]
