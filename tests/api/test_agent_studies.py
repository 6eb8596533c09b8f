"""Studies of agents: declared before results, taken whole or not at all, judged, and told what to run next."""

import hashlib
import json
import math
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from soundproof.api.agent_planning import in_words
from soundproof.api.agent_studies import AgentFolder
from soundproof.api.judging import judge
from soundproof.common.errors import UserError

WIDTH = {
    "claims": ["wide better than base"],
    "baseline": "base",
    "metric": "wer",
    "higher_is_better": False,
    "margin": 0.2,
}
BASE, WIDE = (22.1, 22.43, 21.98, 22.3, 22.21, 22.37), (20.11, 20.42, 20.0, 20.37, 20.18, 20.23)


def rows_of(variant: str, values: tuple[float | None, ...], first: int = 0) -> list[dict[str, object]]:
    """Runs of seeds one after another."""
    return [{"variant": variant, "seed": seed, "value": value} for seed, value in enumerate(values, first)]


def begun(folder: Path, **more: object) -> AgentFolder:
    """One with the study `width`."""
    agents = AgentFolder(folder)
    agents.declare("width", **WIDTH | more)
    return agents


def test_a_fixed_plan_is_judged_as_a_table_of_the_same_runs(tmp_path: Path) -> None:
    """Digit for digit what `judge --fixed-beforehand` says, once all runs of the plan are there, and not before."""
    agents = begun(tmp_path / "agents", seeds=6)
    rows = rows_of("base", BASE) + rows_of("wide", WIDE)
    agents.submit("width", rows[:-1])
    early = agents.verdict("width")
    assert early["test"] == "any look"
    assert "11 of the 12 runs of the plan are there (seeds 0 to 5 of each variant)" in early["notes"][0]
    assert agents.next_runs("width")["runs"] == (
        [] if early["every_claim_decided"] else [{"variant": "wide", "seed": 5}]
    )
    agents.submit("width", rows[-1:])
    verdict = agents.verdict("width")
    table = tmp_path / "table.csv"
    table.write_text("variant,seed,wer\n" + "".join(f"{row['variant']},{row['seed']},{row['value']}\n" for row in rows))
    answers = {name: value for name, value in WIDTH.items() if name != "metric"}
    theirs = judge(table, metric="wer", fixed_beforehand=True, **answers)
    (claim,), (judged,) = verdict["claims"], theirs.report.plain()["claims"]
    assert verdict["test"] == "fixed seeds"
    assert {name: claim[name] for name in ("verdict", "effect", "interval", "n", "p_value", "adjusted_p_value")} == {
        name: judged[name] for name in ("verdict", "effect", "interval", "n", "p_value", "adjusted_p_value")
    }
    assert claim["verdict"] == "supported"
    assert verdict["notes"] == []
    assert agents.next_runs("width") == {
        "study": "width",
        "every_claim_decided": True,
        "runs": [],
        "words": "every claim is decided: nothing has to be run",
    }


def test_a_look_before_the_end_of_a_plan_has_a_tenth_of_the_error(tmp_path: Path) -> None:
    """So that it and the look at the end err together no more than one of them might."""
    free, planned = begun(tmp_path / "free"), begun(tmp_path / "planned", seeds=6)
    claims = []
    for agents in (free, planned):
        agents.submit("width", rows_of("base", (22.0, 22.4, 21.9, 22.3)) + rows_of("wide", (20.9, 21.6, 20.8, 21.9)))
        claims += agents.verdict("width")["claims"]
    assert claims[1]["effect"] == claims[0]["effect"]
    assert claims[1]["p_value"] == pytest.approx(10 * claims[0]["p_value"])
    assert planned.next_runs("width", at_most=2)["words"] == "run seed 4 of base and seed 4 of wide: these were planned"


def test_what_is_declared_after_results_has_no_fixed_seeds(tmp_path: Path) -> None:
    """It is taken, and every later verdict says so; the same again changes nothing, before or after."""
    agents = begun(tmp_path, seeds=6)
    first = agents.declare("width", **WIDTH, seeds=6)
    agents.submit("width", rows_of("base", BASE) + rows_of("wide", WIDE))
    assert agents.declare("width", **WIDTH, seeds=6) == first
    assert agents.verdict("width")["test"] == "fixed seeds"
    later = agents.declare("width", **WIDTH | {"margin": 0.1}, seeds=6)
    assert later["before_results"] is False
    assert later["hash"] != first["hash"]
    verdict = agents.verdict("width")
    assert verdict["test"] == "any look"
    assert verdict["notes"][0].startswith("this was declared after 12 results had been submitted")
    assert verdict["declared"]["before_results"] is False
    agents.declare("width", **WIDTH, seeds=6)  # back to what it was: chosen with the data at hand
    assert agents.verdict("width")["test"] == "any look"


