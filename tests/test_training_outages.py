"""A store that goes away while nothing waits for it ends a command with a message, not with a traceback."""

import pytest
import requests
from mlflow.exceptions import MlflowException

from soundproof.api.options import SessionOptions
from soundproof.api.session import train
from soundproof.common import record
from soundproof.trainables.sweeps.progress.protocol import Progress
from soundproof.trainables.sweeps.tracking.outages import TrackingError


def _answer(status: int) -> requests.exceptions.HTTPError:
    """What MLflow raises where the server refuses a file."""
    response = requests.Response()
    response.status_code = status
    return requests.exceptions.HTTPError(f"{status} for url", response=response)


def _raising(error: Exception) -> None:
    def run(_: Progress) -> None:
        raise error

    train("a study", run, record.best(record.VALIDATION_LOSS), SessionOptions())


@pytest.mark.parametrize("status", [500, 503, 429])
def test_an_upload_that_a_server_cannot_take_now_says_how_to_go_on(status: int) -> None:
    """Files travel by plain HTTP, outside MLflow's own errors."""
    with pytest.raises(TrackingError, match="the tracking store is away.*same command again"):
        _raising(_answer(status))


@pytest.mark.parametrize("status", [401, 403])
def test_credentials_that_run_out_meanwhile_are_asked_for(status: int) -> None:
    """The store had let us in when the record was opened."""
    with pytest.raises(TrackingError, match="wants other credentials.*MLFLOW_TRACKING_USERNAME.*same command again"):
        _raising(_answer(status))


@pytest.mark.parametrize("error", [_answer(404), MlflowException("no such column"), ConnectionError("a cluster's")])
def test_what_would_fail_again_stays_what_it_is(error: Exception) -> None:
    """A file that is not there, a wrong use, and connections that are none of the store's."""
    with pytest.raises(type(error)) as raised:
        _raising(error)
    assert raised.value is error
