"""Sweeps with real Ray and MLflow."""

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from mlflow.tracking import MlflowClient

from soundproof.common import record
from soundproof.common.record import EndedTrial
from soundproof.search_spaces import PRESETS, expand, find_study
from soundproof.search_spaces.specs import Features, GroupSplit
from soundproof.trainables.corpora.embedded.synthetic_speech import make_synthetic_speech
from soundproof.trainables.sweeps import job
from soundproof.trainables.sweeps.outbox.results import leave, waiting
from soundproof.trainables.sweeps.planning.seeds import Request
from soundproof.trainables.sweeps.progress.protocol import Progress, Silence
from soundproof.trainables.sweeps.ray_tune.resources import Resources
from soundproof.trainables.sweeps.storage import Storage
from soundproof.trainables.sweeps.sweep import Sweep, run_sweep
from soundproof.trainables.training.engine import Outcome
from soundproof.trainables.training.settings import TrainingSettings

FIRST, SECOND = "asr-cnn-sublayer-order/01", "asr-cnn-sublayer-order/04"
DECLARED, PRESET = find_study("asr-cnn-sublayer-order"), PRESETS["speech"]["smoke"]
LOSS = record.best(record.VALIDATION_LOSS)


class SeedsForTheWorse:
    """Two seeds of both variants, then a third of the one with the larger mean loss."""

    adaptive = True
    design = record.UNTIL_DECIDED

    def wanted(self, ended: Sequence[EndedTrial], infeasible: Collection[str]) -> Sequence[Request]:
        """See `soundproof.trainables.sweeps.planning.seeds.Schedule`."""
        requests = [(variant, seed) for seed in range(2) for variant in (FIRST, SECOND)]
        had = {(trial.variant, trial.seed) for trial in ended}
        if had >= set(requests):
            requests.append((_worse({variant: _losses(ended, variant) for variant in (FIRST, SECOND)}), 2))
        return [request for request in requests if request not in had]

    def remark(self) -> str:
        """See `soundproof.trainables.sweeps.planning.seeds.Schedule`."""
        return ""


def _losses(ended: Sequence[EndedTrial], variant: str) -> list[float]:
    return [trial.metrics[LOSS] for trial in ended if trial.variant == variant and trial.seed < 2]


def _worse(losses: dict[str, list[float]]) -> str:
    return max(losses, key=lambda variant: sum(losses[variant]))


def _sweep(kind: type[Sweep], storage: Path) -> Sweep:
    kept = tuple(variant for variant in DECLARED.variants if variant.id in (FIRST, SECOND))
    return kind(
        study=replace(DECLARED, variants=kept, baseline=FIRST, claims=()),
        preset=PRESET,
        corpus=make_synthetic_speech(PRESET.corpus),
        corpus_name="synthetic-speech",
        split=GroupSplit(),
        schedule=SeedsForTheWorse(),
        storage=Storage(root=storage),
        resources=Resources(),
        training=TrainingSettings(norms=True),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class NeverReady(Sweep):
    """Its features take for ever, and there is no Ray."""

    def prepare(self, features: Features, progress: Progress, stopped: Callable[[], bool] = lambda: False) -> Path:
        """See `Job`."""
        deadline = time.monotonic() + 60
        while not stopped():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        raise CancelledError

    @contextmanager
    def ray(self, *, at_once: bool) -> Iterator[Callable[[], None]]:
        """See `Job`."""
        raise KeyboardInterrupt
        yield


def test_what_ends_before_anything_is_trained_ends_soon_and_in_the_record(tmp_path: Path) -> None:
    """Nobody waits for features that nobody wants any more, and no run of the record seems to go on."""
    sweep = _sweep(NeverReady, tmp_path)
    with pytest.raises(KeyboardInterrupt):
        run_sweep(sweep, Silence())
    client = MlflowClient(sweep.storage.tracking_uri)
    experiment = client.get_experiment_by_name(DECLARED.id)
    assert experiment is not None
    assert [run.info.status for run in client.search_runs([experiment.experiment_id])] == ["KILLED"]


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_an_adaptive_schedule_decides_on_real_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is trained after the first seeds follows from their recorded numbers; the record names the design.

    What waits from a study that was declared differently goes on waiting. Norms of weights and gradients were asked
    for, so each trial has them by layer, for every epoch. Once finished, the same sweep starts no Ray.
    """
    declared, preset = DECLARED, PRESET
    sweep = _sweep(Sweep, tmp_path)
    outbox = sweep.storage.outbox(sweep.name)
    other = next(expand(find_study("asr-merge-mode"), preset, preset.corpus, GroupSplit(), (0,))).trial
    leave(outbox, other, Outcome(status="completed", reason=None, metrics={}, weights=None, predictions={}), [], "cpu")
    run_sweep(sweep, Silence())
    assert [trial_result.trial for trial_result in waiting(outbox)] == [other]
    client = MlflowClient(sweep.storage.tracking_uri)
    experiment = client.get_experiment_by_name(declared.id)
    assert experiment is not None
    runs = client.search_runs([experiment.experiment_id])
    trials = {
        (run.data.tags[record.VARIANT], int(run.data.tags[record.SEED])): run.data.metrics[LOSS]
        for run in runs
        if run.data.tags[record.KIND] == record.KIND_TRIAL
    }
    worse = _worse({variant: [trials[variant, 0], trials[variant, 1]] for variant in (FIRST, SECOND)})
    assert set(trials) == {(FIRST, 0), (SECOND, 0), (FIRST, 1), (SECOND, 1), (worse, 2)}
    parents = [run for run in runs if run.data.tags[record.KIND] == record.KIND_STUDY]
    assert [run.data.tags[record.DESIGN] for run in parents] == [record.UNTIL_DECIDED]
    trial = next(run for run in runs if run.data.tags[record.KIND] == record.KIND_TRIAL)
    for prefix in (record.WEIGHT_NORM_PREFIX, record.GRADIENT_NORM_PREFIX):
        history = client.get_metric_history(trial.info.run_id, f"{prefix}convolution.layers.0")
        assert [metric.step for metric in history] == list(range(1, preset.epochs + 1))
        assert min(metric.value for metric in history) > 0
    monkeypatch.setattr(job, "session", lambda *_: pytest.fail("there is nothing to train"))
    run_sweep(sweep, Silence())
    assert len(client.search_runs([experiment.experiment_id])) == len(runs)
