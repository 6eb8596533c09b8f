"""What the driver's machine is busy with, under the names by which MLflow's pages find system metrics."""

import time
from contextlib import suppress
from typing import Any

from mlflow.entities import Metric
from mlflow.system_metrics.metrics.cpu_monitor import CPUMonitor
from mlflow.system_metrics.metrics.disk_monitor import DiskMonitor
from mlflow.system_metrics.metrics.gpu_monitor import GPUMonitor
from mlflow.system_metrics.metrics.network_monitor import NetworkMonitor

from soundproof.trainables.sweeps.tracking.child_runs import at_step

SAMPLE_SECONDS = 10.0
"""How often the load is sampled; MLflow's own monitors do it as often."""

_PREFIX = "system/"


class MachineLoad:
    """MLflow's own monitors, without the thread that they come with: the recorder writes what they say in its turn."""

    def __init__(self, since_milliseconds: int) -> None:
        """`since_milliseconds`, since 1970: from when steps are counted, in seconds."""
        self._since_seconds = since_milliseconds / 1000
        self._monitors: list[Any] = [CPUMonitor(), DiskMonitor(), NetworkMonitor()]  # type: ignore[no-untyped-call]
        with suppress(ImportError, RuntimeError):  # there is no driver of NVIDIA's
            self._monitors.append(GPUMonitor())  # type: ignore[no-untyped-call]
        self._collected()  # the use of processors is that since the last call
        self._due = time.monotonic()

    def sample(self) -> list[Metric]:
        """Use of processors, memory, disk, network and GPUs since the last sample; nothing before the next is due."""
        if time.monotonic() < self._due:
            return []
        self._due = time.monotonic() + SAMPLE_SECONDS
        return at_step(self._collected(), int(time.time() - self._since_seconds))

    def _collected(self) -> dict[str, float]:
        found: dict[str, float] = {}
        for monitor in self._monitors:
            monitor.collect_metrics()
            found |= {_PREFIX + name: float(value) for name, value in monitor.aggregate_metrics().items()}
            monitor.clear_metrics()
        return found
