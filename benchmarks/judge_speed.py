"""How long `judge` takes on large tables, as a multiple of starting Python with pandas and scipy.stats.

    python -m benchmarks.judge_speed --repetitions 5 --json FILE

Each command is timed in a process of its own, in turns with the reference, so that a machine that is slow for a while
is slow for both; what is printed is the median of the ratios, and the most memory that the command held.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.facts import in_words, machine_facts, write_json

REFERENCE = (sys.executable, "-c", "import pandas, scipy.stats")
_WITH_MEMORY = (
    "import resource, subprocess, sys; status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, "
    "stderr=subprocess.DEVNULL).returncode; "
    "print(status, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """A table: so many arms of so many seeds, and whether they are held against a baseline. `apart`: arms differ."""

    arms: int
    seeds: int
    against_baseline: bool = False
    apart: float = 0.0

    @property
    def name(self) -> str:
        """What is printed of it."""
        differ = f", {self.apart:g} deviations apart" if self.apart else ""
        return f"{self.arms:,} arms x {self.seeds:,} seeds{differ}"


SHAPES = (
    Shape(arms=10, seeds=100),
    Shape(arms=10, seeds=10_000),
    Shape(arms=10, seeds=10_000, apart=0.05),
    Shape(arms=2, seeds=50_000),
    Shape(arms=1_000, seeds=100, against_baseline=True),
)


def main() -> None:
    """Print the ratios of each table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    facts = machine_facts()
    print(in_words(facts), flush=True)
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        timed(REFERENCE)  # files of libraries are read once
        for number, shape in enumerate(SHAPES):
            table = Path(folder) / f"table{number}.csv"
            write_table(table, shape)
            command = [sys.executable, "run_search.py", "judge", str(table), "--variant", "model", "--metric", "wer"]
            command += ["--baseline", "m0"] if shape.against_baseline else []
            pairs = [(timed(command), timed(REFERENCE)) for _ in range(arguments.repetitions)]
            ratios = sorted(judged[0] / reference[0] for judged, reference in pairs)
            mebibytes = max(judged[1] for judged, _ in pairs) / 1024
            found[shape.name] = {"ratios": ratios, "median": median(ratios), "mebibytes": mebibytes}
            spread = f"{ratios[0]:.1f} to {ratios[-1]:.1f}"
            print(f"{shape.name}: {median(ratios):.1f} times ({spread}), {mebibytes:.0f} MiB", flush=True)
    if arguments.json is not None:
        write_json(arguments.json, {"machine": facts, "tables": found})


def timed(command: Sequence[str]) -> tuple[float, int]:
    """Seconds of a command, and the kibibytes that it held at most."""
    started = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", _WITH_MEMORY, *command], check=True, stdout=subprocess.PIPE, text=True)
    seconds = time.perf_counter() - started
    status, kibibytes = map(int, done.stdout.split())
    if status != 0:
        raise RuntimeError(f"{' '.join(command)} ended with status {status}")
    return seconds, kibibytes


def write_table(path: Path, shape: Shape) -> None:
    """A row a run, of word error rates that vary by seed."""
    generator = np.random.default_rng(0)
    lines = ["model,seed,wer"]
    for arm in range(shape.arms):
        values = generator.normal(0.2 + 0.01 * shape.apart * arm, 0.01, shape.seeds)
        lines += [f"m{arm},{seed},{value:.6f}" for seed, value in enumerate(values)]
    path.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
