"""The experiments of a tracking store, however many others share it."""

from collections.abc import Iterator

from mlflow.entities import Experiment
from mlflow.tracking import MlflowClient

from soundproof.common.pages import all_pages

_PAGE = 1000


def all_experiments(client: MlflowClient) -> Iterator[Experiment]:
    """Those that are not deleted."""
    return all_pages(lambda token: client.search_experiments(max_results=_PAGE, page_token=token))
