"""A study or a search whose command is given again and again, until it ends of itself with status 0."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from chaos import ACTOR, ROOT, TRAINING, of_session

from faults.schedule import Name
from faults.watching import Open, bytes_written, files_written, runs

DECLARED = Path(__file__).with_name("declared.py")
SEEDS = 12
TRIALS = {"study": 4 * SEEDS, "search": 56}
"""More than are trained while all faults are dealt: a job that has ended cannot be struck."""
_CALM_SEARCH = ("--sampler", "random", "--scheduler", "none")
"""Whose trials do not depend on which of them ends first."""
DIES_WITHIN_SECONDS = 240.0
"""A driver whose Ray has died. It says so within a minute where nothing else runs on the machine."""
ALLOWED = frozenset({0, 2, 130})


class FaultFoundError(AssertionError):
    """The product has done what it must not do. The message says what, and what it printed."""


def command(name: Name, storage: Path, *more: str) -> list[str]:
    """What the study or the search is run with, the same each time but for where its storage lies."""
    words = {
        "study": ["run", "faults-study", "--seeds", str(SEEDS)],
        "search": ["search", "faults-search", "--trials", str(TRIALS["search"]), "--confirm", "0", *_CALM_SEARCH],
    }[name]
    common = ["--file", str(DECLARED), "--preset", "smoke", "--max-concurrent", "1", "--storage", str(storage)]
    return [sys.executable, "run_search.py", *words, *common, *more]


@dataclass(kw_only=True)
class Job:
    """One of the two. `store` and `command` follow the storage, wherever that is now."""

    name: Name
    command: Callable[[], list[str]]
    store: Callable[[], Path]
    """The SQLite file in which its runs are."""
    disk: Path
    """What it writes to lies below."""
    said: Path
    """A folder for what its drivers print."""
    environment: Mapping[str, str]
    pace: Path
    finished: bool = False
    endings: list[tuple[int, str]] = field(default_factory=list)
    """Status and last line of every driver that has ended."""
    actors_killed: int = 0
    """In the life of this driver: Soundproof gives a trial up whose actors die three times."""
    sessions: list[int] = field(default_factory=list)
    _driver: subprocess.Popen[bytes] | None = None
    _struck: bool = False
    """Whether the driver was sent a signal by us."""
    _ends_before: float | None = None

    @property
    def pid(self) -> int:
        """Of the driver."""
        assert self._driver is not None
        return self._driver.pid

    @property
    def alive(self) -> bool:
        """Whether a driver runs."""
        return self._driver is not None and self._driver.poll() is None

    @property
    def processes(self) -> list[int]:
        """Of the driver's session: itself, Ray and the actors."""
        return list(of_session(self.pid))

    def running(self) -> tuple[str, ...]:
        """Trials that run by the record."""
        return runs(self.store(), f"faults-{self.name}", "RUNNING")

    def done(self) -> int:
        """Trials that are finished by the record."""
        return len(runs(self.store(), f"faults-{self.name}", "FINISHED"))

    def passes(self) -> int:
        """Passes of training since the beginning, those that came to nothing included."""
        counted = self.pace.with_suffix(".passes")
        return counted.stat().st_size if counted.exists() else 0

    def trains(self) -> bool:
        """Whether an actor trains and the record says so."""
        if self._driver is None or self._ends_before is not None or self._driver.poll() is not None:
            return False
        return bool(self.titled(TRAINING)) and bool(self.running())

    def titled(self, title: re.Pattern[str]) -> list[int]:
        """Processes of the session with that title."""
        return list(of_session(self.pid, title))

    def open(self) -> Open:
        """What is open now."""
        processes = self.processes
        return Open(runs=self.running(), files=files_written(processes, self.disk))

    def written(self) -> int:
        """Bytes that the driver and its actors have written."""
        return bytes_written([self.pid, *self.titled(ACTOR)])

    def start(self) -> None:
        """Give the command, in a session of its own, by which all processes are known that it starts."""
        out, err = (self.said / f"{self.name}-{len(self.sessions):02}.{kind}" for kind in ("out", "err"))
        with out.open("wb") as output, err.open("wb") as errors:
            self._driver = subprocess.Popen(
                self.command(),
                cwd=ROOT,
                env=self.environment,
                stdout=output,
                stderr=errors,
                start_new_session=True,
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  # no threads wait here
            )
        self.sessions.append(self._driver.pid)
        self._struck, self._ends_before, self.actors_killed = False, None, 0

    def strike(self, number: signal.Signals, *, group: bool = False) -> None:
        """Send the driver a signal that it may end by."""
        self._struck = True
        (os.killpg if group else os.kill)(self.pid, number)

    def strike_all(self) -> None:
        """SIGKILL to the driver and to all that it has started."""
        self._struck = True
        for process in [self.pid, *self.processes]:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)

    def has_to_end(self) -> None:
        """Its Ray is dead: it has to say so."""
        self._ends_before = time.monotonic() + DIES_WITHIN_SECONDS

    def tend(self) -> bool:
        """Look whether the driver has ended, and how; true where it has to be started again."""
        if self.finished:
            return False
        if self._driver is None:
            return True
        status = self._driver.poll()
        if status is None:
            if self._ends_before is not None and time.monotonic() > self._ends_before:
                raise FaultFoundError(f"the {self.name} hangs after Ray has died:\n{self.printed()[-3000:]}")
            return False
        self._judge(status)
        self._driver = None
        self.finished = status == 0
        return not self.finished

    def _judge(self, status: int) -> None:
        printed = self.printed()
        last = next((line for line in reversed(printed.splitlines()) if line.strip()), "")
        self.endings.append((status, last))
        by_us = self._struck and (status < 0 or status == 128 + signal.SIGTERM)
        said = status != 2 or "error: " in printed
        if "Traceback" in printed or not said or (status not in ALLOWED and not by_us):
            raise FaultFoundError(f"the {self.name} ended with status {status}:\n{printed[-6000:]}")
        if self._ends_before is not None and not (status == 2 and "give the same command again" in printed):
            raise FaultFoundError(f"Ray died under the {self.name}, status {status}:\n{printed[-3000:]}")

    def printed(self) -> str:
        """What the last driver has printed as errors and progress."""
        path = self.said / f"{self.name}-{len(self.sessions) - 1:02}.err"
        return path.read_text(encoding="utf-8", errors="replace")

    def all_printed(self) -> str:
        """What all drivers have."""
        files = sorted(self.said.glob(f"{self.name}-*.err"))
        return "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in files)

    def end_everything(self) -> None:
        """Kill what is there of all its sessions: Ray's agents wait a minute for a head node that is gone."""
        for session in self.sessions:
            for process in of_session(session):
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
        if self._driver is not None:
            self._driver.wait()
