"""One program, on the machine that it runs on: started so that it outlives whoever started it, and attended to.

A shell of its own session waits for the program and writes how it ended, by a rename. So a driver or a worker that dies
takes no run with it: the next one finds the shell by what it wrote, waits for it, and starts nothing twice. Imported
by Ray's workers, so nothing heavy is.
"""

import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil

from soundproof.trainables.sweeps.programs.run_folders import RunFolder

Ending = Literal["exited", "stopped", "lost"]
"""How attending to a run ended: the program did, somebody wanted it to, or its shell went without a word."""

RUN_FOLDER = "SOUNDPROOF_RUN_FOLDER"
"""In the environment of every run. It also tells our shell from another process of the same number."""

_GLANCE_SECONDS = 0.2
"""How often it is looked whether somebody wants the run to stop. Its own end is noticed at once."""
_PATIENCE_SECONDS = 5.0
"""Between the signal that asks a program to end and the one that does not."""

# $1: the machine's name; then the program and its arguments
_ATTENDED = f"""
host=$1; shift
printf '%s %s' $$ "$host" > "${RUN_FOLDER}/.pid" && mv "${RUN_FOLDER}/.pid" "${RUN_FOLDER}/pid" || exit 125
"$@" > "${RUN_FOLDER}/stdout.txt" 2> "${RUN_FOLDER}/stderr.txt" < /dev/null
status=$?
printf '%s' $status > "${RUN_FOLDER}/.exit_status" && mv "${RUN_FOLDER}/.exit_status" "${RUN_FOLDER}/exit_status"
"""
# a shell between the two ends at once, so that the other one is nobody's child: Ray ends the children of its workers
_DETACHED = 'inner=$1; shift; /bin/sh -c "$inner" sh "$@" > /dev/null 2>&1 & echo $!'


@dataclass(frozen=True, kw_only=True, slots=True)
class Start:
    """What is started: the words of a command, in which folder, with which environment."""

    words: Sequence[str]
    working_folder: str
    environment: Mapping[str, str]


def attend(folder: str, start: Start) -> Ending:
    """Start the run, or take up what an earlier call has started, and wait for its end."""
    run = RunFolder(Path(folder))
    if run.exit_status is not None:
        return "exited"
    shell = running_shell(run)
    if shell is None:
        run.forget()
        shell = _launch(run, start)
    with _end_of(shell) as ended:
        while not ended(_GLANCE_SECONDS):
            if run.stop_reason is not None:
                _end(shell)
                return "stopped"
    return "lost" if run.exit_status is None else "exited"


def running_shell(run: RunFolder) -> int | None:
    """The shell that waits for the run's program on this machine; None where there is none any more."""
    written = run.shell
    if written is None or written[1] != os.uname().nodename:
        return None
    try:
        process = psutil.Process(written[0])
        ours = process.environ().get(RUN_FOLDER) == str(run.path)
        return written[0] if ours and process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.Error:
        return None


def _launch(run: RunFolder, start: Start) -> int:
    host = os.uname().nodename
    started = subprocess.run(  # noqa: S603  # what the user wants run, word by word
        ["/bin/sh", "-c", _DETACHED, "sh", _ATTENDED, host, *start.words],
        cwd=start.working_folder,
        env={**start.environment, RUN_FOLDER: str(run.path)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        start_new_session=True,
        check=True,
    )
    return int(started.stdout)


@contextmanager
def _end_of(pid: int) -> Iterator[Callable[[float], bool]]:
    """What waits for the end of a process that is nobody's child here, for at most so many seconds."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        yield lambda _: True
        return
    except (AttributeError, OSError):  # an older kernel, or a sandbox
        yield lambda seconds: _gone_within(pid, seconds)
        return
    try:
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        yield lambda seconds: bool(poll.poll(seconds * 1000))
    finally:
        os.close(descriptor)


def _gone_within(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while psutil.pid_exists(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


def _end(pid: int) -> None:
    """End the shell and all that it started, first by asking."""
    try:
        group = os.getpgid(pid)
        for number in (signal.SIGTERM, signal.SIGKILL):
            os.killpg(group, number)
            deadline = time.monotonic() + _PATIENCE_SECONDS
            while time.monotonic() < deadline:
                os.killpg(group, 0)  # raises once nobody is left
                time.sleep(0.02)
    except ProcessLookupError:
        return
