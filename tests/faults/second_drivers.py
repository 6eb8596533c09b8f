"""The same command once more, while the first one runs: it has to be refused, and to disturb nothing."""

import subprocess

from chaos import ROOT

from faults.jobs import FaultFoundError
from faults.moments import STARTS_WITHIN_SECONDS, Hit, reached
from faults.schedule import Fault
from faults.world import World

_WORDS = {"the same storage": "another process is running", "another storage": "is being written by another program"}


def second_driver(world: World, fault: Fault) -> Hit | None:
    """On the same storage, or on another one with the same tracking server."""
    job = world.job(fault.to)
    if not reached(world, job, fault):
        return None
    first, found = job.pid, job.open()
    other = world.storage if fault.way == "the same storage" else world.disk / f"other-{len(job.sessions)}"
    printed = world.said / f"second-{job.name}-{len(job.sessions)}.err"
    with printed.open("wb") as errors:
        second = subprocess.Popen(
            world.command(job.name, other),
            cwd=ROOT,
            env=job.environment,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
        )
    try:
        world.wait(lambda: second.poll() is not None, STARTS_WITHIN_SECONDS)
    finally:
        second.kill()
        status = second.wait()
    said = printed.read_text(encoding="utf-8", errors="replace")
    if job.finished or job.sessions[-1] != first or not found.runs:
        return None  # the first one ended meanwhile, or nothing was running: there was nothing to disturb
    if status != 2 or _WORDS[fault.way] not in said or "Traceback" in said:
        raise FaultFoundError(f"a second driver on {fault.way} ended with status {status}:\n{said[-3000:]}")
    return Hit(fault=fault, open=found, note="refused, status 2")
