"""Rows as JSON and JSON Lines, as Python and pandas write them."""

import json
import math
import struct

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundproof.analysis.sources import json_tables
from soundproof.analysis.sources.cells import number
from soundproof.analysis.sources.found import SourceError


def lines(folder, *entries, name="results.jsonl"):
    """A file with an entry a line."""
    path = folder / name
    path.write_text("".join(f"{entry if isinstance(entry, str) else json.dumps(entry)}\n" for entry in entries))
    return path


def whole(folder, value):
    """A file of one value."""
    path = folder / "results.json"
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


@given(st.lists(st.floats() | st.integers(), min_size=1))
def test_numbers_come_back_exactly(tmp_path_factory, values):
    """Every float, bit for bit; NaN and infinity as Python writes them."""
    path = lines(tmp_path_factory.mktemp("tables"), *({"value": value} for value in values))
    for value, run in zip(values, json_tables.read(path).runs, strict=True):
        back = number(run.cells["value"])
        if isinstance(value, int):
            assert run.cells["value"] == str(value)
        elif math.isnan(value):
            assert math.isnan(back)
        elif abs(value) == 1.7976931348623157e308:
            assert back == math.copysign(math.inf, value)
        else:
            assert struct.pack("d", back) == struct.pack("d", value)


def test_nan_is_kept_in_all_its_forms(tmp_path):
    """Bare as Python writes it, in quotes as DVCLive and W&B do; null is an empty cell. Polars refuses such files."""
    path = lines(tmp_path, '{"a": NaN, "b": -Infinity, "c": 1e400}', '{"a": "NaN", "b": "Infinity", "c": null}')
    first, second = (run.cells for run in json_tables.read(path).runs)
    assert [number(first[name]) for name in "bc"] == [-math.inf, math.inf]
    assert math.isnan(number(first["a"]))
    assert math.isnan(number(second["a"]))
    assert number(second["b"]) == math.inf
    assert "c" not in second
    polars = pytest.importorskip("polars")
    with pytest.raises(polars.exceptions.ComputeError):
        polars.read_ndjson(path)


def test_nested_and_missing_keys(tmp_path):
    """Keys are joined by `/`; names stay texts; white space is none; truth values are words."""
    path = lines(
        tmp_path,
        {"arm": "007", "model": {"rnn": {"units": 20}, "bias": True}, "acc": 0.5},
        {"arm": " b ", "model": {"rnn": {}}, "late": [1, 2.5], "empty": ""},
    )
    found = json_tables.read(path)
    assert found.columns == ("arm", "acc", "model/rnn/units", "model/bias", "late")
    assert found.runs[0].cells == {"arm": "007", "model/rnn/units": "20", "model/bias": "true", "acc": "0.5"}
    assert found.runs[1].cells == {"arm": "b", "late": "[1, 2.5]"}
    assert [run.where for run in found.runs] == ["line 1 of results.jsonl", "line 2 of results.jsonl"]
    assert found.kind == "JSON Lines"


def test_curves(tmp_path):
    """In the order of steps, with values that were not finite; pairs of sizes are a setting; seconds are numbered."""
    path = lines(
        tmp_path,
        {"loss": [[10, 0.5], [5, 0.75], [15, math.nan]], "kernels": [[3, 3], [3, 5]], "timed": [[0.5, 2], [1.25, 1]]},
        {"loss": [[5, "NaN"], [10, None]], "reward": [[0, 100], [1000, 90]], "timed": []},
    )
    found = json_tables.read(path)
    first, second = found.runs
    assert first.curves["loss"][:2] == ((5, 0.75), (10, 0.5))
    assert first.curves["loss"][2][0] == 15
    assert all(math.isnan(value) for value in (first.curves["loss"][2][1], *(v for _, v in second.curves["loss"])))
    assert second.curves["reward"] == ((0, 100.0), (1000, 90.0))
    assert first.curves["timed"] == ((0, 2.0), (1, 1.0))
    assert first.cells == {"kernels": "[[3, 3], [3, 5]]"}
    assert second.cells == {}
    assert found.columns == ("kernels",)
    assert found.notes == (
        "Lists of steps and values are curves: loss, timed, reward.",
        "Steps of timed are not whole numbers (0.5 in line 1 of results.jsonl): its points are numbered from 0 here.",
    )


