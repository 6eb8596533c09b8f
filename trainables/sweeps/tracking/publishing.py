"""What a report says, put where it can be browsed: on the run of the study or search."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient
from requests.exceptions import RequestException

from soundproof.common import record
from soundproof.trainables.sweeps.tracking.mlflow_forms import with_tags
from soundproof.trainables.sweeps.tracking.outages import TrackingError, in_short


def publish(tracking_uri: str, tags: Mapping[str, str], note: str, files: Sequence[Path]) -> None:
    """Make `note`, Markdown, the description of the run that carries `tags`, and `files` artifacts of it.

    Raises `TrackingError` where the store does not take them.
    """
    client = MlflowClient(tracking_uri)
    try:
        experiment = client.get_experiment_by_name(tags[record.STUDY])
        if experiment is None:
            return
        for run in client.search_runs([experiment.experiment_id], filter_string=with_tags(tags)):
            for file in files:
                client.log_artifact(run.info.run_id, str(file))
            client.set_tag(run.info.run_id, record.NOTE, note)
    except (MlflowException, RequestException, OSError) as error:
        raise TrackingError(f"the report could not be put into the tracking store: {in_short(error)}") from error