def test_results_that_were_seen_elsewhere_can_be_said(tmp_path: Path) -> None:
    """And count as a late declaration."""
    agents = begun(tmp_path, seeds=6, results_seen=True)
    agents.submit("width", rows_of("base", BASE) + rows_of("wide", WIDE))
    assert agents.verdict("width")["test"] == "any look"
    assert "after results were seen" in agents.verdict("width")["notes"][0]


def test_runs_beyond_the_plan_end_it(tmp_path: Path) -> None:
    """The number was not fixed, then."""
    agents = begun(tmp_path, seeds=2)
    agents.submit("width", rows_of("base", BASE[:3]) + rows_of("wide", WIDE[:3]))
    verdict = agents.verdict("width")
    assert verdict["test"] == "any look"
    assert "there are runs beyond seeds 0 to 1 of each variant" in verdict["notes"][0]


def test_a_study_is_played_to_its_decision(tmp_path: Path) -> None:
    """Asking what to run, running that and submitting ends with every claim decided, in fewer runs than the most."""
    agents, generator = begun(tmp_path), random.Random(5)
    step = agents.next_runs("width", at_most=4)
    assert step["words"] == "run seeds 0 and 1 of base and seeds 0 and 1 of wide: a first look"
    runs = 0
    while (step := agents.next_runs("width", at_most=3))["runs"]:
        assert 1 <= len(step["runs"]) <= 3
        for run in step["runs"]:
            value = generator.gauss(22.0 if run["variant"] == "base" else 21.0, 0.4)
            assert agents.submit("width", [run | {"value": value}])["new"] == 1
            runs += 1
    assert step["every_claim_decided"]
    assert agents.verdict("width")["claims"][0]["verdict"] == "supported"
    assert 6 < runs < 60


def test_what_differs_by_little_runs_out_of_seeds(tmp_path: Path) -> None:
    """Then the list is empty, and the words say that it is undecided."""
    agents, generator = begun(tmp_path), random.Random(2)
    rows = [
        {"variant": name, "seed": seed, "value": generator.gauss(22, 1)}
        for seed in range(4)
        for name in ("base", "wide")
    ]
    agents.submit("width", rows)
    step = agents.next_runs("width", most_seeds=4)
    assert (step["runs"], step["every_claim_decided"]) == ([], False)
    assert step["words"] == "1 claim of 1 undecided, and no runs within 4 seeds of a variant would decide more"
    more = agents.next_runs("width", at_most=4, most_seeds=30)
    assert {run["seed"] for run in more["runs"]} == {4, 5}


def test_seeds_of_one_variant_alone_are_paired_first(tmp_path: Path) -> None:
    """What one variant has and the other lacks is asked for before anything new; seeds may begin anywhere."""
    agents = begun(tmp_path, first_seed=40)
    agents.submit("width", rows_of("base", BASE[:3], 40) + rows_of("wide", WIDE[:2], 40))
    assert agents.next_runs("width", at_most=1)["runs"] == [{"variant": "wide", "seed": 42}]
    counted = begun(tmp_path / "counted")
    counted.submit("width", rows_of("base", BASE[:3]) + rows_of("wide", (21.9, 22.5, 22.0), 3))
    assert any(fault["kind"] == "a counter" for fault in counted.verdict("width")["faults"])
    step = counted.next_runs("width", at_most=4)
    assert [(run["variant"], run["seed"]) for run in step["runs"] if run["variant"] == "wide"] == [
        ("wide", 0),
        ("wide", 1),
    ]
    assert [(run["variant"], run["seed"]) for run in step["runs"] if run["variant"] == "base"] == [
        ("base", 3),
        ("base", 4),
    ]


def test_words_name_ranges() -> None:
    """By variant, in the order of what is wanted most."""
    assert in_words([("B", 7), ("B", 9), ("B", 8)]) == "seeds 7 to 9 of B"
    assert in_words([("B", 1), ("A", 3), ("A", 0), ("A", 7)]) == "seed 1 of B and seeds 0, 3 and 7 of A"


def test_results_that_are_no_numbers_are_missing_and_never_nan(tmp_path: Path) -> None:
    """None, NaN, infinity, and both in words: named, counted, and null in the file and in the answer."""
    agents = begun(tmp_path)
    agents.submit("width", rows_of("base", BASE[:5]) + rows_of("wide", (None, math.nan, math.inf, "NaN", "-Infinity")))
    verdict = agents.verdict("width")
    assert verdict["runs"]["wide"] == {"finished": 0, "without_result": 5}
    assert [claim["verdict"] for claim in verdict["claims"]] == ["undecided"]
    assert any("5 runs ended without a result" in fault["words"] for fault in verdict["faults"])
    json.dumps(verdict, allow_nan=False)
    assert "NaN" not in (tmp_path / "width.study.json").read_text()
    agents.submit("width", [{"variant": "wide", "seed": 9, "value": 1.7976931348623157e308}])
    assert agents.verdict("width")["runs"]["wide"]["without_result"] == 6


