"""The storage, moved to another place between drivers that were killed."""

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from chaos import ROOT

from faults.jobs import FaultFoundError
from faults.moments import Hit, reached
from faults.schedule import Fault
from faults.watching import Open
from faults.world import World

_ENDS_WITHIN_SECONDS = 60.0


def moved_storage(world: World, fault: Fault) -> Hit | None:
    """Refused while something runs on it. Then all is killed, and it is moved with what was open."""
    job = world.job(fault.to)
    if not reached(world, job, fault):
        return None
    new = world.disk / f"storage-{world.moves + 1}"
    driver = job.pid
    status, said = _move(world, new)
    if job.finished or job.sessions[-1] != driver:
        return None
    if status != 2 or "in use" not in said:
        raise FaultFoundError(f"a storage in use was to be moved: status {status}\n{said}")
    world.held = True
    try:
        for each in world.jobs:
            if not each.finished and each.alive:
                each.strike_all()
        world.wait(lambda: not any(each.alive for each in world.jobs), _ENDS_WITHIN_SECONDS)
        found = _left_open(world)
        status, said = _move(world, new)
        if status not in (0, 1) or "moved to" not in said or world.storage.exists():
            raise FaultFoundError(f"the storage could not be moved: status {status}\n{said}")
        world.moves, world.storage = world.moves + 1, new
    finally:
        world.held = False
    return Hit(fault=fault, open=found, note=f"{len(found.files)} files of trials in progress") if found.runs else None


def _left_open(world: World) -> Open:
    runs = tuple(trial for job in world.jobs for trial in job.running())
    files: list[str] = []
    for folder in ("checkpoints", "outbox"):
        with suppress(OSError):
            files += [_below(path, world) for path in (world.storage / folder).rglob("*") if path.is_file()]
    return Open(runs=runs, files=tuple(files))


def _below(path: Path, world: World) -> str:
    return str(path.relative_to(world.storage))


def _move(world: World, new: Path) -> tuple[int, str]:
    command = [sys.executable, "run_search.py", "check", "--storage", str(world.storage), "--move-to", str(new)]
    done = subprocess.run(
        command, cwd=ROOT, env=world.environment, capture_output=True, text=True, check=False, timeout=300
    )
    said = done.stdout + done.stderr
    (world.said / f"move-{new.name}.txt").write_text(said, encoding="utf-8")
    if "Traceback" in said:
        raise FaultFoundError(f"check --move-to ended with status {done.returncode}:\n{said}")
    return done.returncode, said
