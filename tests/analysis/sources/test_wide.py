"""Tables with a column for each seed."""

import pandas as pd
import pytest

from soundproof.analysis.sources import delimited
from soundproof.analysis.sources.found import Found, FoundRun, SourceError
from soundproof.analysis.sources.wide import long_form, proposed_wide


def found(headings, *rows, hints=None):
    """A table of these rows; None is an empty cell."""
    runs = [
        FoundRun(
            where=f"line {at} of t.csv",
            cells={heading: cell for heading, cell in zip(headings, row, strict=True) if cell is not None},
        )
        for at, row in enumerate(rows, start=2)
    ]
    return Found(name="t.csv", kind="CSV", columns=tuple(headings), runs=tuple(runs), hints=hints or {})


@pytest.mark.parametrize(
    ("columns", "metric"),
    [
        (["seed_0", "seed_1"], "value"),
        (["Seed 1", "Seed 2"], "value"),
        (["run1", "run2"], "value"),
        (["0", "1"], "value"),
        (["13", "42"], "value"),
        (["accuracy_seed3", "accuracy_seed7"], "accuracy"),
        (["seed_0_acc", "seed_1_acc"], "acc"),
        (["top5_acc_seed0", "top5_acc_seed1"], "top5_acc"),
        (["WER (seed 1)", "WER (seed 2)"], "WER"),
        (["acc_1", "acc_2", "acc_3"], "acc"),
    ],
)
def test_wide_columns_are_proposed_and_made_long(columns, metric):
    """A run for each row and column, with what the row says of all of them."""
    others = ["0.3"] * (len(columns) - 2)
    table = found(["arm", *columns, "units"], ["a", "0.1", "0.2", *others, "10"], ["b", "nan", "0.4", *others, "20"])
    assert proposed_wide(table) == tuple(columns)
    long = long_form(table, proposed_wide(table))
    assert long.columns == ("arm", "units", "seed", metric)
    assert long.hints == {"seed": "seed"}
    assert len(long.runs) == 2 * len(columns)
    seed = long.runs[0].cells["seed"]
    assert seed in columns[0]
    assert seed.isdigit()
    assert long.runs[0].cells == {"arm": "a", "units": "10", "seed": seed, metric: "0.1"}
    assert long.runs[len(columns)].cells[metric] == "nan"
    assert long.runs[1].where == f"line 2 of t.csv, column {columns[1]}"


@pytest.mark.parametrize(
    "columns",
    [
        ["acc", "loss"],
        ["top1", "top5"],
        ["hits@1", "hits@10"],
        ["rouge1", "rouge2"],
        ["seed_0"],
        ["acc_5", "acc_6", "acc_7"],
    ],
)
def test_unlike_metrics_are_not_proposed(columns):
    """Two metrics with a number in their names are no two seeds."""
    assert proposed_wide(found(["arm", *columns], ["a"] + ["0.5"] * len(columns))) == ()


def test_columns_of_text_are_not_proposed():
    """Numbers or nothing in nearly all rows: a word among many is let through, half of them are not."""
    rows = [["a", "0.5", None]] * 30
    headings = ["arm", "seed_0", "seed_1"]
    assert proposed_wide(found(headings, *rows)) == ()  # nothing was ever measured in the second
    assert proposed_wide(found(headings, *rows, ["b", "crashed", "1"])) == ("seed_0", "seed_1")
    assert proposed_wide(found(headings, ["a", "x", "1"], ["b", "1", "1"])) == ()
    hidden = found(headings, ["a", "1", "1"], hints={"seed_0": "bookkeeping"})
    assert proposed_wide(hidden) == ()


def test_two_metrics_with_the_same_seeds():
    """One run a seed has both; columns of settings that count are not taken for seeds beside them."""
    headings = ["layer_1", "layer_2", "layer_3", "acc_seed0", "loss_seed0", "acc_seed1", "loss_seed1"]
    table = found(headings, ["8", "8", "8", "0.5", "1.5", "0.6", None], ["9", "9", "9", "1", "1", "1", "1"])
    assert proposed_wide(table) == tuple(headings[3:])
    long = long_form(table, proposed_wide(table))
    settings = {"layer_1": "8", "layer_2": "8", "layer_3": "8"}
    assert [dict(run.cells) for run in long.runs[:2]] == [
        {**settings, "seed": "0", "acc": "0.5", "loss": "1.5"},
        {**settings, "seed": "1", "acc": "0.6"},
    ]
    assert long.runs[1].where == "line 2 of t.csv, column acc_seed1"


def test_empty_cells_are_no_runs():
    """And are counted."""
    long = long_form(found(["arm", "s1", "s2"], ["a", "1", None], ["b", "2", "3"]), ["s1", "s2"])
    assert [(run.cells["arm"], run.cells["seed"]) for run in long.runs] == [("a", "1"), ("b", "1"), ("b", "2")]
    assert long.notes == (
        "Columns s1, s2 of t.csv are read as value by seed.",
        "1 empty cell of these columns is no run.",
    )


def test_other_names():
    """Columns without numbers are called by their headings, and what they are is the caller's word."""
    long = long_form(found(["seed", "lstm", "gru"], ["1", "0.5", "0.6"]), ["lstm", "gru"], names="cell")
    assert [dict(run.cells) for run in long.runs] == [
        {"seed": "1", "cell": "lstm", "value": "0.5"},
        {"seed": "1", "cell": "gru", "value": "0.6"},
    ]
    assert long.hints == {}
    folds = long_form(found(["arm", "fold0", "fold1"], ["a", "1", "2"]), ["fold0", "fold1"], names="fold")
    assert folds.hints == {"fold": "fold"}


def test_what_does_not_fit_is_refused():
    """Names that are taken or unknown."""
    with pytest.raises(SourceError, match="seed would stand there twice"):
        long_form(found(["seed", "s1", "s2"], ["1", "2", "3"]), ["s1", "s2"])
    with pytest.raises(SourceError, match="found s3, no column of it"):
        long_form(found(["arm", "s1"], ["1", "2"]), ["s1", "s3"])
    with pytest.raises(SourceError, match="found none"):
        long_form(found(["arm", "s1"], ["1", "2"]), [])


def test_the_same_as_melting_with_pandas(tmp_path):
    """The reference, on a file that pandas wrote by a pivot."""
    long = pd.DataFrame({"arm": list("aabb"), "seed": [1, 2, 1, 2], "acc": [0.1, 0.2, 0.3, 0.4]})
    path = tmp_path / "pivot.csv"
    long.pivot_table(index="arm", columns="seed", values="acc").to_csv(path)
    table = delimited.read(path)
    again = long_form(table, proposed_wide(table))
    read = [(run.cells["arm"], int(run.cells["seed"]), float(run.cells["value"])) for run in again.runs]
    assert read == list(long.itertuples(index=False, name=None))
