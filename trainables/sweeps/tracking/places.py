"""Whether the files of a record can be written where it says they lie, asked before anything is trained."""

import os

from soundproof.common.artifact_places import local_path
from soundproof.trainables.full_disks import lacks_space
from soundproof.trainables.sweeps.tracking.outages import TrackingError


def refuse_unwritable(place: str, experiment: str) -> None:
    """Raise `TrackingError` where the files of an experiment belong in a folder of this machine that takes none."""
    path = local_path(place)
    if path is None:
        return
    why = ""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        if lacks_space(error):  # as an outage: it may have some later
            raise
        why = error.strerror or type(error).__name__
    if not why and os.access(path, os.W_OK | os.X_OK):
        return
    raise TrackingError(
        f"the files of {experiment!r} belong in {path}, as its record says, and that folder cannot be written here "
        f"({why or 'Permission denied'}): the record was made elsewhere. Make the folder writable, or give the record "
        "that lies in a storage by --storage, which keeps its files beside it; or name another --tracking-uri"
    )
