"""The plain loop: its parts against Soundproof's, and one epoch of a study to the record."""

import math
import os
from collections.abc import Iterator
from pathlib import Path

import mlflow
import pytest
import torch

from benchmarks.facts import machine_facts
from benchmarks.rivals.plain_loop import run_no_op, run_study
from benchmarks.rivals.study import NO_OP_EPOCHS, RivalStudy, TrialFigures
from benchmarks.rivals.training import greedy_decode
from benchmarks.training_step import Case, make_steps, measure
from soundproof.common import record
from soundproof.trainables.training.data.batches import FeatureData
from soundproof.trainables.training.engine import Training
from soundproof.trainables.training.tasks.ctc import greedy_texts

SMALL = Case(units=8, batch=4, dimensions=9, least_frames=60, most_frames=70, characters=5)


def test_decoding_is_the_engines() -> None:
    """Random scores, of which utterances use a part, spell the same texts."""
    torch.manual_seed(1)
    scores, lengths = torch.randn(30, 4, 29), torch.tensor([30, 1, 17, 22])
    packed = torch.cat([scores[:length, row] for row, length in enumerate(lengths.tolist())])
    texts = greedy_decode(scores, lengths)
    assert texts == greedy_texts(packed, lengths)
    assert all(texts)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the plain loop records. Afterwards MLflow's settings of the process are those of before."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mlflow.tracking.fluent._active_experiment_id", None)
        patch.delenv("MLFLOW_EXPERIMENT_ID", raising=False)
        before = mlflow.get_tracking_uri() if mlflow.is_tracking_uri_set() else ""
        yield tmp_path_factory.mktemp("plain_loop")
        mlflow.set_tracking_uri(before)
        os.environ.pop("MLFLOW_EXPERIMENT_ID", None)


@pytest.fixture(scope="module")
def figures(study: RivalStudy, folder: Path) -> list[TrialFigures]:
    """One epoch of the study, recorded."""
    return run_study(study, folder)


def test_an_epoch_of_the_plain_loop_is_recorded(study: RivalStudy, figures: list[TrialFigures]) -> None:
    """Each variant gets a nested run with its epoch, finite final numbers and its weights."""
    assert {(figure.variant, figure.seed) for figure in figures} == {(variant, 0) for variant in study.variants}
    assert all(math.isfinite(value) for figure in figures for value in figure.metrics.values())
    runs = mlflow.search_runs(experiment_names=[study.id], output_format="list")
    recorded = {run.data.params["variant"]: run for run in runs if record.PARENT_RUN in run.data.tags}
    assert len(runs) == 1 + len(study.variants)
    for figure in figures:
        run = recorded[figure.variant]
        assert run.data.metrics.items() >= figure.metrics.items()
        assert run.data.metrics[record.VALIDATION_LOSS] == figure.metrics[record.best(record.VALIDATION_LOSS)]
        artifacts = mlflow.artifacts.list_artifacts(run_id=run.info.run_id)
        assert [artifact.path for artifact in artifacts] == ["weights.pt"]


def test_an_epoch_teaches_as_much_as_the_engines(study: RivalStudy, figures: list[TrialFigures]) -> None:
    """Losses are on one scale and fall alike: after the same epoch they differ by what chance explains."""
    for figure in figures:
        trial = study.trial(figure.variant, figure.seed)
        ours = Training(trial, FeatureData(study.features(trial), torch.device("cpu"))).run_epoch()
        assert figure.metrics[record.best(record.VALIDATION_LOSS)] == pytest.approx(
            ours[record.VALIDATION_LOSS], rel=0.25
        )


def test_trials_without_training_are_recorded(folder: Path) -> None:
    """As many runs as asked for, each with its epochs."""
    run_no_op(3, folder)
    runs = mlflow.search_runs(experiment_names=["no-op"], output_format="list")
    nested = [run.info.run_id for run in runs if record.PARENT_RUN in run.data.tags]
    assert len(nested) == 3
    history = mlflow.MlflowClient().get_metric_history(nested[0], record.VALIDATION_LOSS)
    assert [metric.step for metric in history] == list(range(1, NO_OP_EPOCHS + 1))


def test_both_steps_learn_the_batch() -> None:
    """The steps that are compared in time do the same work: from like losses down by like amounts."""
    ours, plain = make_steps(SMALL)
    courses = [[step() for _ in range(25)] for step in (ours, plain)]
    for course in courses:
        assert course[-1] < 0.5 * course[0]
    assert sum(courses[0]) == pytest.approx(sum(courses[1]), rel=0.25)


def test_ratios_come_with_quartiles() -> None:
    """Quartiles are in order, and about as large as the ratio of the medians."""
    row = measure(SMALL, repetitions=8)
    assert 0 < row.low <= row.median <= row.high
    assert row.ours_milliseconds > 0
    assert machine_facts()["threads"] == torch.get_num_threads()
