"""Tables of separated cells: what pandas, csv and editors write is read without a number changed or a row moved."""

import csv
import io
import math
import struct

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundproof.analysis.sources import delimited
from soundproof.analysis.sources.cells import number
from soundproof.analysis.sources.found import SourceError


def table(folder, text, name="results.csv"):
    """A file of this text, with its line ends as they stand."""
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def cells(found):
    """The cells of all rows."""
    return [dict(run.cells) for run in found.runs]


@given(st.lists(st.floats(), min_size=1))
def test_numbers_of_pandas_come_back_exactly(tmp_path_factory, values):
    """Every float, bit for bit, with NaN and infinity; the largest float stands for infinity, as `cells` says."""
    path = tmp_path_factory.mktemp("tables") / "floats.csv"
    pd.DataFrame({"row": range(len(values)), "value": values}).to_csv(path, index=False, na_rep="nan")
    read = [number(run.cells["value"]) for run in delimited.read(path).runs]
    for value, back in zip(values, read, strict=True):
        if math.isnan(value):
            assert math.isnan(back)
        elif abs(value) == 1.7976931348623157e308:
            assert back == math.copysign(math.inf, value)
        else:
            assert struct.pack("d", back) == struct.pack("d", value)


@given(st.lists(st.lists(st.text(alphabet='a ,;"\t\n\r'), min_size=3, max_size=3), min_size=1, max_size=5))
def test_texts_of_csv_come_back(tmp_path_factory, rows):
    """Quotes, separators and line ends inside of cells; white space around them is none."""
    path = tmp_path_factory.mktemp("tables") / "texts.csv"
    with path.open("w", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([["a", "b", "c"], *rows])
    expected = [[cell.strip() for cell in row] for row in rows]
    if any(map(any, expected)):
        found = cells(delimited.read(path))
        assert found == [
            {name: cell for name, cell in zip("abc", row, strict=True) if cell} for row in expected if any(row)
        ]


def test_nan_inf_and_empty_stay_apart(tmp_path):
    """Three things, where pandas has two and pyarrow one."""
    path = table(tmp_path, "arm,acc\na,nan\nb,\nc,inf\nd,-Infinity\n")
    assert cells(delimited.read(path)) == [
        {"arm": "a", "acc": "nan"},
        {"arm": "b"},
        {"arm": "c", "acc": "inf"},
        {"arm": "d", "acc": "-Infinity"},
    ]
    naive = pd.read_csv(path)["acc"]
    assert naive.isna().tolist() == [True, True, False, False]
    from pyarrow import csv as arrow

    assert arrow.read_csv(path)["acc"].is_null().to_pylist() == [True, True, False, False]


def test_trailing_separators_are_refused(tmp_path):
    """The rows end in a comma, and pandas moves every heading by one without a word."""
    path = table(tmp_path, "arm,seed,acc\na,1,0.5,\nb,2,0.6,\n")
    naive = pd.read_csv(path)
    assert naive["arm"].tolist() == [1, 2]
    assert naive["seed"].tolist() == [0.5, 0.6]
    with pytest.raises(SourceError, match=r"results.csv, line 2: found 4 cells, expected 3.*ends in a separator"):
        delimited.read(path)


def test_a_late_text_changes_no_number_before_it(tmp_path):
    """Names like 007 stay texts in all rows; pandas makes them numbers in some parts of a file and texts in others."""
    rows = 270_000
    path = table(tmp_path, "arm,acc\n" + "007,0.5\n" * rows + "last,0.5\n")
    with pytest.warns(pd.errors.DtypeWarning):
        naive = pd.read_csv(path)["arm"]
    assert {7, "007"} <= set(naive.unique())
    found = delimited.read(path)
    assert {run.cells["arm"] for run in found.runs} == {"007", "last"}


def test_late_decimals_stay_decimals(tmp_path):
    """DuckDB takes a column for whole numbers by its first 20,480 rows, and rounds what follows."""
    duckdb = pytest.importorskip("duckdb")
    path = table(tmp_path, "acc\n" + "1\n" * 30_000 + "0.4\n0.5\n2.5\n")
    naive = duckdb.sql(f"select acc from read_csv('{path}')").fetchall()[-3:]
    assert [row[0] for row in naive] != [0.4, 0.5, 2.5]
    assert [number(run.cells["acc"]) for run in delimited.read(path).runs[-3:]] == [0.4, 0.5, 2.5]


def test_late_decimals_are_an_error_to_others(tmp_path):
    """Polars refuses a table whose column turns to text after its first rows; here nothing is expected of it."""
    polars = pytest.importorskip("polars")
    path = table(tmp_path, "acc\n" + "1\n" * 200 + "crashed\n")
    with pytest.raises(polars.exceptions.ComputeError):
        polars.read_csv(path)
    assert delimited.read(path).runs[-1].cells["acc"] == "crashed"


@pytest.mark.parametrize("text", ["01-02-2024", "true", "1e2", "NA", "None", "null", "1,5", "0x10", "1_000"])
def test_names_stay_texts(tmp_path, text):
    """No date, truth value, missing value or number is made of what may be a variant's name."""
    path = tmp_path / "names.csv"
    pd.DataFrame({"arm": [text], "acc": [0.5]}).to_csv(path, index=False)
    assert cells(delimited.read(path)) == [{"arm": text, "acc": "0.5"}]


def test_the_same_heading_twice_is_refused(tmp_path):
    """Pandas calls the second one acc.1, and reads on."""
    path = table(tmp_path, "arm,acc,acc\na,1,2\n")
    assert list(pd.read_csv(path).columns) == ["arm", "acc", "acc.1"]
    with pytest.raises(SourceError, match="more than one column called 'acc'"):
        delimited.read(path)


def test_headings_of_two_levels_are_refused(tmp_path):
    """As pandas writes a pivot: two lines of headings, the first of which repeats itself."""
    path = tmp_path / "pivot.csv"
    frame = pd.DataFrame({"arm": ["a", "b"], "acc": [1.0, 2.0]}).groupby("arm").agg({"acc": ["mean", "max"]})
    frame.to_csv(path)
    with pytest.raises(SourceError, match="'acc'"):
        delimited.read(path)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_marks_and_blank_lines(tmp_path, end, mark):
    """Lines are those of the file, blank ones counted."""
    path = table(tmp_path, mark + end.join(["arm,acc", "", "a, 1 ", "   ", "b,2", ""]).encode())
    found = delimited.read(path)
    assert found.columns == ("arm", "acc")
    assert cells(found) == [{"arm": "a", "acc": "1"}, {"arm": "b", "acc": "2"}]
    assert [run.where for run in found.runs] == ["line 3 of results.csv", "line 5 of results.csv"]


def test_lines_are_those_of_the_file_where_cells_have_several(tmp_path):
    """A row is named by the line where it begins."""
    path = table(tmp_path, 'arm,note\na,"one\ntwo"\nb,x\nc\n')
    with pytest.raises(SourceError, match="line 5: found 1 cell, expected 2"):
        delimited.read(path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("\n \n", "is empty"),
        ("arm,acc\n", "no row below them"),
        ("arm,acc\n,\n", "no row below them"),
        ("# made on Monday\narm,acc\na,1\n", "if it is a comment, remove it"),
        ("0.5,0.6\n0.7,0.8\n", "expected headings in the first line"),
        ('arm,acc\n"a,1\nb,2\n', "line 2: expected cells separated by commas"),
        ('arm,acc\n"a"x,1\n', "line 2: expected cells separated by commas"),
        ("arm,,acc\na,1,2\n", "column 2 has cells and no heading"),
        (b"arm,acc\n\xff\xfe,1\n", "line 2: expected text in UTF-8"),
    ],
)
def test_broken_tables_say_what_is_wrong(tmp_path, text, said):
    """With the file, the line and what to do."""
    path = table(tmp_path, text)
    with pytest.raises(SourceError, match=said):
        delimited.read(path)


