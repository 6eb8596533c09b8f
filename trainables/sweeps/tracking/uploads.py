"""Files on their way to the store: seen to be there before what they were made from is removed."""

import os
import posixpath
from pathlib import Path

from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from mlflow.store.artifact.http_artifact_repo import HttpArtifactRepository


def upload(folder: Path, uri: str, tracking_uri: str) -> None:
    """Make all files in `folder` artifacts of the run that keeps its own at `uri`.

    Over HTTP the store is asked what it has: a page that somebody between us and it answers with status 200 (a portal
    that wants a login, say) is nothing but success to MLflow. Raises `ConnectionError` where a file has not arrived.
    """
    repository = get_artifact_repository(uri, tracking_uri=tracking_uri)
    repository.log_artifacts(str(folder))  # type: ignore[no-untyped-call]
    if not isinstance(repository, HttpArtifactRepository):
        return
    for place, _, names in os.walk(folder):
        if names:
            below = Path(place).relative_to(folder).parts
            listed = repository.list_artifacts(posixpath.join(*below) if below else None)  # type: ignore[no-untyped-call]
            sizes = {posixpath.basename(file.path): file.file_size for file in listed}
            for name in names:
                if sizes.get(name, -1) not in (None, Path(place, name).stat().st_size):
                    raise ConnectionError(f"the tracking store said that it took {name}, and does not have it")
