"""Parquet as pandas and pyarrow write it."""

import math
import struct
import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet as arrow

from soundproof.analysis.sources import parquet
from soundproof.analysis.sources.cells import number
from soundproof.analysis.sources.found import SourceError


def cells(path):
    """The cells of all rows."""
    return [dict(run.cells) for run in parquet.read(path).runs]


@given(st.lists(st.floats(width=32), min_size=1), st.lists(st.floats(), min_size=1))
def test_numbers_come_back_exactly(tmp_path_factory, singles, doubles):
    """Bit for bit, single precision with no digits that it does not have."""
    path = tmp_path_factory.mktemp("tables") / "floats.parquet"
    count = min(len(singles), len(doubles))
    columns = {
        "single": pyarrow.array(np.array(singles[:count], dtype="float32")),
        "double": pyarrow.array(doubles[:count], type=pyarrow.float64()),
    }
    arrow.write_table(pyarrow.table(columns), path)
    for run, single, double in zip(parquet.read(path).runs, singles, doubles, strict=False):
        for value, text, form in ((single, run.cells["single"], "f"), (double, run.cells["double"], "d")):
            back = number(text)
            if math.isnan(value):
                assert math.isnan(back)
            elif abs(value) != 1.7976931348623157e308:
                assert struct.pack(form, back) == struct.pack(form, value)


def test_single_precision_is_short(tmp_path):
    """0.1 is 0.1, where it becomes 0.10000000149011612 by way of Python's numbers."""
    path = tmp_path / "single.parquet"
    pd.DataFrame({"acc": np.array([0.1, 1e-5], dtype="float32")}).to_parquet(path)
    assert arrow.read_table(path)["acc"].to_pylist()[0] == 0.10000000149011612
    assert [row["acc"] for row in cells(path)] == ["0.1", "1e-05"]


def test_null_is_empty_and_nan_is_not(tmp_path):
    """A reader by way of pandas has one for the other."""
    path = tmp_path / "missing.parquet"
    values = pyarrow.array([1.0, math.nan, None])
    table = pyarrow.table({"acc": values, "single": values.cast(pyarrow.float32()), "row": [1, 2, 3]})
    arrow.write_table(table, path)
    assert pd.read_parquet(path)["acc"].isna().tolist() == [False, True, True]
    assert cells(path) == [
        {"acc": "1.0", "single": "1.0", "row": "1"},
        {"acc": "nan", "single": "nan", "row": "2"},
        {"row": "3"},
    ]


def test_nan_of_polars(tmp_path):
    """It keeps NaN and null apart in the file too."""
    polars = pytest.importorskip("polars")
    path = tmp_path / "polars.parquet"
    polars.DataFrame({"arm": ["a", "b", "c"], "acc": [0.5, math.nan, None]}).write_parquet(path)
    assert cells(path) == [{"arm": "a", "acc": "0.5"}, {"arm": "b", "acc": "nan"}, {"arm": "c"}]


def test_frames_of_pandas(tmp_path):
    """Categories, an index with and without names, whole numbers with gaps, times, and NaN, which it writes as null."""
    path = tmp_path / "frame.parquet"
    index = pd.MultiIndex.from_tuples([("a", 4), ("b", 9)], names=["arm", None])
    frame = pd.DataFrame(
        {
            "size": pd.Categorical([32, 64]),
            "cell": pd.Categorical(["gru", None]),
            "acc": [0.5, math.nan],
            "epochs": pd.array([3, None], dtype="Int64"),
            "done": [True, False],
            "at": pd.to_datetime(["2024-01-02T03:04:05.123456789", None]),
            "code": ["007", " "],
        },
        index=index,
    )
    frame.to_parquet(path)
    found = parquet.read(path)
    assert dict(found.runs[0].cells) == {
        "size": "32",
        "cell": "gru",
        "acc": "0.5",
        "epochs": "3",
        "done": "true",
        "at": "2024-01-02 03:04:05.123456789",
        "code": "007",
        "arm": "a",
        "__index_level_1__": "4",
    }
    assert dict(found.runs[1].cells) == {"size": "64", "done": "false", "arm": "b", "__index_level_1__": "9"}
    assert found.hints == {"__index_level_1__": "bookkeeping"}
    assert found.runs[1].where == "row 2 of frame.parquet"


