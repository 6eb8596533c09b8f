"""The clock, set back while trials run."""

from faults.moments import Hit, reached
from faults.schedule import Fault
from faults.world import World

_LEAST_SECONDS, _MOST_SECONDS = 60.0, 2 * 24 * 3600.0
_READ_WITHIN_SECONDS = 30.0


def set_back(world: World, fault: Fault) -> Hit | None:
    """By up to two days, for everybody, and for good."""
    job = world.job(fault.to)
    if not reached(world, job, fault):
        return None
    found = job.open()
    if not found.runs:
        return None
    seconds = _LEAST_SECONDS + fault.amount * (_MOST_SECONDS - _LEAST_SECONDS)
    world.set_clock_back(seconds)
    if not world.wait(lambda: world.clock_was_read, _READ_WITHIN_SECONDS):
        return None
    return Hit(fault=fault, open=found, note=f"by {seconds / 3600:.1f} h")