def test_no_result_at_all_is_no_error(tmp_path: Path) -> None:
    """Each claim is undecided, with why; what would have to be run is said as far as it would help."""
    agents = begun(tmp_path)
    verdict = agents.verdict("width")
    assert verdict["answer"] == "Nothing can be told: there is no run of base, wide yet."
    assert [(claim["text"], claim["verdict"], claim["n"]) for claim in verdict["claims"]] == [
        ("wide better than base", "undecided", 0)
    ]
    agents.submit("width", rows_of("base", (None,) * 3) + rows_of("wide", (None,) * 3))
    assert "no run has a finite wer" in agents.verdict("width")["answer"]
    assert agents.next_runs("width")["words"].startswith("more runs would not help")


def test_an_arm_that_is_another_one_again_is_found(tmp_path: Path) -> None:
    """Nothing is told of it, and the fault says why."""
    agents = begun(tmp_path)
    agents.submit("width", rows_of("base", BASE) + rows_of("wide", BASE))
    verdict = agents.verdict("width")
    assert [fault["kind"] for fault in verdict["faults"] if fault["alarm"]] == ["an arm again"]
    assert verdict["claims"][0]["verdict"] == "undecided"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"variant": "wide", "seed": 0, "value": "0.5"}, "value expects a number, or null .* got '0.5'"),
        ({"variant": "wide", "seed": 0, "value": "great"}, "value expects a number"),
        ({"variant": "wide", "seed": 0, "value": True}, "value expects a number"),
        ({"variant": "wide", "seed": 0, "value": [1]}, "value expects a number"),
        ({"variant": "wide", "seed": "0", "value": 1}, "seed expects a whole number"),
        ({"variant": "wide", "seed": -1, "value": 1}, "seed expects a whole number"),
        ({"variant": "wide", "seed": 1.5, "value": 1}, "seed expects a whole number"),
        ({"variant": "wider", "seed": 0, "value": 1}, "a variant that was declared, base, wide, got 'wider'"),
        ({"variant": "wide", "seed": 0}, "lacks value"),
        ({"variant": "wide", "seed": 0, "value": 1, "wer": 1}, "and nothing else, got wer"),
        ({"variant": "wide", "seed": 0, "value": 1, "status": "running"}, "submit a run when it has ended"),
        ({"variant": "wide", "seed": 0, "value": None, "status": "finished"}, "its status is failed"),
        ({"variant": "base", "seed": 0, "value": 1.5}, "base with seed 0 is there with 22.1"),
        ("wide", "expects variant, seed, value"),
    ],
)
def test_a_row_that_is_none_leaves_all_as_it_was(tmp_path: Path, row: object, said: str) -> None:
    """The good rows beside it are not taken either, and the message says which row it is."""
    agents = begun(tmp_path)
    agents.submit("width", rows_of("base", BASE[:1]))
    before = (tmp_path / "width.study.json").read_bytes()
    with pytest.raises(UserError, match=f"^row 2 of 2.*{said}"):
        agents.submit("width", [{"variant": "wide", "seed": 5, "value": 20.0}, row])
    assert (tmp_path / "width.study.json").read_bytes() == before


def test_the_same_row_again_is_no_other(tmp_path: Path) -> None:
    """Also within one submission, and from NumPy."""
    agents = begun(tmp_path)
    rows = rows_of("base", BASE[:2])
    assert agents.submit("width", [*rows, rows[0]]) == {"study": "width", "new": 2, "there_already": 1, "runs": 2}
    same = {"variant": "base", "seed": np.int64(0), "value": np.float64(BASE[0])}
    assert agents.submit("width", [same])["new"] == 0


