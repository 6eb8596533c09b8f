"""Ctrl-C in two steps, in processes of their own."""

import json
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
WITHIN_SECONDS = 45
"""What is not ended by its signal sleeps for a minute."""

pytestmark = pytest.mark.usefixtures("ctrl_c")

_PROGRAM = """
import signal, sys, time
from soundproof.trainables.sweeps.interrupts import two_step_interrupts
try:
    with two_step_interrupts():
        {body}
except KeyboardInterrupt:
    print("interrupted", flush=True)
print("after", flush=True)
"""
FINISHES = """try:
            print("ready", flush=True)
            time.sleep(60)
        finally:
            print("finishing", flush=True)
            time.sleep({seconds})
            print("finished writing", flush=True)"""
DEAF = """import ctypes, threading
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT, signal.SIGTERM])
        poll = ctypes.CDLL(None).poll
        threading.Timer(1.0, print, ["ready"], dict(flush=True)).start()
        poll(None, 0, 60_000)
        print("came back", flush=True)"""
"""The main thread waits in C, and the system hands signals to another thread.

It says from a third one, a second later, that it is ready: a signal that came before would be Python's to handle.
"""
OVERRULED = """from soundproof.trainables.sweeps.interrupts import raised_at_once
        signal.signal(signal.SIGINT, lambda *_: print("later", flush=True))
        with raised_at_once():
            print("ready", flush=True)
            time.sleep(60)"""
"""A library puts interrupts off."""


def _started(body: str) -> subprocess.Popen[str]:
    """The program, once it is where a signal finds it."""
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM.format(body=body)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_ends_in_order(sent: signal.Signals) -> None:
    """KeyboardInterrupt is raised, what has to be finished is finished, and the user hears of the second step."""
    process = _started(FINISHES.format(seconds=0.2))
    process.send_signal(sent)
    out, err = process.communicate(timeout=WITHIN_SECONDS)
    assert (process.returncode, out) == (0, "finishing\nfinished writing\ninterrupted\nafter\n")
    assert "Ctrl-C again stops at once" in err


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_what_a_library_puts_off_is_raised_at_once_where_that_is_asked_for(sent: signal.Signals) -> None:
    """Ray Tune waits until a step of its own is done, which features may be made in."""
    process = _started(OVERRULED)
    process.send_signal(sent)
    out, _ = process.communicate(timeout=WITHIN_SECONDS)
    assert (process.returncode, out) == (0, "interrupted\nafter\n")


def test_the_second_signal_ends_at_once() -> None:
    """Without what the first would still have done, with status 130 and a line that says what is kept."""
    process = _started(FINISHES.format(seconds=60))
    process.send_signal(signal.SIGINT)
    assert process.stdout is not None
    assert process.stdout.readline() == "finishing\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=WITHIN_SECONDS)
    assert (process.returncode, out) == (130, "")
    assert err.splitlines()[-1].startswith("stopped at once")


def test_a_main_thread_that_is_busy_in_c_cannot_put_the_second_off() -> None:
    """Handlers of Python's wait for the main thread to come back from a library; the end does not."""
    process = _started(DEAF)
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    assert process.stderr.readline().startswith("stopping")
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=WITHIN_SECONDS)
    assert (process.returncode, out) == (130, "")


def test_signals_mean_what_they_meant_before_when_the_block_is_left() -> None:
    """Handlers and the wake-up file are put back, and no thread stays."""
    program = """
import signal, threading
from soundproof.trainables.sweeps.interrupts import two_step_interrupts
before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
with two_step_interrupts():
    assert signal.getsignal(signal.SIGTERM) != before[0]
assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before
assert signal.set_wakeup_fd(-1) == -1
assert threading.active_count() == 1
"""
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)


STUDY = "asr-merge-mode"
TRIALS = 10


def _command(storage: Path) -> list[str]:
    options = ["--preset", "smoke", "--seeds", "2", "--storage", str(storage), "--json"]
    return [sys.executable, "run_search.py", "run", STUDY, *options]


def _statuses(storage: Path) -> list[str]:
    """MLflow's words for all runs that are not deleted, read beside the driver without opening the store."""
    try:
        with closing(sqlite3.connect(f"file:{storage / 'mlflow.db'}?mode=ro", uri=True)) as store:
            return [row[0] for row in store.execute("SELECT status FROM runs WHERE lifecycle_stage = 'active'")]
    except sqlite3.OperationalError:
        return []


def _stopped(storage: Path, signals: Sequence[signal.Signals]) -> tuple[int, str]:
    """A run stopped after two trials: its status, and what it said."""
    driver = subprocess.Popen(
        _command(storage),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 240
    while _statuses(storage).count("FINISHED") < 2:
        assert driver.poll() is None, "the run ended before it could be stopped"
        assert time.monotonic() < deadline
        time.sleep(0.05)
    for number, sent in enumerate(signals):
        time.sleep(0.2 if number else 0)
        driver.send_signal(sent)
    _, told = driver.communicate(timeout=120)
    return driver.returncode, told


def _assert_resumes(storage: Path) -> None:
    """The same command trains the rest: each trial is there once."""
    done = subprocess.run(_command(storage), cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "0 trials to train" not in done.stderr
    assert _statuses(storage) == ["FINISHED"] * (TRIALS + 1)
    assert [variant["n"] for variant in json.loads(done.stdout)["variants"]] == [2] * 5


@pytest.mark.evidence
@pytest.mark.timeout(600)
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_writes_everything_down(tmp_path: Path, sent: signal.Signals) -> None:
    """Status 130, no traceback, no run left open; the same command goes on."""
    status, told = _stopped(tmp_path, [sent])
    assert status == 130, told
    assert "Traceback" not in told
    assert "***" not in told  # the native stack that Ray's own handler of SIGTERM writes
    assert "Ctrl-C again stops at once" in told
    assert "RUNNING" not in _statuses(tmp_path)
    _assert_resumes(tmp_path)


@pytest.mark.evidence
@pytest.mark.timeout(600)
def test_a_run_that_is_stopped_twice_is_gone_at_once(tmp_path: Path) -> None:
    """The second signal is the last that it speaks of, and nothing finished is lost or there twice."""
    status, told = _stopped(tmp_path, [signal.SIGINT, signal.SIGINT])
    assert status == 130, told
    assert "stopped at once" in told
    _assert_resumes(tmp_path)
