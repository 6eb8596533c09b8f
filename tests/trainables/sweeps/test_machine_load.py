"""System metrics of the driver's machine."""

import sys
import time

import psutil
import pytest

from soundproof.trainables.sweeps.tracking import machine_load
from soundproof.trainables.sweeps.tracking.machine_load import MachineLoad


def test_a_busy_processor_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory is what the system says; a process that computes for a while is seen in the processors' use."""
    monkeypatch.setattr(machine_load, "SAMPLE_SECONDS", 0.4)
    load = MachineLoad(int(time.time() * 1000) - 7000)
    for _ in range(2):
        until = time.monotonic() + 0.5
        while time.monotonic() < until:
            sum(range(1000))
        found = {metric.key: metric for metric in load.sample()}
        assert load.sample() == []
        assert 100 >= found["system/cpu_utilization_percentage"].value >= 0.5 * 100 / (psutil.cpu_count() or 1)
    used = psutil.virtual_memory().used / 1e6
    assert abs(found["system/system_memory_usage_megabytes"].value - used) < 0.2 * used
    assert found["system/disk_available_megabytes"].value > 0
    assert found["system/network_receive_megabytes"].value >= 0
    assert {metric.step for metric in found.values()} <= {7, 8, 9}


def test_without_the_extra_gpu_the_rest_is_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    """MLflow's monitor of GPUs looks for NVIDIA's module among those that are loaded; it is missing, not fatal."""
    monkeypatch.delitem(sys.modules, "pynvml", raising=False)
    found = {metric.key for metric in MachineLoad(0).sample()}
    assert "system/cpu_utilization_percentage" in found
    assert not any("gpu" in key for key in found)
