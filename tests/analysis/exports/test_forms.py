"""The command `export`, called in this process: every form of a study and of a search, and what is refused."""

import io
import os
import re

import pandas as pd
import pytest

from soundproof.command_line.exporting import FORMS, export
from soundproof.common.errors import UserError

BINARY = {"parquet": b"PAR1", "optuna": b"SQLite format 3\x00"}
BEGINS = {
    "latex": b"% Needs \\usepackage{booktabs",
    "markdown": b"| variant |",
    "csv": b'"variant","seed","status","reason","run_id","trial_id"',
    "script": b'"""The s',
    "citation": b"cff-version: 1.2.0\n",
    **BINARY,
}


@pytest.fixture(params=["asr-merge-mode", "speech-recipe"])
def exported(request, exported_study, exported_search):
    """The id of a study or of a space, and where its record is."""
    assert exported_study == exported_search
    return {"study": request.param, "tracking_uri": exported_study}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_study_and_of_a_search(exported, form, tmp_path, capfdbinary) -> None:
    """A file whole under its name and nothing beside it; the same on standard output, and nothing else there."""
    out = tmp_path / "new folder" / "exported.db"
    export(**exported, form=form, out=out)
    said = capfdbinary.readouterr().out.decode()
    assert said.splitlines()[0] == f"Exported: {out}"
    assert ("optuna-dashboard 'sqlite:///" in said) == (form == "optuna")
    content = out.read_bytes()
    assert content.startswith(BEGINS[form])
    assert os.listdir(out.parent) == [out.name]
    if form not in BINARY:
        export(**exported, form=form)
        assert capfdbinary.readouterr().out == content


def test_what_was_there_is_replaced(exported_study, tmp_path) -> None:
    """A second export over the first leaves its own content; texts of users are in it as text."""
    out = tmp_path / "trials.csv"
    out.write_text("old")
    export("asr-merge-mode", form="csv", out=out, tracking_uri=exported_study)
    reasons = pd.read_csv(io.BytesIO(out.read_bytes()))["reason"].dropna().tolist()
    assert reasons == ["'=out of memory & more", "too short"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"form": "latx"}, "no form is called 'latx': did you mean 'latex'?"),
        ({"form": "optuna"}, "add --out study.journal, or --out study.db"),
        ({"form": "csv", "out": "."}, "--out expects a file, got the folder"),
        ({"form": "csv", "out": "file/trials.csv"}, "Name another file"),
        ({"form": "csv", "search": "tpe.asha.0"}, "--search names a search of a space: leave it out"),
        ({"form": "csv", "preset": "documented"}, "ask for one of those, or run it"),
        ({"form": "csv", "study": "asr-merge-mod"}, "did you mean 'asr-merge-mode'?"),
    ],
)
def test_what_cannot_be_is_refused(options, said, exported_study, tmp_path) -> None:
    """With a message that says the way out, and nothing written."""
    (tmp_path / "file").write_text("in the way")
    given = {"study": "asr-merge-mode", "tracking_uri": exported_study} | options
    if "out" in given:
        given["out"] = tmp_path / given["out"]
    with pytest.raises(UserError, match=re.escape(said)):
        export(**given)
    assert os.listdir(tmp_path) == ["file"]
