"""What travels between the driver and nodes that do not see its storage: features out, finished trials back.

The transfer server is a process on the driver's machine. Nodes ask it for files, piece by piece through Ray's object
store, and send it the files of a finished trial, which it puts into the driver's outbox whole.
"""

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from soundproof.trainables.sweeps.outbox.results import packing

PIECE_BYTES = 32 * 2**20
"""Large enough for a fast network, small enough for the object store of a small node."""

_AT_ONCE = 4
"""Pieces that are read at the same time, for as many nodes."""


class TransferServer:
    """Runs on the driver's machine. Keeps nothing, so that it can be started again at any time."""

    def __init__(self, outbox: str) -> None:
        self._outbox = Path(outbox)

    def contents(self, folder: str) -> dict[str, int]:
        """Bytes of each file in `folder`, by name."""
        return {path.name: path.stat().st_size for path in Path(folder).iterdir()}

    def piece(self, file: str, start: int) -> bytes:
        """At most `PIECE_BYTES` of a file, from byte `start`."""
        with Path(file).open("rb") as source:
            source.seek(start)
            return source.read(PIECE_BYTES)

    def receive(self, trial_id: str, files: Mapping[str, bytes]) -> None:
        """Put a finished trial into the outbox, whole or not at all; `files` by their path in its folder.

        Raises `OutboxError` where the outbox takes nothing.
        """
        with packing(self._outbox, trial_id) as unfinished:
            unpack(files, unfinished)


def start_transfer_server(name: str, outbox: Path) -> Any:
    """Start a transfer server beside this driver. The actors find it by `name`. It lives as long as the handle."""
    import ray  # noqa: PLC0415  # nodes and tests read this file without it
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy  # noqa: PLC0415

    here = ray.get_runtime_context().get_node_id()
    return (
        ray.remote(TransferServer)
        .options(
            name=name,
            num_cpus=0,
            max_concurrency=_AT_ONCE,
            max_restarts=-1,
            max_task_retries=-1,
            scheduling_strategy=NodeAffinitySchedulingStrategy(here, soft=False),
        )
        .remote(str(outbox))
    )


def pack(folder: Path) -> dict[str, bytes]:
    """Every file below `folder`, by its path in it."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def unpack(files: Mapping[str, bytes], folder: Path) -> None:
    """Write what `pack` read. Raises ValueError for a path that leads out of `folder`, before anything is written."""
    for name in files:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts:
            raise ValueError(f"paths below the folder of a trial are expected, got {name!r}")
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
