"""A fault run: a study and a search at once, under all the faults of a seed, compared with an undisturbed run.

PYTHONPATH=tests python -m faults.run --seed 1 [--json build/fault-run-1.json] [--keep FOLDER]
"""

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random

from chaos import ROOT

from faults import clocks, disks, kills, moves, second_drivers, servers
from faults.jobs import FaultFoundError, command
from faults.moments import Hit
from faults.records import Recorded, differences, read_record
from faults.schedule import Fault, Kind, deal, deal_again
from faults.summaries import Summary, printed
from faults.world import World, small_disk

STRIKES: Mapping[Kind, Callable[[World, Fault], Hit | None]] = {
    "driver": kills.driver,
    "actor": kills.actor,
    "raylet": kills.raylet,
    "control store": kills.control_store,
    "server": servers.server,
    "answer": servers.answer,
    "full disk": disks.full,
    "flipped features": disks.features,
    "flipped checkpoint": disks.checkpoint,
    "clock set back": clocks.set_back,
    "second driver": second_drivers.second_driver,
    "moved storage": moves.moved_storage,
}
_MISSES_AT_MOST = 60
_LOOKS_AHEAD = 8
_ENDS_WITHIN_SECONDS = 1200.0


class FaultRun:
    """The faults of one seed, one after another, on one world."""

    def __init__(self, world: World, seed: int) -> None:
        self._world = world
        self._queue = deal(seed)
        self._planned = len(self._queue)
        self._chance = Random(seed + 1)
        self._began = time.monotonic()
        self.hits: list[Hit] = []
        self.misses: list[Fault] = []

    def run(self) -> None:
        """Return when all faults have hit and both jobs have ended with status 0."""
        while self._queue:
            self._world.share_dealt = len(self.hits) / self._planned
            self._world.set_pace()
            fault = self._next()
            hit = STRIKES[fault.kind](self._world, fault)
            self._say(fault, hit)
            if hit is not None:
                self.hits.append(hit)
                continue
            self.misses.append(fault)
            assert len(self.misses) <= _MISSES_AT_MOST, "too many faults have hit nothing"
            self._queue.append(deal_again(fault, self._chance))
            assert any(not job.finished for job in self._world.jobs), "both jobs have ended before all faults have hit"
        self._world.share_dealt = 1.0
        self._world.set_pace()
        ended = self._world.wait(lambda: all(job.finished for job in self._world.jobs), _ENDS_WITHIN_SECONDS)
        if not ended:
            raise FaultFoundError("".join(job.printed()[-3000:] for job in self._world.jobs if not job.finished))

    def _next(self) -> Fault:
        """The next fault for a job that trains now: the other one may still be starting."""
        ready = {job.name for job in self._world.jobs if job.trains()}
        for fault in self._queue[:_LOOKS_AHEAD]:
            if fault.to in ready:
                self._queue.remove(fault)
                return fault
        return self._queue.pop(0)

    def _say(self, fault: Fault, hit: Hit | None) -> None:
        seconds = time.monotonic() - self._began
        done = " and ".join(f"{job.name} {job.done()}" for job in self._world.jobs)
        what = f"{fault.kind} {fault.way}".strip()
        where = f"{fault.to}, {fault.offset} {fault.unit}"
        if hit is None:
            print(f"{seconds:6.0f} s  hit nothing: {what} ({where}; done: {done})", flush=True)
            return
        found = hit.open
        seen = f"{len(found.runs)} runs, files {list(found.files[:3])}, requests {list(found.requests[:2])}"
        print(f"{seconds:6.0f} s  {len(self.hits) + 1:2} {what} ({where}; done: {done}): {seen} {hit.note}", flush=True)


def run_calm(folder: Path) -> dict[str, list[Recorded]]:
    """The record of an undisturbed study and search, by name."""
    storage = folder / "storage"
    for name in ("study", "search"):
        quiet = subprocess.DEVNULL
        subprocess.run(command(name, storage, "--quiet"), cwd=ROOT, stdout=quiet, stderr=quiet, check=True)
    return {
        name: read_record(storage / "mlflow.db", storage / "artifacts", f"faults-{name}")[0]
        for name in ("study", "search")
    }


def run_faults(seed: int, folder: Path, calm: Mapping[str, list[Recorded]]) -> Summary:
    """All of one seed, in an empty folder. Raises `FaultFoundError`, and `NoDiskError` where there can be none."""
    began = time.monotonic()
    with ExitStack() as stack:
        disk = stack.enter_context(small_disk(folder / "disk"))
        world = stack.enter_context(_world(folder, disk))
        run = FaultRun(world, seed)
        run.run()
        found, left = _compare(world, calm)
        return Summary.of(
            seed=seed,
            hits=run.hits,
            misses=len(run.misses),
            jobs=world.jobs,
            minutes=(time.monotonic() - began) / 60,
            differences=found,
            left=left,
        )


@contextmanager
def _world(folder: Path, disk: Path) -> Iterator[World]:
    world = World(folder, disk)
    with world.proxy:
        try:
            world.server.start()
            yield world
        finally:
            for job in world.jobs:
                job.end_everything()
            world.server.kill()


def _compare(world: World, calm: Mapping[str, list[Recorded]]) -> tuple[list[str], list[str]]:
    """What differs from the undisturbed run, and what is left lying about."""
    found, left = [], []
    places = {"study": world.storage / "artifacts", "search": world.disk / "server" / "served"}
    for job in world.jobs:
        trials, statuses = read_record(job.store(), places[job.name], f"faults-{job.name}")
        found += [f"{job.name}: {each}" for each in differences(trials, calm[job.name])]
        found += [f"{job.name}: {number} runs {status}" for status, number in statuses.items() if status != "FINISHED"]
    for name in ("outbox", "checkpoints"):
        left += [str(path.relative_to(world.storage)) for path in (world.storage / name).rglob("*") if path.is_file()]
    return found, left


def main() -> int:
    """Run one seed; the status is 1 where a fault was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, action="append", help="may be given again; 1, 2 and 3 by default")
    parser.add_argument("--json", type=Path, help="also write the summaries here")
    parser.add_argument("--keep", type=Path, help="a folder for what every process printed, without seeds from before")
    arguments = parser.parse_args()
    summaries = []
    with tempfile.TemporaryDirectory(prefix="sp-faults-", ignore_cleanup_errors=True) as name:
        place = Path(name) if arguments.keep is None else arguments.keep.resolve()
        place.mkdir(parents=True, exist_ok=True)
        calm = run_calm(place)
        for seed in arguments.seed or [1, 2, 3]:
            print(f"seed {seed}", flush=True)
            (folder := place / str(seed)).mkdir()
            summaries.append(run_faults(seed, folder, calm))
    print(printed(summaries))
    if arguments.json is not None:
        arguments.json.write_text(json.dumps([summary.plain() for summary in summaries], indent=1), encoding="utf-8")
    return 1 if any(summary.differences or summary.left for summary in summaries) else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started is ended, and the disk unmounted
    sys.exit(main())
