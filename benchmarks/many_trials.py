"""What a trial without training costs among thousands: 1,000 and 10,000 of them, and the memory of their driver.

    python -m benchmarks.many_trials STORAGE --json FILE

The same trials as in `benchmarks.no_op`, ten recorded epochs each, start-up included.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from benchmarks.facts import in_words, machine_facts, write_json

COUNTS = (1_000, 10_000)


def main() -> None:
    """Print seconds per trial and gibibytes of each count, and the ratio of the costs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("storage", type=Path)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    facts = machine_facts()
    print(in_words(facts), flush=True)
    found: dict[int, dict[str, float]] = {}
    for count in COUNTS:
        storage = arguments.storage / str(count)
        storage.mkdir(parents=True)
        command = [sys.executable, "-m", "benchmarks.no_op", str(storage), "--trials", str(count)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        found[count] = json.loads(done.stdout.splitlines()[-1])
        cost = 1000 * found[count]["wall_seconds"] / count
        print(f"{count}: {cost:.1f} ms a trial, driver {found[count]['driver_gibibytes']:.2f} GiB", flush=True)
    few, many = (found[count]["wall_seconds"] / count for count in COUNTS)
    print(f"{COUNTS[1]} against {COUNTS[0]}: {many / few:.2f} times the cost of a trial")
    if arguments.json is not None:
        write_json(arguments.json, {"machine": facts, "trials": {str(count): one for count, one in found.items()}})


if __name__ == "__main__":
    main()
