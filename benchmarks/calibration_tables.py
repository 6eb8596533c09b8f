"""Prints what `benchmarks.calibration --json FILE` wrote as the tables of `docs/calibration.md`.

    python -m benchmarks.calibration_tables FILE [FILE ...]

A cell is the share of studies with a wrong verdict, before and after, and in brackets the share with every verdict
right.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]


def main() -> None:
    """Print a table for each part."""
    rows: list[Row] = [row for name in sys.argv[1:] for row in json.loads(Path(name).read_text())]
    parts = dict.fromkeys(row["part"] for row in rows)
    for part in parts:
        chosen = [row for row in rows if row["part"] == part]
        if part == "cost":
            _costs(chosen)
        else:
            _table(part, chosen)


def _table(part: str, rows: Iterable[Row]) -> None:
    cells: dict[str, dict[str, dict[str, Row]]] = {}
    for row in rows:
        cells.setdefault(row["scenario"], {}).setdefault(row["design"], {})[row["version"]] = row
    designs = list(dict.fromkeys(design for of_scenario in cells.values() for design in of_scenario))
    print(f"\n{part}\n\n| truth | {' | '.join(designs)} |\n|---|{'---|' * len(designs)}")
    for scenario, of_scenario in cells.items():
        print(f"| {scenario} | {' | '.join(_cell(of_scenario.get(design, {})) for design in designs)} |")


def _cell(versions: Mapping[str, Row]) -> str:
    shown = [versions[version] for version in ("before", "after") if version in versions]
    if not shown:
        return ""
    wrong = " → ".join(f"{100 * row['wrong']:.1f}" for row in shown)
    right = " → ".join(f"{100 * row['right']:.0f}" for row in shown if row["right"] is not None)
    return f"{wrong}%{f' ({right}%)' if right else ''}"


def _costs(rows: list[Row]) -> None:
    headings = ("effect", "studies", "trials before", "after", "ratio", "all right before", "after")
    print("", f"| {' | '.join(headings)} |", f"|{len(headings) * '---|'}", sep="\n")
    for effect in ("1", "2", "4"):
        for factorial in (False, True):
            chosen = [
                row
                for row in rows
                if row["scenario"].startswith(f"effect {effect} sd") and ("2 x 2 x 2" in row["scenario"]) == factorial
            ]
            sides = [[row for row in chosen if row["version"] == version] for version in ("before", "after")]
            if not all(sides) or len(sides[0]) != len(sides[1]):
                continue
            before, after = (sum(row["trials"] for row in side) for side in sides)
            right = [sum(row["right"] for row in side) / len(side) for side in sides]
            what = "2 x 2 x 2, main effects" if factorial else f"{len(sides[0])} shapes, pairs"
            print(
                f"| {effect} sd | {what} | {before:.0f} | {after:.0f} | {after / before:.2f} | "
                f"{right[0]:.0%} | {right[1]:.0%} |"
            )


if __name__ == "__main__":
    main()
