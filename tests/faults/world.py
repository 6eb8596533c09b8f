"""Where a fault run happens: one small disk, one storage, one server behind a proxy, one clock, and the two jobs."""

import os
import shutil
import struct
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tracking_servers import TrackingServer

from faults.answering import Proxy
from faults.jobs import TRIALS, Job, command
from faults.schedule import Name

DISK_MB = 400
CLOCK_FOLDER = Path(__file__).with_name("clock_folder")
_SLOW_PASS_SECONDS = 1.2
"""An epoch has five passes, and a checkpoint is written where five seconds have passed since the last."""
_CRAWLING_PASS_SECONDS = 60.0
_GLANCE_SECONDS = 0.005


class NoDiskError(Exception):
    """No disk of a given size can be had: that takes the right to mount one."""


@contextmanager
def small_disk(place: Path) -> Iterator[Path]:
    """A disk of its own at `place`, in memory. Raises `NoDiskError`."""
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "none", str(place)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NoDiskError(f"no disk of its own could be mounted at {place}: {done.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=False)


class World:
    """All of it. Faults change it; `wait` keeps both jobs going meanwhile."""

    def __init__(self, folder: Path, disk: Path) -> None:
        self.folder, self.disk = folder, disk
        self.storage = disk / "storage-0"
        self.said = folder / "said"
        self.said.mkdir()
        (disk / "server").mkdir()
        self.clock = folder / "clock"
        self.clock.write_bytes(struct.pack("<dB", 0.0, 0))
        self.environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        self.environment |= {"PYTHONPATH": str(CLOCK_FOLDER), "SOUNDPROOF_FAULTS_CLOCK": str(self.clock)}
        self.environment |= {"MLFLOW_HTTP_REQUEST_TIMEOUT": "30"}  # on a busy machine healthy servers need it
        self.server = TrackingServer(disk / "server", self.environment)
        self.proxy = Proxy(self.server.uri)
        self.jobs = [self._job("study"), self._job("search")]
        self.held = False
        """Whether drivers that have ended are not started again for now."""
        self.share_dealt = 0.0
        """Of the faults."""
        self.moves = 0
        self.set_back_seconds = 0.0

    def _job(self, name: Name) -> Job:
        pace = self.folder / f"pace-{name}"
        pace.write_text(str(_SLOW_PASS_SECONDS), encoding="ascii")
        return Job(
            name=name,
            command=lambda: self.command(name),
            store=lambda: self.storage / "mlflow.db" if name == "study" else self.disk / "server" / "server.db",
            disk=self.disk,
            said=self.said,
            environment=self.environment | {"SOUNDPROOF_FAULTS_PACE": str(pace)},
            pace=pace,
        )

    def command(self, name: Name, storage: Path | None = None) -> list[str]:
        """Of a job, on the storage or on another one."""
        more = ["--tracking-uri", self.proxy.uri] if name == "search" else []
        return command(name, storage or self.storage, *more)

    def job(self, name: str) -> Job:
        """The study or the search."""
        return next(job for job in self.jobs if job.name == name)

    def tend(self) -> None:
        """Give commands again whose drivers have ended."""
        for job in self.jobs:
            if job.tend() and not self.held:
                job.start()

    def wait(self, until: Callable[[], bool], seconds: float, glance_seconds: float = _GLANCE_SECONDS) -> bool:
        """Keep all going until something is so; false where it is not within so many seconds."""
        gives_up = time.monotonic() + seconds
        while not until():
            if time.monotonic() > gives_up:
                return False
            self.tend()
            time.sleep(glance_seconds)
        return True

    def set_pace(self, struck: Job | None = None) -> None:
        """Slow while faults are to come; nearly none for a job that has done more of its trials than of its faults.

        The job that is to be `struck` is not held up further, so that it comes to where it is struck.
        """
        for job in self.jobs:
            ahead = job is not struck and job.done() / TRIALS[job.name] > self.share_dealt
            seconds = 0.0 if self.share_dealt >= 1 else _CRAWLING_PASS_SECONDS if ahead else _SLOW_PASS_SECONDS
            unfinished = job.pace.with_suffix(".new")
            unfinished.write_text(str(seconds), encoding="ascii")
            unfinished.replace(job.pace)

    def set_clock_back(self, seconds: float) -> None:
        """For all processes of both jobs and of the server, those that come included."""
        self.set_back_seconds += seconds
        with self.clock.open("r+b") as file:
            file.write(struct.pack("<dB", -self.set_back_seconds, 0))

    @property
    def clock_was_read(self) -> bool:
        """Whether anybody has asked for the time since the clock was set."""
        return self.clock.read_bytes()[8] == 1

    def free_bytes(self) -> int:
        """Of the disk."""
        return shutil.disk_usage(self.disk).free
