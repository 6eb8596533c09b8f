"""Whether Ray still lives: found out beside the main thread, said in our words, within a minute."""

import socket
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from soundproof.common.errors import UserError
from soundproof.trainables.sweeps.ray_tune import ray_watch
from soundproof.trainables.sweeps.ray_tune.ray_watch import Part, RayDiedError, RayWatch

ROOT = Path(__file__).resolve().parents[4]
DEAD = Part(name="the raylet", alive=lambda: False)

_WAITS = """
import time
from soundproof.trainables.sweeps.ray_tune.ray_watch import Part, RayWatch
with RayWatch([Part(name="the raylet", alive=lambda: False)], last_moment_seconds=0.1) as watch:
    with watch.watching():
        while watch.alive:
            time.sleep(0.01)
    time.sleep(60)  # Ray shuts down, say
"""


def test_who_waits_for_a_dead_ray_is_told() -> None:
    """What died, that nothing is lost, and what to do."""
    watch = RayWatch([DEAD])
    watch.check()  # nobody has looked yet
    assert watch.alive
    said = "the raylet is gone.*Nothing that has ended is lost.*same command again"
    with pytest.raises(RayDiedError, match=said), watch.watching():
        watch.check_now()
    assert not watch.alive


def test_what_rays_functions_raise_then_says_less() -> None:
    """An error of another kind is what it is, while Ray lives, and where the user can mend it."""
    for error, watch, raised in (
        (ConnectionError("broken"), RayWatch([DEAD]), RayDiedError),
        (ConnectionError("broken"), RayWatch([]), ConnectionError),
        (UserError("the disk is full"), RayWatch([DEAD]), UserError),
    ):
        with pytest.raises(raised) as told, watch.watching():
            raise error
        assert type(told.value) is raised


def test_a_part_that_may_come_back_is_waited_for() -> None:
    """And is forgiven once it is there again."""
    answers = iter([False, True, False, False])
    watch = RayWatch([Part(name="the store", alive=lambda: next(answers), patience_seconds=3600)])
    for _ in range(4):
        watch.check_now()
    assert watch.alive


def test_a_main_thread_that_does_not_come_back_is_ended() -> None:
    """With the same words and a status that is not 0: a library of Ray's may wait for ever."""
    done = subprocess.run(
        [sys.executable, "-c", _WAITS], cwd=ROOT, capture_output=True, text=True, check=False, timeout=50
    )
    assert done.returncode == 2
    assert done.stderr.startswith("error: the raylet is gone")
    assert done.stdout == ""


def test_a_killed_process_and_a_closed_port_are_dead() -> None:
    """Also while nobody has collected the process."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    found = psutil.Process(process.pid)
    assert ray_watch._runs(found)
    process.kill()
    psutil.wait_procs([found], timeout=30)
    assert not ray_watch._runs(found)
    process.communicate()
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        assert ray_watch._answers(address)
    assert not ray_watch._answers(address)


def test_nothing_watches_when_the_block_is_left() -> None:
    """Its thread ends."""
    with RayWatch([]):
        (thread,) = [thread for thread in threading.enumerate() if thread.name == "ray-watch"]
    thread.join(30)
    assert not thread.is_alive()