def test_files_of_pandas(tmp_path):
    """Lines and records are read, other forms are refused with what to write instead."""
    frame = pd.DataFrame({"arm": ["a", "b"], "acc": [0.1, float("nan")]})
    path = tmp_path / "results.json"
    for form in ({"orient": "records"}, {"orient": "records", "lines": True}, {"orient": "table", "index": False}):
        frame.to_json(path, **form)
        assert json_tables.recognises(path)
        assert [dict(run.cells) for run in json_tables.read(path).runs] == [{"arm": "a", "acc": "0.1"}, {"arm": "b"}]
    for orient in ("columns", "index", "split", "values"):
        frame.to_json(path, orient=orient)
        assert json_tables.recognises(path)
        with pytest.raises(SourceError, match=r"to_json\('results.jsonl', orient='records', lines=True\)"):
            json_tables.read(path)


def test_a_list_in_an_object(tmp_path):
    """What stands beside it is left out, and named."""
    found = json_tables.read(whole(tmp_path, {"date": "Monday", "runs": [{"acc": 1}, {"acc": 2}], "tags": ["x"]}))
    assert [run.where for run in found.runs] == ["entry 1 of results.json", "entry 2 of results.json"]
    assert found.notes == ("Rows are the objects below 'runs'. Left out: date, tags.",)


def test_lines_under_the_name_of_json(tmp_path):
    """As Ray writes them; blank lines are counted, and characters that others take for line ends stay in texts."""
    path = lines(tmp_path, {"a": 1}, "", '{"a": "x\u2028y"}', name="result.json")
    found = json_tables.read(path)
    assert [run.where for run in found.runs] == ["line 1 of result.json", "line 3 of result.json"]
    assert found.runs[1].cells["a"] == "x\u2028y"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": 1}\n{"a": \n{"a": 2}\n', "line 2 of results.jsonl: expected an object of JSON, found a fault"),
        ('{"a": 1}\n[1]\n', "line 2 of results.jsonl: expected an object of JSON, found a list"),
        ('{"a": 1, "a": 2}\n', "the key 'a' stands twice"),
        ('{"a/b": 1, "a": {"b": 2}}\n', "'a/b' is the name of two values"),
        ('{"a": ' + "[" * 100_000 + "\n", "nested too deeply"),
        ("\n", "is empty"),
    ],
)
def test_broken_lines_are_named(tmp_path, text, said):
    """JSON itself would keep the last of two equal keys."""
    path = tmp_path / "results.jsonl"
    path.write_text(text)
    with pytest.raises(SourceError, match=said):
        json_tables.read(path)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ('[{"a": 1},\n{"a": }]', "line 2: expected JSON"),
        ([], "found an empty list"),
        ([{"a": 1}, 2], "entry 2 of results.json"),
        ({"a": [{"x": 1}], "b": [{"x": 1}]}, "several lists of objects: a, b"),
        ({"acc": 0.5}, "keys: acc"),
        ({}, "keys: none"),
    ],
)
def test_other_values_are_refused(tmp_path, value, said):
    """With what was found in place of a list of objects."""
    with pytest.raises(SourceError, match=said):
        json_tables.read(whole(tmp_path, value))


def test_recognised_by_name_and_beginning(tmp_path):
    """A mark of byte order and white space before it do not matter."""
    path = tmp_path / "results.json"
    path.write_bytes(b'\xef\xbb\xbf\n[{"a": 1}]')
    assert json_tables.recognises(path)
    assert len(json_tables.read(path).runs) == 1
    path.write_text('"text"')
    assert not json_tables.recognises(path)
    assert not json_tables.recognises(lines(tmp_path, {"a": 1}, name="results.txt"))
    assert not json_tables.recognises(tmp_path)


def test_whole_numbers_that_are_too_large_are_infinite(tmp_path):
    """As 1e999 is; a curve's value is a fraction, of which there is none so large."""
    file = tmp_path / "runs.json"
    file.write_text(f'[{{"loss": [[0, {10**400}], [1, -{10**400}]]}}]')
    assert json_tables.read(file).runs[0].curves["loss"] == ((0, math.inf), (1, -math.inf))