def test_two_share_a_folder(tmp_path: Path) -> None:
    """Of what both submit at once nothing is lost."""
    begun(tmp_path)

    def submit(variant: str) -> None:
        for seed in range(10):
            AgentFolder(tmp_path).submit("width", [{"variant": variant, "seed": seed, "value": 1.0}])

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(submit, ["base", "wide"]))
    assert AgentFolder(tmp_path).submit("width", [])["runs"] == 20


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"claims": ["wide is good"]}, "expected a claim such as"),
        ({"claims": "wide better than base"}, "claims expects a list of texts"),
        ({"claims": ["wide better than base"], "variants": ["base", "narrow"]}, "name of a variant, got 'wide'"),
        ({"claims": []}, "two or more names that differ"),
        ({"margin": 0}, "a number above 0"),
        ({"margin": math.nan}, "a number above 0"),
        ({"margin": "0.2"}, "a number above 0"),
        ({"metric": "seed"}, "rows have a cell of that"),
        ({"metric": "a\nb"}, "text on one line"),
        ({"higher_is_better": "yes"}, "true or false"),
        ({"seeds": 1}, "whole number from 2 on"),
        ({"variants": ["base", "wide", "wide"]}, "names that differ"),
    ],
)
def test_a_declaration_that_is_none_is_refused(tmp_path: Path, change: dict[str, object], said: str) -> None:
    """Nothing is written."""
    with pytest.raises(UserError, match=said):
        AgentFolder(tmp_path).declare("width", **WIDTH | change)
    assert list(tmp_path.glob("*.json")) == []


def test_results_keep_their_meaning(tmp_path: Path) -> None:
    """A study with results is not declared again of another metric, or without a variant that has some."""
    agents = begun(tmp_path, variants=["base", "wide", "deep"])
    agents.submit("width", rows_of("deep", BASE[:1]))
    with pytest.raises(UserError, match="1 result of wer, got the metric cer"):
        agents.declare("width", **WIDTH | {"metric": "cer"}, variants=["base", "wide", "deep"])
    with pytest.raises(UserError, match="has results of deep"):
        agents.declare("width", **WIDTH)


@pytest.mark.parametrize("name", ["../x", "/tmp/x", "a/b", "..", ".hidden", "", "A", "a\0b", "a b", "a\n", "x" * 200])
def test_a_name_stays_in_the_folder(tmp_path: Path, name: str) -> None:
    """Of a study and of a ledger; nothing is written anywhere."""
    agents = AgentFolder(tmp_path / "agents")
    for call in (
        lambda: agents.declare(name, **WIDTH),
        lambda: agents.submit(name, []),
        lambda: agents.verdict(name),
        lambda: agents.begin_ledger(name, higher_is_better=True),
        lambda: agents.ledger(name),
    ):
        with pytest.raises(UserError, match="must be lower-case letters"):
            call()
    assert list(tmp_path.rglob("*")) == []


def test_what_is_not_there_is_named_with_what_is(tmp_path: Path) -> None:
    """Studies and ledgers apart."""
    agents = begun(tmp_path)
    agents.begin_ledger("night", higher_is_better=True)
    with pytest.raises(UserError, match="a study that was declared, width, got 'widht'"):
        agents.verdict("widht")
    with pytest.raises(UserError, match="a ledger that was begun, night, got 'width'"):
        agents.ledger("width")
    with pytest.raises(UserError, match="from 1 to 1000, got 0"):
        agents.next_runs("width", at_most=0)
    with pytest.raises(UserError, match="expects a list"):
        agents.submit("width", "rows")


def test_a_file_that_was_edited_is_refused(tmp_path: Path) -> None:
    """A margin, a result, or half a file: each with the file's name, and it is left as it is."""
    agents, path = begun(tmp_path), tmp_path / "width.study.json"
    agents.submit("width", rows_of("base", BASE))
    text = path.read_text()
    for wrong, said in [
        (text.replace('"margin": 0.2', '"margin": 0.1'), "event 1 is not what was written"),
        (text.replace("22.43", "21.43"), "event 2 is not what was written"),
        (text.replace('"study": "width"', '"study": "other"'), "of 'other'"),
        (text[: len(text) // 2], "it is no study"),
        ('{"format": "soundproof agents\' study 1", "study": "width", "events": []}', "nothing was declared"),
        ("[]", "it is no study"),
    ]:
        assert wrong != text
        path.write_text(wrong)
        with pytest.raises(UserError, match=said) as caught:
            agents.submit("width", rows_of("wide", WIDE))
        assert str(path) in str(caught.value)
        assert path.read_text() == wrong


@pytest.mark.parametrize("event", [{"submit": 5}, {"submit": [{"variant": "base"}]}, {}, {"declare": []}])
def test_events_that_are_none_are_refused_with_the_right_hash_too(tmp_path: Path, event: dict[str, object]) -> None:
    """Somebody wrote them by hand."""
    begun(tmp_path)
    path = tmp_path / "width.study.json"
    content = json.loads(path.read_text())
    text = json.dumps([content["events"][-1]["hash"], event], sort_keys=True, ensure_ascii=False)
    content["events"].append(event | {"hash": hashlib.sha256(text.encode()).hexdigest()})
    path.write_text(json.dumps(content))
    with pytest.raises(UserError, match=r"width.study.json cannot be used: its events are none of a study"):
        AgentFolder(tmp_path).submit("width", rows_of("base", BASE))