def test_headings_of_two_levels(tmp_path):
    """The text of a tuple, which no rule for names of metrics would know."""
    path = tmp_path / "levels.parquet"
    frame = pd.DataFrame({"arm": ["a", "b"], "acc": [1.0, 2.0]}).groupby("arm").agg({"acc": ["mean", "max"]})
    frame.reset_index().to_parquet(path)
    assert arrow.read_schema(path).names == ["('arm', '')", "('acc', 'mean')", "('acc', 'max')"]
    assert parquet.read(path).columns == ("arm", "acc/mean", "acc/max")


def test_lists_and_objects(tmp_path):
    """Read as those of JSON: curves are curves, objects are flattened."""
    path = tmp_path / "nested.parquet"
    rows = [{"loss": [[1.0, 0.5], [2.0, 0.25]], "model": {"lr": 0.1}, "acc": 1.0}, {"model": {"lr": None}, "acc": 2.0}]
    arrow.write_table(pyarrow.Table.from_pylist(rows), path)
    found = parquet.read(path)
    assert found.runs[0].curves == {"loss": ((1, 0.5), (2, 0.25))}
    assert [dict(run.cells) for run in found.runs] == [{"model/lr": "0.1", "acc": "1.0"}, {"acc": "2.0"}]


def test_folders_add_no_column(tmp_path):
    """A folder `seed=3` is a column to pandas where it reads the folders above, and a name to us."""
    path = tmp_path / "seed=3" / "results.parquet"
    path.parent.mkdir()
    pd.DataFrame({"acc": [1.0]}).to_parquet(path)
    assert "seed" in pd.read_parquet(tmp_path).columns
    assert parquet.read(path).columns == ("acc",)


def test_broken_files_are_refused(tmp_path):
    """No Parquet, no rows, names that stand twice."""
    path = tmp_path / "results.parquet"
    path.write_bytes(b"arm,acc\na,1\n")
    with pytest.raises(SourceError, match="cannot be read as Parquet"):
        parquet.read(path)
    arrow.write_table(pyarrow.table({"accuracy of it": [1.0]}), path, store_schema=False)
    path.write_bytes(path.read_bytes().replace(b"accuracy of it", b"\xff\xfecuracy of it"))
    with pytest.raises(SourceError, match="cannot be read as Parquet: 'utf-8' codec"):
        parquet.read(path)
    arrow.write_table(pyarrow.table({"acc": pyarrow.array([], type=pyarrow.float64())}), path)
    with pytest.raises(SourceError, match="no row"):
        parquet.read(path)
    arrow.write_table(pyarrow.Table.from_arrays([pyarrow.array([1]), pyarrow.array([2])], names=["a", "a"]), path)
    with pytest.raises(SourceError, match="several called a"):
        parquet.read(path)
    with pytest.raises(SourceError, match="cannot be read"):
        parquet.read(tmp_path / "missing.parquet")


def test_recognised_by_name_or_content(tmp_path):
    """A file without its ending is known by its first bytes."""
    path = tmp_path / "results"
    pd.DataFrame({"acc": [1.0]}).to_parquet(path)
    assert parquet.recognises(path)
    path.write_text("acc\n1\n")
    assert not parquet.recognises(path)
    assert not parquet.recognises(tmp_path)


def test_readers_of_tables_are_cheap_to_import():
    """No library for frames waits for them."""
    modules = ", ".join(
        f"soundproof.analysis.sources.{name}" for name in ("delimited", "json_tables", "parquet", "wide")
    )
    code = f"import sys, {modules}; print(*sorted({{'pandas', 'pyarrow', 'numpy', 'torch'}} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == ""
