"""What a run costs beside its program: `decide` against a shell loop of the same program, one run at a time.

    python -m benchmarks.decide_overhead [--seeds N]

Both run one program on the same seeds and widths, in turn, three times each. Of `decide` the time from the first start
to the last end counts, and what comes before and after (Ray, the record, the report) is printed apart: it does not grow
with the runs, or hardly.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROGRAMS = {
    "a shell's sleep": ("sh program {seed} {width}", "sleep 0.05\necho $1.$2\n"),
    "Python, six lines": (
        f"{sys.executable} program {{seed}} {{width}}",
        "import random\nimport sys\n\nseed, width = map(int, sys.argv[1:])\nrandom.seed(seed)\n"
        "print(random.random() + width)\n",
    ),
}
REPETITIONS = 3


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=50, help="of each of two variants")
    seeds = parser.parse_args().seeds
    for name, (command, text) in PROGRAMS.items():
        overheads, around = [], []
        for _ in range(REPETITIONS):
            with tempfile.TemporaryDirectory() as temporary:
                folder = Path(temporary)
                (folder / "program").write_text(text)
                by_shell = _shell_loop(folder, command, seeds)
                by_decide, whole = _decide(folder, command, seeds)
            overheads.append(1000 * (by_decide - by_shell) / (2 * seeds))
            around.append(whole - by_decide)
        shown = ", ".join(f"{overhead:.0f}" for overhead in overheads)
        alone = 1000 * by_shell / (2 * seeds)
        print(
            f"{name}: {statistics.median(overheads):.0f} ms a run ({shown}) over {alone:.0f} ms by the shell", end="; "
        )
        print(f"{statistics.median(around):.0f} s around {2 * seeds} runs")


def _shell_loop(folder: Path, command: str, seeds: int) -> float:
    filled = command.replace("{seed}", "$seed").replace("{width}", "$width")
    loop = f"for seed in $(seq 0 {seeds - 1}); do for width in 1 2; do {filled} > out.$seed.$width; done; done"
    began = time.monotonic()
    subprocess.run(["bash", "-c", loop], cwd=folder, check=True)
    return time.monotonic() - began


def _decide(folder: Path, command: str, seeds: int) -> tuple[float, float]:
    """Seconds from the first start to the last end, and in all."""
    words = ["--command", command, "--vary", "width=1,2", "--margin", "0.1", "--higher-is-better", "--quiet"]
    words += ["--seeds", str(seeds), "--max-concurrent", "1"]
    began = time.monotonic()
    subprocess.run(
        [sys.executable, ROOT / "run_search.py", "decide", *words],
        cwd=folder,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    whole = time.monotonic() - began
    runs = list(folder.glob("soundproof-store/programs/*/runs/*/*"))
    starts = [(run / "pid").stat().st_mtime for run in runs]
    ends = [(run / "exit_status").stat().st_mtime for run in runs]
    return max(ends) - min(starts), whole


if __name__ == "__main__":
    main()
