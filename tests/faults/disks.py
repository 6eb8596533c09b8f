"""The disk: full and freed, or giving back other bits than were written."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from chaos import ACTOR

from faults.moments import Hit, frozen, reached
from faults.schedule import Fault
from faults.watching import mapped
from faults.world import World

_MOST_LEFT_PAGES = 16
_PAGE_BYTES = 4096
"""Memory, of which the disk is made, comes in pages."""
_FILLS_WITHIN_SECONDS = 45.0
_STAYS_FULL_SECONDS = 4.0
_MOST_ATTEMPTS = 100
_HEADER_BYTES = 128
_CHECKPOINT_COMES_WITHIN_SECONDS = 60.0
FRAMES = "frames.npy"


def full(world: World, fault: Fault) -> Hit | None:
    """All but some bytes of it are taken, until the jobs have written those and want more; then it is freed."""
    job = world.job(fault.to)
    if not reached(world, job, fault):
        return None
    found = job.open()
    if not found.runs:
        return None
    endings = sum(len(each.endings) for each in world.jobs)
    world.held = True
    try:
        with _filled(world, _PAGE_BYTES * (1 + int(fault.amount * _MOST_LEFT_PAGES))):
            hit = world.wait(lambda: world.free_bytes() == 0, _FILLS_WITHIN_SECONDS)
            world.wait(lambda: False, _STAYS_FULL_SECONDS)
    finally:
        world.held = False
    ended = sum(len(each.endings) for each in world.jobs) - endings
    return Hit(fault=fault, open=found, note=f"{ended} drivers ended") if hit else None


@contextmanager
def _filled(world: World, left: int) -> Iterator[None]:
    ballast = world.disk / "ballast"
    handle = os.open(ballast, os.O_WRONLY | os.O_CREAT)
    try:
        for _ in range(_MOST_ATTEMPTS):
            with suppress(OSError):  # the jobs have written meanwhile, so that there is less than there was
                os.posix_fallocate(handle, 0, max(1, world.free_bytes() - left))
                break
        yield
    finally:
        os.close(handle)
        ballast.unlink()


def features(world: World, fault: Fault) -> Hit | None:
    """One bit of cached frames, while an actor has them mapped."""
    job = world.job(fault.to)
    if not reached(world, job, fault):
        return None
    actors = job.titled(ACTOR)
    with frozen(actors):
        found = mapped(actors, FRAMES)
        runs = job.open()
        if not found or not runs.runs:
            return None
        where = _flip(Path(found[0]), fault.amount, _HEADER_BYTES)
    return Hit(fault=fault, open=type(runs)(runs=runs.runs, files=runs.files, mapped=(FRAMES,)), note=where)


def checkpoint(world: World, fault: Fault) -> Hit | None:
    """One bit of a trial's checkpoint. All processes of the job are killed with it, so that the trial needs it."""
    job = world.job(fault.to)
    if not reached(world, job, fault):
        return None
    driver = job.pid

    def there() -> list[Path]:
        return [
            path
            for trial in job.running()
            for path in (world.storage / "checkpoints").glob(f"*/{trial}/[0-9]*/tensors.safetensors")
        ]

    world.wait(
        lambda: job.finished or job.sessions[-1] != driver or bool(there()),
        _CHECKPOINT_COMES_WITHIN_SECONDS,
        glance_seconds=0.05,
    )
    if job.finished or job.sessions[-1] != driver:
        return None
    with frozen(job.processes):
        found, files = job.open(), there()
        if not files:
            return None
        where = _flip(files[0], fault.amount, 0)
        job.strike_all()
    return Hit(fault=fault, open=found, note=where)


def _flip(path: Path, place: float, first: int) -> str:
    """Flip one bit of a file, at this part of its length. Gives its name and the offset."""
    size = path.stat().st_size
    offset = first + int(place * (size - first))
    with path.open("r+b") as file:
        file.seek(offset)
        (byte,) = file.read(1)
        file.seek(offset)
        file.write(bytes([byte ^ 1 << int(place * 1e6) % 8]))
    return f"{path.name}, byte {offset:,} of {size:,}"
