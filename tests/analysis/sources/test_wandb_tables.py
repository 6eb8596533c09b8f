"""Exports of W&B: rows as its application writes them, every cell in quotes."""

import csv

import pytest

from soundproof.analysis.sources import delimited
from soundproof.analysis.sources.found import SourceError

OWN = ["Name", "State", "Notes", "User", "Tags", "Created", "Runtime", "Sweep"]


def export(folder, *rows):
    """A file with every cell in quotes."""
    path = folder / "wandb_export.csv"
    with path.open("w", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows(rows)
    return path


def test_a_run_table(tmp_path):
    """Its own columns are no settings, `-` is empty, a name that stands twice is no key, and the state is the run's."""
    first = ["lively-fog-1", "finished", "-", "ann", "", "2024-01-02T03:04:05.000Z", "61", ""]
    second = ["lively-fog-1", "crashed", "-", "ann", "", "2024-01-02T03:04:06.000Z", "7", ""]
    path = export(
        tmp_path,
        [*OWN, "lr", "model/name", "val/acc", "_wandb"],
        [*first, "0.001", "-", "NaN", ""],
        [*second, "0.01", "gru", "", ""],
    )
    found = delimited.read(path)
    assert found.kind == "W&B run table"
    assert [run.state for run in found.runs] == ["finished", "crashed"]
    assert found.hints == {**dict.fromkeys([*OWN, "_wandb"], "bookkeeping"), "State": "state"}
    assert found.runs[0].cells["val/acc"] == "NaN"
    assert "model/name" not in found.runs[0].cells
    assert "val/acc" not in found.runs[1].cells
    assert found.runs[1].cells["model/name"] == "gru"


def test_a_run_table_with_hidden_columns(tmp_path):
    """Some of its own columns may be hidden; a table that merely has a name and a state is a plain one."""
    hidden = export(tmp_path, ["Name", "State", "User", "Created", "Runtime", "Sweep", "acc"], [*"abcdefg"])
    assert delimited.read(hidden).kind == "W&B run table"
    plain = export(tmp_path, ["Name", "State", "acc"], ["a", "-", "1"])
    assert delimited.read(plain).kind == "CSV"
    assert delimited.read(plain).runs[0].cells["State"] == "-"


def test_a_chart_is_refused(tmp_path):
    """Groups are no runs."""
    group = "arm: a - val/acc"
    path = export(tmp_path, ["Step", group, f"{group}__MIN", f"{group}__MAX"], ["0", "0.5", "0.4", "0.6"])
    with pytest.raises(SourceError, match="W&B chart.*single runs are gone from it. Export the run table"):
        delimited.read(path)
    table = export(tmp_path, ["arm", "acc", "acc__MIN", "acc__MAX", "seed"], ["a", "0.5", "0.4", "0.6", "1"])
    assert delimited.read(table).kind == "CSV"
