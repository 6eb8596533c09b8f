"""Trials as rows: the frame, CSV that no spreadsheet executes, and Parquet."""

import csv
import io
import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from soundproof.analysis.exports.trial_frame import TEXT, trial_frame, trials_csv, trials_parquet
from soundproof.analysis.records.trials import Results, SearchRecords, TrialRecord

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)
FORMULAS = st.builds("".join, st.tuples(st.sampled_from(["=", "+", "-", "@", "'", "\t=", " @", "\uff1d"]), TEXTS))
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


def read_back(text: str, frame: pd.DataFrame) -> pd.DataFrame:
    """As `trials_csv` documents it, and without the apostrophes."""
    texts = [name for name in frame.columns if frame[name].dtype == TEXT]
    read = pd.read_csv(
        io.StringIO(text),
        keep_default_na=False,
        na_values=[""],
        dtype_backend="numpy_nullable",
        dtype=dict.fromkeys(texts, TEXT),
    )
    for name in texts:
        read[name] = read[name].str.removeprefix("'")
    return read


@given(st.lists(st.tuples(TEXTS | FORMULAS | st.none(), NUMBERS | st.none(), st.integers(-(2**63), 2**63 - 1))))
def test_csv_is_read_back_exactly_and_starts_no_formula(rows) -> None:
    """Any text, any number; a text that a spreadsheet would execute begins with an apostrophe, and numbers do not."""
    rows = [("not empty", 0.5, 0), *rows]  # a frame has no column that is
    frame = pd.DataFrame(
        {
            "text": pd.Series([row[0] for row in rows], dtype=TEXT),
            "metrics.x": pd.Series([row[1] for row in rows], dtype="Float64"),
            "seed": pd.Series([row[2] for row in rows], dtype="Int64"),
        }
    )
    written = trials_csv(frame)
    assert_frame_equal(read_back(written, frame), frame)
    for text, number, _ in list(csv.reader(io.StringIO(written, newline="")))[1:]:
        assert not number.startswith("'")
        if text.strip().startswith(("=", "+", "-", "@", "\uff1d")):
            float(text)


def test_texts_that_are_numbers_stay_numbers() -> None:
    """A level of "-20" is no formula, one of "-20+1" is."""
    frame = pd.DataFrame({"levels.dB": pd.Series(["-20", "+1.5e3", "-20+1", "=1", "nan"], dtype=TEXT)})
    assert trials_csv(frame).splitlines()[1:] == ['"-20"', '"+1.5e3"', '"\'-20+1"', '"\'=1"', '"nan"']


def trial(**fields) -> TrialRecord:
    """A record with these fields, and usual others."""
    usual = {"run_id": "r", "trial_id": "t", "variant": "v", "seed": 0, "status": "completed", "reason": None}
    usual |= {"metrics": {}, "history": {}, "levels": {}, "reused_from": None}
    return TrialRecord(**(usual | fields))


@pytest.fixture
def records() -> Results:
    """Trials that lack one thing or another."""
    full = {"type": "N", "layers": 2, "rate": 0.5, "bias": True}
    other = full | {"layers": "none", "rate": 1.0}
    trials = (
        trial(
            metrics={"best/loss": 0.1 + 0.2, "cost/parameters": 7.0},
            levels={"=f": '=HYPERLINK("x")'},
            spec={"network": full},
        ),
        trial(seed=1, metrics={"best/loss": math.nan}, spec={"network": other}),
        trial(variant="w", seed=None, trial_id="", status="infeasible", reason="too\nshort, really"),
    )
    where = {"tracking_uri": "", "study": "s", "preset": "quick", "corpus": "c", "margin": 1.0}
    return Results(**where, trials=trials)


def test_a_frame_keeps_what_is_missing_missing(records) -> None:
    """Numbers are numbers where all are, else text; what is absent or NaN is none; empty columns are not there."""
    frame = trial_frame(records)
    assert list(frame["seed"].array) == [0, 1, pd.NA]
    assert frame["trial_id"].isna().tolist() == frame["reason"].notna().tolist() == [False, False, True]
    assert frame["metrics.best/loss"].isna().tolist() == [False, True, True]
    assert frame["metrics.best/loss"][0] == 0.1 + 0.2
    types = {name.removeprefix("params.network."): str(kind) for name, kind in frame.dtypes.items()}
    assert (types["layers"], types["rate"], types["bias"]) == (TEXT, "Float64", "boolean")
    assert frame["params.network.layers"].tolist()[:2] == ["2", "none"]
    assert [name for name in frame.columns if frame[name].isna().all()] == ["reused_from", "device"]


def test_csv_and_parquet_hold_the_same_frame(records) -> None:
    """Both are read back as they were, types included."""
    frame = trial_frame(records)
    assert_frame_equal(read_back(trials_csv(frame), frame), frame)
    assert_frame_equal(pd.read_parquet(io.BytesIO(trials_parquet(frame))), frame)
    assert '"\'=HYPERLINK(""x"")"' in trials_csv(frame)


def test_a_search_has_numbers_purposes_and_typed_choices() -> None:
    """The columns that only a search has."""
    trials = (
        trial(number=3, purpose="search", choices={"layers": 2, "rate": 0.5}),
        trial(seed=1, purpose="confirmation", choices={"layers": 3}),
    )
    where = {"tracking_uri": "", "space": "s", "search": "n", "preset": "quick", "corpus": "c", "margin": 1.0}
    how = {"sampler": "tpe", "scheduler": "asha", "objectives": ("x",), "asked": 2, "rejected": {}}
    frame = trial_frame(SearchRecords(**where, **how, trials=trials))
    assert frame["number"].isna().tolist() == [False, True]
    assert frame["purpose"].tolist() == ["search", "confirmation"]
    assert (str(frame["choices.layers"].dtype), str(frame["choices.rate"].dtype)) == ("Int64", "Float64")


def test_documented_values_stand_in_columns_of_their_own() -> None:
    """The mean over the document's runs, how many those are, and nothing of a variant that it does not know."""
    trials = tuple(trial(variant=name) for name in ("genre-cnn-filters/01", "asr-merge-mode/01", "mine"))
    where = {"tracking_uri": "", "study": "s", "preset": "quick", "corpus": "c", "margin": 1.0}
    frame = trial_frame(Results(**where, trials=trials))
    assert frame["documented.test/accuracy"][0] == pytest.approx((0.61415 + 0.7029) / 2)
    assert frame["documented.runs"].tolist()[0] == 2
    assert frame["documented.cost/parameters"].tolist()[1] == 1069029
    assert frame.filter(like="documented.").isna().all(axis=1).tolist() == [False, False, True]
