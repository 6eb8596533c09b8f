"""The experiments of a tracking store, however many others share it."""

from __future__ import annotations

from collections.abc import Iterator

from mlflow.entities import Experiment
from mlflow.tracking import MlflowClient

_PAGE = 1000


def all_experiments(client: MlflowClient) -> Iterator[Experiment]:
    """Those that are not deleted; MLflow gives them in pages."""
    token: str | None = None
    while True:
        page = client.search_experiments(max_results=_PAGE, page_token=token)
        yield from page
        token = page.token
        if not token:
            return
