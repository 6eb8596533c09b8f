"""Logs of proposals, as agents append them line by line."""

import csv

import pandas as pd
import pytest

from soundproof.analysis.sources import delimited
from soundproof.analysis.sources.cells import number
from soundproof.analysis.sources.found import SourceError

HEADINGS = "commit\tval_loss\tmemory_gb\tstatus\tdescription\n"


def log(folder, *lines, headings=HEADINGS, name="results.tsv"):
    """A file of these lines."""
    path = folder / name
    path.write_text(headings + "".join(f"{line}\n" for line in lines))
    return path


def test_crashes_do_not_win(tmp_path):
    """A crash is written as 0 where less is better: the lowest loss of a naive reader is that of a crash."""
    path = log(
        tmp_path,
        "a1\t1.25\t0.0\tkeep\tbaseline",
        "b2\t0.000000\t0.0\tcrash\twider, out of memory",
        "c3\t1.5\t2.0\tdiscard\tdeeper",
        "d4\t0\t0.0\tFailed\t",
    )
    naive = pd.read_csv(path, sep="\t")
    assert naive.loc[naive["val_loss"].idxmin(), "commit"] == "b2"
    found = delimited.read(path)
    assert [run.cells["val_loss"] for run in found.runs] == ["1.25", "nan", "1.5", "nan"]
    assert [run.cells["memory_gb"] for run in found.runs] == ["0.0", "nan", "2.0", "nan"]
    assert [run.state for run in found.runs] == ["keep", "crash", "discard", "Failed"]
    assert found.hints == {"commit": "bookkeeping", "status": "state", "description": "variant"}
    assert found.kind == "log of proposals"
    assert "A 0 in a run that crashed is no measurement: NaN here, in lines 3, 5 of results.tsv." in found.notes


def test_zeros_that_count_stay(tmp_path):
    """Seed 0 and trial 0 of a crash are what they say, and so is its memory where it is not 0."""
    headings = "run_id\tseed\tval_loss\tmemory_gb\tstatus\tdescription\n"
    path = log(tmp_path, "0\t0\t0.0\t3.5\tcrash\tx", headings=headings)
    cells = {"run_id": "0", "seed": "0", "val_loss": "nan", "memory_gb": "3.5", "status": "crash", "description": "x"}
    assert delimited.read(path).runs[0].cells == cells


def test_zeros_of_discarded_rows_are_asked_about(tmp_path):
    """Some logs call a crash discarded; where no kept row is 0, that is said, and nothing is changed."""
    path = log(tmp_path, "a\t1.2\t0.0\tkeep\tx", "b\t0.0\t0.0\tdiscard\ty")
    found = delimited.read(path)
    assert found.runs[1].cells["val_loss"] == "0.0"
    questions = [note for note in found.notes if "discarded rows alone" in note]
    assert questions == [
        "val_loss is exactly 0 in discarded rows alone, line 3 of results.tsv: if these runs crashed, it is no "
        "measurement, and should be NaN in the file."
    ]


def test_texts_with_quotes_and_tabs(tmp_path):
    """Quotes of free text are not those of a table: Python's csv swallows all rows between two of them."""
    path = log(
        tmp_path,
        'a\t1.2\t0.1\tkeep\t"wide" is better, by far',
        'b\t1.3\t0.1\tdiscard\t"deep, and never closed',
        "c\t1.4\t0.1\tdiscard\tone\ttwo",
        'd\t1.5\t0.1\tdiscard\t"quoted ""as"" a table is"',
        'e\t1.6\t0.1\tdiscard\t5" disk',
    )
    assert len(list(csv.reader(path.read_text().splitlines(), delimiter="\t"))) < 6
    found = delimited.read(path)
    assert [run.cells["description"] for run in found.runs] == [
        '"wide" is better, by far',
        '"deep, and never closed',
        "one\ttwo",
        'quoted "as" a table is',
        '5" disk',
    ]
    assert "Tabs in line 4 are part of the last column, description." in found.notes


@pytest.mark.parametrize(
    "line",
    [
        "a\tx\t1.2\t0.1\tkeep\tmoved",  # a tab too many before the metric
        "a\t1.2\t0.1\t0.2\tkeep\tmoved",  # a number more, and none is the status
        "a\t1.2\tkeep\tshort",
    ],
)
def test_cells_in_the_wrong_place_are_refused(tmp_path, line):
    """Only the last text may hold tabs."""
    path = log(tmp_path, "b\t1.3\t0.1\tkeep\tbaseline", line)
    with pytest.raises(SourceError, match=r"results.tsv, line 3: found \d cells, expected 5"):
        delimited.read(path)


def test_texts_of_several_lines(tmp_path):
    """As pandas writes them, in quotes."""
    path = tmp_path / "results.tsv"
    frame = pd.DataFrame({"commit": ["a", "b"], "acc": [0.5, 0.0], "status": ["ok", "crash"], "notes": ["x\ny", "z"]})
    frame.to_csv(path, sep="\t", index=False)
    found = delimited.read(path)
    assert [run.cells["notes"] for run in found.runs] == ["x\ny", "z"]
    assert [run.where for run in found.runs] == ["line 2 of results.tsv", "line 4 of results.tsv"]
    assert found.runs[1].cells["acc"] == "nan"


def test_the_same_as_csv_and_other_tables_with_a_status(tmp_path):
    """Commas need quotes there; a status alone makes no log of proposals, and its zeros are numbers."""
    path = log(tmp_path, 'a,0,crash,"x, y"', headings="commit,acc,status,description\n", name="results.csv")
    assert delimited.read(path).runs[0].cells["acc"] == "nan"
    plain = log(tmp_path, "a\tcrash\t0", headings="arm\tstatus\tacc\n")
    found = delimited.read(plain)
    assert (found.kind, number(found.runs[0].cells["acc"])) == ("TSV", 0.0)


def test_failed_rows_without_metrics(tmp_path):
    """Empty metrics of a failure stay empty, its message is free text, and one commit may stand in all rows."""
    headings = "git_commit\twer\taccuracy\tint8_wer\tstatus\tdescription\n"
    path = log(
        tmp_path,
        "unknown\t\t\t\tfailed\tbaseline | LoadError(\"Dataset 'speech' is gated, log in.\")",
        "unknown\t14.2900\t85.7100\t\tpartial\tbaseline",
        "unknown\t9.4710\t90.5290\t10.5799\tok\tpunctuation removed",
        headings=headings,
    )
    found = delimited.read(path)
    assert dict(found.runs[0].cells) == {
        "git_commit": "unknown",
        "status": "failed",
        "description": "baseline | LoadError(\"Dataset 'speech' is gated, log in.\")",
    }
    assert [run.state for run in found.runs] == ["failed", "partial", "ok"]
    assert found.notes == ("Cells of results.tsv are separated by tabs.",)