def test_a_quote_left_open_swallows_no_rows(tmp_path):
    """Python's csv takes all further lines into the last cell, and the table still has the right shape."""
    path = table(tmp_path, 'acc,note\n1,"better\n2,worse\n3,equal\n')
    assert len(list(csv.reader(io.StringIO(path.read_text())))) == 2
    with pytest.raises(SourceError, match="line 2"):
        delimited.read(path)


def test_separators_of_the_headings(tmp_path):
    """Semicolons, tabs in a `.csv`, and commas inside of quotes; decimal commas are said to be text."""
    semicolons = delimited.read(table(tmp_path, 'arm;"a, b, c";acc\nx;1;0,5\ny;2;0,6\n'))
    assert semicolons.columns == ("arm", "a, b, c", "acc")
    assert semicolons.runs[0].cells["acc"] == "0,5"
    assert "separated by semicolons" in semicolons.notes[0]
    assert "decimal comma are text here, in acc" in semicolons.notes[1]
    tabs = delimited.read(table(tmp_path, "arm\tacc\nx\t1\n"))
    assert (tabs.columns, tabs.kind) == (("arm", "acc"), "TSV")
    assert delimited.read(table(tmp_path, "arm,acc\nx,1\n")).notes == ()
    one_column = delimited.read(table(tmp_path, "arm, or\nx\n", "results.tsv"))
    assert one_column.columns == ("arm, or",)


