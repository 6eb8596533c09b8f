"""Why an actor died that took too long: a limit on an epoch, and what it leaves for the driver to read.

The limit holds even where Python's own code does not get to run: in a kernel that never returns, or one that keeps the
interpreter's lock.
"""

import faulthandler
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_EXPIRED = "Timeout ("
"""How `faulthandler` begins what it writes."""


@contextmanager
def time_limit(checkpoints: Path, trial_id: str, epoch: int, seconds: float | None) -> Iterator[None]:
    """End this process when what happens within takes longer than `seconds`, with a trace of where it was.

    No limit where there are no seconds, or more than clocks count (three centuries).
    """
    if seconds is None or seconds > threading.TIMEOUT_MAX:
        yield
        return
    path = _path(checkpoints, trial_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb", buffering=0) as file:
        file.write(f"epoch {epoch} took longer than {seconds:g} s\n".encode())
        faulthandler.dump_traceback_later(seconds, exit=True, file=file)
        try:
            yield
        finally:
            faulthandler.cancel_dump_traceback_later()
            path.unlink(missing_ok=True)


def watchdog_report(checkpoints: Path, trial_id: str) -> str | None:
    """Why the actor of that trial ended itself; None where it did not. What it left is removed."""
    path = _path(checkpoints, trial_id)
    if not path.is_file():
        return None
    reason, *trace = path.read_text(encoding="utf-8", errors="replace").splitlines() or [""]
    path.unlink(missing_ok=True)
    return reason if any(line.startswith(_EXPIRED) for line in trace) else None


def _path(checkpoints: Path, trial_id: str) -> Path:
    return checkpoints / f"{trial_id}.hung"
