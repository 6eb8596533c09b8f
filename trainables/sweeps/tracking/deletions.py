"""What somebody deletes in MLflow's pages while it is being written: noticed, taken for a wish, and said."""

from collections.abc import Iterator
from contextlib import contextmanager

from mlflow.entities import Experiment, LifecycleStage
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

from soundproof.trainables.sweeps.tracking.outages import TrackingError

GONE_FOR_GOOD = "RESOURCE_DOES_NOT_EXIST"
"""MLflow's code for a run of which nothing is left."""


def was_deleted(client: MlflowClient, run_id: str) -> bool:
    """Whether the run is deleted, or gone for good.

    Raises `TrackingError` where all of its experiment is deleted: that is no wish about one run, and what is finished
    has to wait.
    """
    try:
        info = client.get_run(run_id).info
    except MlflowException as error:
        if error.error_code != GONE_FOR_GOOD:
            raise
        return True
    refuse_deleted(client.get_experiment(info.experiment_id))
    return bool(info.lifecycle_stage == LifecycleStage.DELETED)


@contextmanager
def noticing_deleted_experiment(client: MlflowClient, experiment_id: str) -> Iterator[None]:
    """Raise `TrackingError` where a run cannot be made because all of its experiment was deleted."""
    try:
        yield
    except MlflowException:
        refuse_deleted(client.get_experiment(experiment_id))
        raise


def refuse_deleted(experiment: Experiment) -> None:
    """Raise `TrackingError` where an experiment is deleted."""
    if experiment.lifecycle_stage != LifecycleStage.ACTIVE:
        raise TrackingError(
            f"the record of {experiment.name!r} was deleted in MLflow: restore it with `mlflow experiments "
            f"restore --experiment-id {experiment.experiment_id}`, or name another --storage or --tracking-uri. What "
            "was trained and is not in it waits in the storage, and the same command delivers it"
        )


def restoring(run_id: str) -> str:
    """The command that brings a run back."""
    return f"`mlflow runs restore --run-id {run_id}`"
