"""Writes the boundary of the test that may be looked at after every seed, which is shipped as a table.

    python -m benchmarks.boundary_table

To be run again when `soundproof.analysis.statistics.sequential_boundary` changes; a test holds the table against it.
"""

import json
from pathlib import Path

from soundproof.analysis.statistics import sequential_boundary
from soundproof.analysis.statistics.sequential_boundary import FIRST_LOOK, LAST_EXACT, LEVELS, integrated_tails


def main() -> None:
    """Integrate all looks, and write them beside the module."""
    tails = [integrated_tails(n).tolist() for n in range(FIRST_LOOK, LAST_EXACT + 1)]
    path = Path(sequential_boundary.__file__).with_name(sequential_boundary.TABLE)
    path.write_text(json.dumps({"levels": LEVELS.tolist(), "tails": tails}) + "\n")
    print(f"{path.name}: {len(tails)} looks, {len(LEVELS)} levels, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
