"""Kills the driver of a search, its actors and the server of its record, again and again, at random moments."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Literal

from tracking_servers import TrackingServer

Victim = Literal["actor", "server", "driver", "driver's group"]

ROOT = Path(__file__).resolve().parents[1]
ACTOR = re.compile(r"ray::(TrialActor|ResourceTrainable)")
"""Titles of an actor: Ray names it after its class, and after the wrapper with its resources while it works."""
TRAINING = re.compile(r"ray::ResourceTrainable\.train")

ACTORS_AT_MOST = 2
"""Actors killed in the life of one driver: a trial that loses one more has failed, and rightly so."""
STORE_AWAY = 2
"""The driver's exit status when the server was away for too long."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Life:
    """What happens to one driver. One that dies while it starts does so before anybody else is killed."""

    blows: Sequence[Victim]
    dies_while_starting: bool = False


def plan_lives(chance: Random) -> list[Life]:
    """Two drivers killed while trials run, one while it starts, and a last one that may finish; 10 kills."""
    deaths: list[Victim] = ["driver", "driver's group", chance.choice(["driver", "driver's group"])]
    chance.shuffle(deaths)
    early = chance.randrange(len(deaths))
    training = [number for number in range(len(deaths) + 1) if number != early]
    actors = chance.sample(training * ACTORS_AT_MOST, 4)
    servers = chance.sample(training, len(training))
    lives = []
    for number in range(len(deaths) + 1):
        blows: list[Victim] = ["actor"] * actors.count(number) + ["server"] * servers.count(number)
        chance.shuffle(blows)
        lives.append(Life(blows=[*blows, *deaths[number : number + 1]], dies_while_starting=number == early))
    return lives


class Torment:
    """One search, told by `command`, through all that is planned for it. What it says goes to files in `folder`."""

    def __init__(self, command: Sequence[str], server: TrackingServer, folder: Path, chance: Random) -> None:
        self._command = command
        self._server = server
        self._folder = folder
        self._chance = chance
        self._began = time.monotonic()
        self._sessions: list[int] = []
        self._driver: subprocess.Popen[bytes] | None = None
        self._beside = ThreadPoolExecutor(1)
        self._server_back: Future[None] | None = None
        self.kills: list[Victim] = []
        """Who was killed, in this order."""
        self.survivors: list[int] = []
        """Actors that were still there when the last driver had ended."""

    def run(self) -> None:
        """Return when the search has ended of itself, with status 0."""
        try:
            for life in plan_lives(self._chance):
                self._live(life)
            while not self._ended():
                self._start()
            self.survivors = [process for session in self._sessions for process in of_session(session, ACTOR)]
        finally:
            self._beside.shutdown()
            self._clean_up()

    def _live(self, life: Life) -> None:
        self._start()
        if life.dies_while_starting:
            time.sleep(self._chance.uniform(0.5, 12))
        for victim in life.blows:
            if not life.dies_while_starting:
                self._wait_for(TRAINING)
                time.sleep(self._chance.uniform(0.1, 1.2))
            self._kill(victim)

    def _start(self) -> None:
        """A driver in a session of its own, by which all processes are known that it starts."""
        number = len(self._sessions)
        with (self._folder / f"{number}.out").open("wb") as out, (self._folder / f"{number}.err").open("wb") as err:
            self._driver = subprocess.Popen(self._command, cwd=ROOT, stdout=out, stderr=err, start_new_session=True)
        self._sessions.append(self._driver.pid)
        self._say("driver starts")

    def _kill(self, victim: Victim) -> None:
        assert self._driver is not None
        match victim:
            case "actor":
                os.kill(self._chance.choice(self._wait_for(ACTOR)), signal.SIGKILL)
            case "server":
                self._kill_server()
            case "driver":
                os.kill(self._driver.pid, signal.SIGKILL)
                self._driver.wait()
            case "driver's group":
                os.killpg(self._driver.pid, signal.SIGKILL)
                self._driver.wait()
        self.kills.append(victim)
        self._say(f"{victim} killed")

    def _kill_server(self) -> None:
        if self._server_back is not None:
            self._server_back.result()
        self._server.kill()
        self._server_back = self._beside.submit(self._start_server, self._chance.uniform(0.5, 8))

    def _start_server(self, pause_seconds: float) -> None:
        time.sleep(pause_seconds)
        self._server.start()
        self._say(f"server back, started after {pause_seconds:.1f} s")

    def _wait_for(self, title: re.Pattern[str]) -> list[int]:
        """Ids of the driver's processes of that title. A driver that could not reach the server is started again."""
        assert self._driver is not None
        deadline = time.monotonic() + 240
        while True:
            found = list(of_session(self._driver.pid, title))
            if found:
                return found
            assert time.monotonic() < deadline, "no trial has started"
            if self._driver.poll() is not None:
                assert not self._ended(), "the search ended before all kills were done"
                self._start()
            time.sleep(0.05)

    def _ended(self) -> bool:
        """Wait for the driver: true when it finished the search, false when its server was away for too long."""
        assert self._driver is not None
        status = self._driver.wait(timeout=240)
        said = (self._folder / f"{len(self._sessions) - 1}.err").read_text()
        self._say(f"driver ended with status {status}")
        assert status in (0, STORE_AWAY), said
        assert status == 0 or said.splitlines()[-1].startswith("error: the tracking store"), said
        if status == STORE_AWAY and self._server_back is not None:
            self._server_back.result()
        return status == 0

    def _clean_up(self) -> None:
        """End what dead drivers left: Ray's agents wait a minute for a head node that is gone."""
        for session in self._sessions:
            for process in of_session(session):
                os.kill(process, signal.SIGKILL)
        if self._driver is not None:
            self._driver.wait()

    def _say(self, what: str) -> None:
        print(f"{time.monotonic() - self._began:6.1f} s  {what}", flush=True)


def of_session(session: int, title: re.Pattern[str] | None = None) -> Iterator[int]:
    """Ids of the processes of a session, those that are dead and not yet collected left out."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                state, _, _, its_session = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
                said = (folder / "cmdline").read_bytes().decode(errors="replace")
            except OSError:  # it has ended meanwhile
                continue
            if int(its_session) == session and state != "Z" and (title is None or title.match(said)):
                yield int(folder.name)
