"""Processes that end with the one that started them."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
STARTS = """
import multiprocessing, sys, time
from soundproof.trainables.features.processes import end_with_parent, interrupts_blocked, parent_pipe

def watch(watched):
    end_with_parent(watched)
    print("watches", flush=True)
    time.sleep(60)

if __name__ == "__main__":
    with parent_pipe() as (kept, watched):
        with interrupts_blocked():
            process = multiprocessing.get_context("spawn").Process(target=watch, args=(watched,))
            process.start()
        if sys.stdin.readline():
            kept.close()
        process.join()
        print("joined", process.exitcode, flush=True)
"""


@pytest.fixture
def starter(tmp_path: Path, ctrl_c: None) -> subprocess.Popen[str]:
    """A process that has started one that watches it."""
    script = tmp_path / "starter.py"
    script.write_text(STARTS)
    process = subprocess.Popen(
        [sys.executable, script],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "watches\n"
    return process


def _is_there(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_pipe_that_is_closed_ends_who_watches_it(starter: subprocess.Popen[str]) -> None:
    """At once, whatever it is at."""
    out, _ = starter.communicate("close\n", timeout=5)
    assert out == "joined 1\n"


def test_a_starter_that_is_killed_leaves_no_process(starter: subprocess.Popen[str]) -> None:
    """The system closes its end of the pipe."""
    starter.kill()
    starter.communicate(timeout=5)  # until nobody holds its output
    deadline = time.monotonic() + 5
    while _is_there(starter.pid):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_ctrl_c_in_a_terminal_is_the_business_of_the_starter(starter: subprocess.Popen[str]) -> None:
    """The terminal sends it to both, and one reports it."""
    os.killpg(starter.pid, signal.SIGINT)
    _, reported = starter.communicate(timeout=5)
    assert reported.count("Traceback") == 1
