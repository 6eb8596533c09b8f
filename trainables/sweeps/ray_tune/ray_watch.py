"""Whether Ray's own processes still live, without which nothing can be trained: looked at beside the main thread.

Ray Tune waits for ever for a raylet that is gone. Where the control store is gone, Ray ends the process after a minute.
"""

import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

from soundproof.common.errors import UserError
from soundproof.common.program import again

_GLANCE_SECONDS = 1.0
LAST_MOMENT_SECONDS = 40.0
"""After a death has been seen: whoever still waits for Ray by then waits in vain. The process is ended."""
_COMES_BACK_WITHIN_SECONDS = 30.0
"""A cluster's control store may be started again; Ray itself gives up after 60 s."""
_ANSWERS_WITHIN_SECONDS = 5.0
_STATUS = 2
"""As of every error that ends a command with a message."""


class RayDiedError(UserError):
    """A process of Ray's has died. The message says which, that nothing is lost, and what to do."""


class _RayDeath(BaseException):
    """`RayDiedError` on its way through Ray Tune, which would tidy up for minutes after an `Exception`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """A process that Ray cannot do without."""

    name: str
    alive: Callable[[], bool]
    patience_seconds: float = 0.0
    """For how long it may be away."""


class RayWatch:
    """What watches over the parts of the Ray that was started or joined."""

    def __init__(self, parts: Sequence[Part], last_moment_seconds: float = LAST_MOMENT_SECONDS) -> None:
        self._parts = parts
        self._away_since: dict[str, float] = {}
        self._died: str | None = None
        self._over, self._left = threading.Event(), threading.Event()
        self._looking = threading.Lock()
        self._last_moment_seconds = last_moment_seconds

    def __enter__(self) -> "RayWatch":
        threading.Thread(target=self._watch, name="ray-watch", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._left.set()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Look now and then until the block ends; `RayDiedError` in the place of what `check` raised in it.

        Where the main thread comes neither back from Ray nor through Ray's shutdown in time, the process is ended, with
        the same words.
        """
        try:
            yield
        except _RayDeath:
            raise RayDiedError(self._words()) from None
        except UserError:
            raise
        except Exception:  # what Ray's functions raise says less
            if self._look() is not None:
                raise RayDiedError(self._words()) from None
            raise
        finally:
            self._over.set()

    @property
    def alive(self) -> bool:
        """Whether all parts are there as far as is known."""
        return self._died is None

    def check(self) -> None:
        """Leave all that waits for Ray if a part is dead. To be called again and again by whoever does wait."""
        if self._died is not None:
            raise _RayDeath

    def check_now(self) -> None:
        """The same, after another look."""
        if self._look() is not None:
            raise _RayDeath

    def _watch(self) -> None:
        while not self._over.wait(_GLANCE_SECONDS) and self._look() is None:
            pass
        if not self.alive and not self._left.wait(self._last_moment_seconds):
            print(f"error: {self._words()}", file=sys.stderr, flush=True)
            os._exit(_STATUS)

    def _look(self) -> str | None:
        """The name of a part that has been away for too long, now or before."""
        with self._looking:
            now = time.monotonic()
            for part in self._parts if self._died is None else ():
                if part.alive():
                    self._away_since.pop(part.name, None)
                elif now - self._away_since.setdefault(part.name, now) >= part.patience_seconds:
                    self._died = part.name
            return self._died

    def _words(self) -> str:
        return (
            f"{self._died} is gone, and Ray cannot go on without it: it was killed, perhaps because memory ran out, or "
            f"it crashed. Nothing that has ended is lost, and what was running is taken up again: {again()}"
        )


def watch_ray(*, own: bool) -> RayWatch:
    """A watch over the Ray that this process has just started as its `own`, or joined."""
    import ray  # noqa: PLC0415  # after the session has set its environment

    context = ray.get_runtime_context()
    store: str = context.gcs_address
    parts = [
        Part(
            name=f"Ray's control store (gcs_server at {store})",
            alive=lambda: _answers(store),
            patience_seconds=0.0 if own else _COMES_BACK_WITHIN_SECONDS,
        )
    ]
    raylet = _raylet(context.get_node_id())
    if raylet is not None:
        name = f"Ray's raylet on this machine (process {raylet.pid}, which starts its workers)"
        parts.append(Part(name=name, alive=lambda: _runs(raylet)))
    return RayWatch(parts)


def _raylet(node_id: str) -> psutil.Process | None:
    """The process that stands for this machine in Ray; None where it cannot be seen."""
    import ray  # noqa: PLC0415  # see above

    here = [node["RayletSocketName"] for node in ray.nodes() if node["NodeID"] == node_id]  # type: ignore[no-untyped-call]
    wanted = {f"--raylet_socket_name={name}" for name in here}
    for process in psutil.process_iter(["name", "cmdline"]):
        if process.info["name"] == "raylet" and wanted & set(process.info["cmdline"] or ()):
            return process
    return None


def _runs(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _answers(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), _ANSWERS_WITHIN_SECONDS).close()
    except OSError:
        return False
    return True
