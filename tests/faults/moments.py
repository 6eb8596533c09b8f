"""The moment at which a fault strikes: trials run, and so much has been done since it was looked for."""

import os
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from chaos import ACTOR

from faults.jobs import Job
from faults.schedule import Fault
from faults.watching import Open, bytes_written
from faults.world import World

STARTS_WITHIN_SECONDS = 400.0
"""A driver, on a machine that is busy."""
COMES_WITHIN_SECONDS = 60.0
"""An offset, once trials run."""
_NEXT_TRIAL_WITHIN_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """A fault that was seen to hit while something was open."""

    fault: Fault
    open: Open
    note: str = ""


def reached(world: World, job: Job, fault: Fault) -> bool:
    """Wait until the job trains and has done as much as the fault says; false where it ends before."""
    if not world.wait(lambda: job.finished or job.trains(), STARTS_WITHIN_SECONDS, glance_seconds=0.2) or job.finished:
        return False
    world.set_pace(job)
    driver = job.pid
    processes = [driver, *job.titled(ACTOR)]

    def measured() -> int:
        return bytes_written(processes) if fault.unit == "bytes" else job.passes()

    wanted = measured() + fault.offset
    came = world.wait(lambda: _over(job, driver) or measured() >= wanted, COMES_WITHIN_SECONDS)
    if not came or _over(job, driver):
        return False
    world.wait(lambda: _over(job, driver) or job.trains(), _NEXT_TRIAL_WITHIN_SECONDS, glance_seconds=0.05)
    return not _over(job, driver) and job.trains()


def _over(job: Job, driver: int) -> bool:
    """Whether that driver of the job has ended."""
    return job.finished or job.sessions[-1] != driver


@contextmanager
def frozen(processes: Iterable[int]) -> Iterator[None]:
    """Stop them where they are, so that what is open stays open; those that live then go on."""
    stopped = list(processes)
    for process in stopped:
        _send(process, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in stopped:
            _send(process, signal.SIGCONT)


def kill(process: int) -> None:
    """SIGKILL, to whom it still reaches."""
    _send(process, signal.SIGKILL)


def _send(process: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(process, number)
