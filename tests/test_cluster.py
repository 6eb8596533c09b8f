"""Real runs on a real Ray cluster of several nodes on this machine, of which one dies in the middle of a trial."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
import ray.util
from mlflow.tracking import MlflowClient
from training_runs import COSTS

from soundproof.common import record

ROOT = Path(__file__).resolve().parents[1]
STUDY = "asr-merge-mode"
TRIALS = 10
HIDES = (
    subprocess.run(["unshare", "--map-root-user", "--mount", "true"], capture_output=True, check=False).returncode == 0
)
"""Whether this system lets a node have file systems of its own."""

pytestmark = [pytest.mark.evidence, pytest.mark.timeout(600)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Machines:
    """A head that trains nothing, and nodes with one processor each. The nodes do not see the folder `hidden`."""

    address: str
    environment: dict[str, str]
    nodes: list[subprocess.Popen[bytes]]
    """Those that are alive."""
    folder: Path

    @property
    def hidden(self) -> Path:
        """On the nodes, an empty file system of their own lies over it."""
        return self.folder / "hidden"

    def log_of(self, number: int) -> Path:
        """What a node says."""
        return self.folder / f"node{number}.log"

    def cache_of(self, number: int) -> Path:
        """What a node keeps of its own."""
        return self.folder / f"node{number}"


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    """A cluster as `docs/cluster.md` has it: `ray start`, with a token; deaths are noticed sooner than usual."""
    with tempfile.TemporaryDirectory(prefix="sp-", ignore_cleanup_errors=True) as ray_folder, socket.socket() as probe:
        probe.bind(("", 0))
        port = probe.getsockname()[1]
        probe.close()
        environment = {
            name: value for name, value in os.environ.items() if name != "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"
        } | {
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN": "0123456789abcdef" * 2,
            "RAY_health_check_initial_delay_ms": "2000",
            "RAY_health_check_period_ms": "1000",
            "RAY_health_check_timeout_ms": "5000",
            "RAY_health_check_failure_threshold": "3",
        }
        address = f"{ray.util.get_node_ip_address()}:{port}"
        made = Machines(address=address, environment=environment, nodes=[], folder=tmp_path_factory.mktemp("machines"))
        made.hidden.mkdir()
        at_head = [f"--port={port}", "--num-cpus=0", "--include-dashboard=false", f"--temp-dir={ray_folder}"]
        started = [_start(made, ["--head", *at_head], made.folder / "head.log")]
        try:
            _wait_for(lambda: _answers(address))
            for number in range(3):  # one by one: nodes of one machine that start together take each other's sockets
                started.append(_start_node(made, number))
                _wait_for(partial(_has_started, made.log_of(number)))
            made.nodes.extend(started[1:])
            yield made
        finally:
            for process in started:
                _kill(_tree(process.pid))
                process.wait()


def _start(
    machines: Machines, options: list[str], log: Path, before: Sequence[str] = (), **more: str
) -> subprocess.Popen[bytes]:
    free = ["--min-worker-port=0", "--max-worker-port=0", "--dashboard-agent-listen-port=0"]  # nodes share one machine
    common = ["--disable-usage-stats", "--object-store-memory=100000000", "--block"]
    with log.open("wb") as output:
        return subprocess.Popen(
            [*before, sys.executable, "-m", "ray.scripts.scripts", "start", *options, *free, *common],
            cwd=machines.folder,  # not the checkout: the nodes get its code from the driver
            env=machines.environment | more,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _start_node(machines: Machines, number: int) -> subprocess.Popen[bytes]:
    hide = f'mount -t tmpfs none "{machines.hidden}" && exec "$@"'
    before = ["unshare", "--map-root-user", "--mount", "sh", "-c", hide, "sh"] if HIDES else []
    options = [f"--address={machines.address}", "--num-cpus=1"]
    cache = machines.cache_of(number)
    cache.mkdir()
    return _start(machines, options, machines.log_of(number), before, TMPDIR=str(cache))


def _command(storage: Path, *more: str) -> list[str]:
    options = ["--preset", "smoke", "--seeds", "2", "--storage", str(storage), "--json"]
    return [sys.executable, "run_search.py", "run", STUDY, *options, *more]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, list[float]]]:
    """The numbers of a run on one machine."""
    storage = tmp_path_factory.mktemp("undisturbed")
    subprocess.run(_command(storage), cwd=ROOT, capture_output=True, check=True)
    return _numbers(storage)


def _run_while_a_node_dies(machines: Machines, storage: Path) -> None:
    driver = subprocess.Popen(
        _command(storage, "--address", machines.address),
        cwd=ROOT,
        env=machines.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        victims: list[subprocess.Popen[bytes]] = []
        _wait_for(lambda: driver.poll() is not None or victims.extend(filter(_trains, machines.nodes)) or bool(victims))
        assert driver.poll() is None, driver.communicate()[1]
        _kill(_raylets(victims[0]))
        machines.nodes.remove(victims[0])
        _, said = driver.communicate(timeout=240)
    finally:
        driver.kill()
    assert driver.returncode == 0, said
    assert "10 trials trained" in said


def test_a_node_that_dies_costs_no_trial(machines: Machines, undisturbed: dict[str, dict[str, list[float]]]) -> None:
    """Its raylet is killed while a trial trains there.

    The others take the trial up, each one is finished once, and the numbers are those of one machine. The nodes see the
    storage, so they keep nothing of their own.
    """
    storage = machines.folder / "seen"
    _run_while_a_node_dies(machines, storage)
    assert _numbers(storage) == undisturbed
    assert not list(storage.rglob("*.token"))
    assert not list(machines.folder.glob("node*/soundproof-*"))


@pytest.mark.skipif(not HIDES, reason="needs a system that allows mount namespaces: unshare --map-root-user --mount")
def test_without_a_shared_storage_features_and_results_travel(
    machines: Machines, undisturbed: dict[str, dict[str, list[float]]]
) -> None:
    """The same with a storage that only the driver sees: features lie on each node once, and results arrive whole."""
    storage = machines.hidden / "storage"
    _run_while_a_node_dies(machines, storage)
    assert _numbers(storage) == undisturbed
    assert not list((storage / "outbox").rglob("*.json"))
    ours = {path.name: path.read_bytes() for path in storage.glob("features/*/*")}
    assert len(ours) == 3
    caches = list(machines.folder.glob("node*/soundproof-*"))
    for cache in caches:
        assert {path.name: path.read_bytes() for path in cache.glob("features/[!.]*/*")} in ({}, ours)
    assert len([cache for cache in caches if list(cache.glob("features/[!.]*/*"))]) >= 2, (
        "the dead node's and another's"
    )


def test_programs_of_anybody_are_run_on_the_nodes(machines: Machines) -> None:
    """A node's raylet is killed while programs run there: others attend to them, and none is started twice."""
    folder = machines.folder / "programs"
    folder.mkdir()
    (folder / "train.sh").write_text('echo "$1 $2" >> log\nsleep 2\necho "$1.$2"\n')
    words = ["decide", "--command", "sh train.sh {seed} {width}", "--vary", "width=1,2", "--margin", "0.01"]
    words += ["--higher-is-better", "--seeds", "6", "--address", machines.address, "--quiet"]
    driver = subprocess.Popen(
        [sys.executable, str(ROOT / "run_search.py"), *words],
        cwd=folder,
        env=machines.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    log = folder / "log"
    try:
        _wait_for(lambda: driver.poll() is not None or (log.exists() and len(log.read_text().splitlines()) >= 4))
        assert driver.poll() is None, driver.communicate()[1]
        victim = next(node for node in machines.nodes if _attends(node))
        _kill(_raylets(victim))
        machines.nodes.remove(victim)
        _, said = driver.communicate(timeout=240)
    finally:
        driver.kill()
    assert driver.returncode == 0, said
    starts = log.read_text().splitlines()
    assert sorted(starts) == sorted(set(starts))
    assert len(starts) == 12


def _numbers(storage: Path) -> dict[str, dict[str, list[float]]]:
    """Every metric's history by trial, without times; each trial has to be there once, finished, with its weights."""
    client = MlflowClient(f"sqlite:///{storage / 'mlflow.db'}")
    experiment = client.get_experiment_by_name(STUDY)
    assert experiment is not None
    runs = client.search_runs([experiment.experiment_id], max_results=1000)
    assert {run.info.status for run in runs} == {"FINISHED"}
    trials = {run.data.tags[record.TRIAL_ID]: run for run in runs if run.data.tags[record.KIND] == record.KIND_TRIAL}
    assert len(runs) == len(trials) + 1 == TRIALS + 1
    for run in trials.values():
        assert record.WEIGHTS_ARTIFACT in {artifact.path for artifact in client.list_artifacts(run.info.run_id)}
    return {
        trial_id: {
            name: [metric.value for metric in client.get_metric_history(run.info.run_id, name)]
            for name in run.data.metrics
            if name not in COSTS
        }
        for trial_id, run in trials.items()
    }


def _wait_for(happens: Callable[[], object], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.05)


def _has_started(log: Path) -> bool:
    return "Ray runtime started" in log.read_text()


def _answers(address: str) -> bool:
    host, _, port = address.rpartition(":")
    with contextlib.suppress(OSError), socket.create_connection((host, int(port)), 1):
        return True
    return False


def _raylets(node: subprocess.Popen[bytes]) -> list[int]:
    return [pid for pid in _tree(node.pid) if _title(pid).split("\0")[0].endswith("/raylet")]


def _attends(node: subprocess.Popen[bytes]) -> bool:
    return any("ray::_attend" in _title(pid) for pid in _tree(node.pid))


def _trains(node: subprocess.Popen[bytes]) -> bool:
    return any(re.match(r"ray::\w+\.train\b", _title(pid)) for pid in _tree(node.pid))


def _title(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
    return ""


def _tree(root: int) -> list[int]:
    """A process and all that descend from it."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(path.parent.name)] = int(path.read_text(errors="replace").rpartition(")")[2].split()[1])
    found = [root]
    for finding in found:
        found += [pid for pid, parent in parents.items() if parent == finding]
    return found


def _kill(pids: list[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
