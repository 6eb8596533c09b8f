"""What a measurement was made on, and its figures as a JSON file."""

import json
import os
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch


def machine_facts() -> dict[str, str | int]:
    """Platform, processor, number of processors, versions of Python and torch, torch's threads in this process."""
    return {
        "platform": platform.platform(),
        "processor": _processor(),
        "processors": os.cpu_count() or 1,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
    }


def in_words(facts: Mapping[str, str | int]) -> str:
    """The facts in one line."""
    return ", ".join(f"{name} {value}" for name, value in facts.items())


def write_json(path: Path, figures: Mapping[str, Any]) -> None:
    """Write the figures to `path`, readable."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


def _processor() -> str:
    """Linux names the model in a file, other systems through the library; the architecture where neither does."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return next(iter(names), "") or platform.processor() or platform.machine()
