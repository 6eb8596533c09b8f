"""The page on somebody else's runs: what is wrong with them stands before the verdicts."""

import json
import re

import numpy as np

from soundproof.analysis.judging.writing import write_judged
from soundproof.api import judge

HOSTILE = "<script>alert(1)</script>"


def test_alarms_and_ranks_are_on_the_page_and_hostile_text_is_text(tmp_path, monkeypatch):
    """Alarms with their rows, what was read off the source, mean ranks, and the JSON that the command prints."""
    lines = ["model,task,seed,accuracy"]
    for at in range(6):
        for seed in range(2):
            for place, model in enumerate(("a", "b", HOSTILE)):
                lines.append(f"{model},t{at},{seed},{0.5 + 0.01 * place + 0.003 * at + 0.001 * seed * (place + 1)}")
    lines.append(f"{lines[-1]}9")  # one seed with two results
    (tmp_path / "tasks.csv").write_text("\n".join(lines) + "\n")
    judged = judge(tmp_path / "tasks.csv", variant=["model"], data_set="task", metric="accuracy", margin=0.001)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    page = write_judged(judged, tmp_path / "out").read_text()
    assert list((tmp_path / "here").iterdir()) == [], "a page asks no store that nobody named"
    text = re.sub(r"<[^>]+>", "", page)
    assert HOSTILE not in page
    alarms = [fault.sentence for fault in judged.faults if fault.alarm]
    assert alarms, [fault.sentence for fault in judged.faults]
    assert page.count("Look at this:") == len(alarms)
    assert "Mean ranks over 6 data sets" in text
    assert page.index("Look at this:") < page.index('id="verdicts"')
    plain = json.loads((tmp_path / "out" / "report.json").read_text())
    assert [fault["alarm"] for fault in plain["faults"]] == [fault.alarm for fault in judged.faults]


def test_a_study_of_hundreds_of_claims_has_a_page_that_is_read(tmp_path):
    """The first claims with all that is known, the others in a table; no other margin is tried, and JSON says so."""
    values = np.random.default_rng(0).normal(0.2, 0.01, (204, 3)).tolist()
    lines = ["model,seed,wer"]
    lines += [f"m{model:03},{seed},{value}" for model, row in enumerate(values) for seed, value in enumerate(row)]
    (tmp_path / "many.csv").write_text("\n".join(lines) + "\n")
    judged = judge(tmp_path / "many.csv", baseline="m000", margin=0.001)
    page = write_judged(judged, tmp_path / "out").read_text()
    assert page.count('<article class="claim">') == 200
    assert "3 further claims" in page
    assert page.count("“m203” is better than “m000”.") == 1
    assert "Which variants can be told apart" not in page
    assert {claim.flips_at for claim in judged.report.summary.claims} == {None}
    assert judged.report.plain()["claims"][202]["flips_at"] is None
