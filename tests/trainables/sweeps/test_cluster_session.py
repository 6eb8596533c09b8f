"""Sessions of Ray: who may hear a local one, and what is said where a cluster cannot be joined."""

import errno
import json
import subprocess
import sys
from pathlib import Path

import pytest
import ray
import torch

from soundproof.trainables.sweeps.ray_tune.session import ClusterError, RayStartError, join, session

ROOT = Path(__file__).resolve().parents[3]

SESSION = """
import json, os
from pathlib import Path
from soundproof.trainables.sweeps.ray_tune.session import session
from soundproof.trainables.sweeps.ray_tune.resources import ResourcesError, room, usual_gpu_share

def tree():
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text(errors="replace").rpartition(")")[2].split()[1])
        except OSError:
            pass
    found = [os.getpid()]
    for one in found:
        found += [pid for pid, parent in parents.items() if parent == one]
    return found

def listening():
    lines = [line.split() for kind in ("tcp", "tcp6") for line in Path("/proc/net", kind).read_text().splitlines()[1:]]
    address_of = {f"socket:[{line[9]}]": line[1].partition(":")[0] for line in lines if line[3] == "0A"}
    open_files = []
    for pid in tree():
        for path in Path(f"/proc/{pid}/fd").glob("*"):
            try:
                open_files.append(os.readlink(path))
            except OSError:
                pass
    return [address_of[file] for file in open_files if file in address_of]

with session(None, 2):
    import ray
    ray.get(ray.remote(num_cpus=0)(lambda: None).remote())
    try:
        room(1000.0, 0.0)
    except ResourcesError as error:
        refusal = str(error)
    told = {
        "listening": listening(),
        "share": usual_gpu_share("a cluster"),
        "own share": usual_gpu_share(None),
        "room": room(0.001, 0.25),
        "refusal": refusal,
        "token": len(os.environ["RAY_AUTH_TOKEN"]),
    }
print(json.dumps(told))
"""

LOOPBACK = {"0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000"}
"""127.0.0.1, the same as IPv6 writes it, and ::1, in the words of /proc/net."""


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs Linux's table of sockets")
def test_a_local_session_is_heard_on_this_machine_alone() -> None:
    """Every socket on which a process of the session listens is on loopback, and a token of the session guards it.

    Ray is told of two GPUs: a trial gets a quarter of one, and there is room for eight, but none with 1000 processors.
    """
    done = subprocess.run([sys.executable, "-c", SESSION], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert len(told["listening"]) >= 4, "Ray's processes were not found"
    assert set(told["listening"]) <= LOOPBACK
    assert told["token"] == 64
    assert (told["share"], told["room"]) == (0.25, 8)
    assert told["own share"] == (0.25 if torch.cuda.is_available() else 0.0)  # two GPUs were only said to be there
    assert told["refusal"].startswith("a trial wants 1000 CPUs and 0 GPUs, and no node has that many")


KILLED = """
import signal, time
import psutil
def asked(*_):
    raise KeyboardInterrupt
signal.signal(signal.SIGTERM, asked)
from soundproof.trainables.sweeps.ray_tune.session import session
try:
    with session(None, 0, tune=False) as watch:
        try:
            signal.raise_signal(signal.SIGTERM)
        except KeyboardInterrupt:
            print("asked to end", flush=True)
        (victim,) = [child for child in psutil.Process().children() if child.name() == "raylet"]
        victim.kill()
        while True:
            watch.check()
            time.sleep(0.1)
except Exception as error:
    print(type(error).__name__, error, flush=True)
"""


def test_the_death_of_a_raylet_is_told_in_our_words_alone() -> None:
    """Ray's own are 60 lines of its state on standard output; SIGTERM is as it was before Ray started, without a stack.

    The session ends, and Ray with it.
    """
    done = subprocess.run(
        [sys.executable, "-c", KILLED], cwd=ROOT, capture_output=True, text=True, check=False, timeout=100
    )
    assert done.returncode == 0, done.stderr
    asked, died = done.stdout.splitlines()
    assert asked == "asked to end"
    assert died.startswith("RayDiedError Ray's raylet on this machine (process ")
    assert died.endswith("give the same command again")
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("127.0.0.1:1", "a Ray head was expected at 127.0.0.1:1, and nothing answers there"),
        ("ray://head:10001", "HOST:PORT of a Ray head or auto was expected, got ray://head:10001"),
        ("head:port", "a Ray head was expected at head:port"),
    ],
)
def test_a_cluster_that_cannot_be_joined_is_named_at_once(address: str, said: str) -> None:
    """Ray itself would wait for minutes."""
    with pytest.raises(ClusterError, match=said):
        join(address)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (
            Exception("The current node timed out during startup."),
            "timed out during startup.*too busy.*same command again",
        ),
        (
            OSError(errno.ENOSPC, "No space left on device"),
            "No space left on device. Free some space.*same command again",
        ),
    ],
)
def test_a_ray_that_does_not_start_says_what_to_do(
    error: Exception, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under load, Ray gives up waiting for its own processes, and says so without a type of its own."""

    def refuse(**_: object) -> None:
        raise error

    monkeypatch.setattr(ray, "init", refuse)
    with pytest.raises(RayStartError, match=said), session(None, 0):
        pass
