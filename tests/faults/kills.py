"""Processes that are killed: the driver of a job, an actor of its, its raylet, its control store."""

import re
import signal

from chaos import TRAINING

from faults.jobs import Job
from faults.moments import Hit, frozen, kill, reached
from faults.schedule import Fault
from faults.watching import files_written
from faults.world import World

RAYLET = re.compile(r"[^\0]*/raylet\0")
CONTROL_STORE = re.compile(r"[^\0]*/gcs_server\0")
ACTORS_AT_MOST = 2
"""In the life of one driver: a trial that loses one more has failed, and rightly so."""
_HUNTS_SECONDS = 8.0
_ENDS_WITHIN_SECONDS = 240.0


def driver(world: World, fault: Fault) -> Hit | None:
    """By the signal that the fault names. By bytes: where one comes, while a file is open for writing."""
    job = world.job(fault.to)
    if not reached(world, job, fault):
        return None
    pid = job.pid
    if fault.unit == "bytes":
        world.wait(lambda: job.sessions[-1] != pid or bool(files_written([pid], job.disk)), _HUNTS_SECONDS)
    if job.finished or job.sessions[-1] != pid:
        return None
    ended = len(job.endings)
    with frozen([pid]):
        found = job.open()
        if not found.runs and not found.files:
            return None
        name, _, group = fault.way.partition(" ")
        job.strike(signal.Signals[name], group=bool(group))
    if not world.wait(lambda: len(job.endings) > ended, _ENDS_WITHIN_SECONDS):
        raise AssertionError(f"the {job.name} does not end on {fault.way}:\n{job.printed()[-3000:]}")
    return Hit(fault=fault, open=found, note=f"status {job.endings[ended][0]}")


def actor(world: World, fault: Fault) -> Hit | None:
    """The one that trains."""
    job = world.job(fault.to)
    if not reached(world, job, fault) or job.actors_killed >= ACTORS_AT_MOST:
        return None
    for victim in job.titled(TRAINING):
        with frozen([victim]):
            found = job.open()
            if found.runs and victim in job.titled(TRAINING):
                kill(victim)
                job.actors_killed += 1
                return Hit(fault=fault, open=found)
    return None


def raylet(world: World, fault: Fault) -> Hit | None:
    """Without which Ray Tune waits for ever."""
    return _part_of_ray(world, fault, RAYLET)


def control_store(world: World, fault: Fault) -> Hit | None:
    """Without which Ray ends the process, after a minute."""
    return _part_of_ray(world, fault, CONTROL_STORE)


def _part_of_ray(world: World, fault: Fault, title: re.Pattern[str]) -> Hit | None:
    job: Job = world.job(fault.to)
    if not reached(world, job, fault):
        return None
    for victim in job.titled(title):
        with frozen([victim]):
            found = job.open()
            if found.runs:
                job.has_to_end()
                kill(victim)
                return Hit(fault=fault, open=found)
    return None