def test_an_index_of_pandas_has_a_name(tmp_path):
    """Numbers of rows are book-keeping, names are not; empty columns without heading are left out, and said to be."""
    path = tmp_path / "indexed.csv"
    frame = pd.DataFrame({"acc": [0.5, 0.6]})
    frame.to_csv(path)
    counted = delimited.read(path)
    assert (counted.columns, counted.hints) == (("column 1", "acc"), {"column 1": "bookkeeping"})
    frame.set_axis(["a", "b"]).to_csv(path)
    named = delimited.read(path)
    assert (named.runs[1].cells["column 1"], named.hints) == ("b", {})
    trailing = delimited.read(table(tmp_path, "arm,acc,\na,1,\n"))
    assert trailing.columns == ("arm", "acc")
    assert any("without heading and cells" in note for note in trailing.notes)


def test_rows_without_a_cell_are_named(tmp_path):
    """As spreadsheets leave them at the end."""
    found = delimited.read(table(tmp_path, "arm,acc\na,1\n,\n,\n"))
    assert len(found.runs) == 1
    assert found.notes == ("Rows of results.csv without any cell are left out: lines 3, 4.",)


def test_keras_logs_are_not_tables(tmp_path):
    """One training, an epoch a row; a table of runs that has an epoch is one."""
    keras = "epoch,accuracy,loss,val_loss\n0,0.5,nan,NA\n1,0.6,1.0,NA\n"
    assert not delimited.recognises(table(tmp_path, keras))
    assert not delimited.recognises(table(tmp_path, keras.replace(",", ";")))
    assert delimited.recognises(table(tmp_path, "epoch,arm,accuracy\n0,a,0.5\n"))
    assert delimited.recognises(table(tmp_path, "epoch,seed,accuracy\n0,1,0.5\n"))
    assert delimited.recognises(table(tmp_path, "arm,accuracy\na,0.5\n", "RESULTS.CSV"))
    assert delimited.recognises(table(tmp_path, ""))
    assert not delimited.recognises(table(tmp_path, "arm,accuracy\n", "results.txt"))
    assert not delimited.recognises(tmp_path / "missing.csv")
    with pytest.raises(SourceError, match="cannot be read"):
        delimited.read(tmp_path / "missing.csv")


def test_keras_appended_with_other_metrics_is_refused(tmp_path):
    """Rows of the second training are longer than the header of the first, whose loss would be an accuracy."""
    path = table(tmp_path, "epoch,loss\n0,1.0\n0,0.9,0.4\n")
    with pytest.raises(SourceError, match="line 3: found 3 cells, expected 2"):
        delimited.read(path)
