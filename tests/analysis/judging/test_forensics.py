"""Faults in tables of runs: each planted one is found with its rows, and clean tables hardly ever raise an alarm."""

import csv
from pathlib import Path

import numpy as np
import pytest

from soundproof.analysis.judging.answers import Answers
from soundproof.analysis.judging.forensics import faults_in
from soundproof.analysis.judging.runs import runs_of
from soundproof.analysis.sources.found import Found, FoundRun


def _real():
    with REAL.open(newline="") as file:
        return list(csv.DictReader(file))


REAL = Path(__file__).resolve().parents[4] / "shared" / "data" / "real_noise" / "mlperf_rnnt.csv"
ASKED = Answers(variant=("model",), seed="seed", metric="wer", higher_is_better=False)


def found_of(rows):
    """A table of these rows, which are dictionaries of text."""
    runs = tuple(FoundRun(where=f"row {number}", cells=row) for number, row in enumerate(rows, start=1))
    return Found(
        name="table", kind="table", columns=tuple(dict.fromkeys(name for row in rows for name in row)), runs=runs
    )


def clean_rows(generator, models=4, seeds=6):
    """Word error rates of some models, a row a run."""
    return [
        {"model": f"m{model}", "seed": str(seed), "wer": repr(float(0.2 + 0.01 * model + 0.01 * generator.normal()))}
        for model in range(models)
        for seed in range(seeds)
    ]


def alarms_in(rows, answers=ASKED):
    """The kinds of all alarms, with their rows."""
    return {fault.kind: fault for fault in faults_in(runs_of(found_of(rows), answers), answers) if fault.alarm}


def _equal_seeds(rows):
    for row in rows[:6]:
        row["wer"] = "0.2345678"


def _listed_twice(rows):
    rows.append(dict(rows[7]))


def _again(rows):
    rows += [row | {"model": "m9"} for row in rows[6:12]]


def _one_seed(rows):
    for row in rows[:6]:
        row["seed"] = "3"


def _unlike_results(rows):
    rows.append(rows[0] | {"wer": "0.9123"})


def _percent(rows):
    for row in rows[12:18]:
        row["wer"] = repr(100 * float(row["wer"]))


def _no_seed(rows):
    del rows[3]["seed"]


def _counter(rows):
    for number, row in enumerate(rows):
        row["seed"] = str(number)


def _budgets(rows):
    for number, row in enumerate(rows):
        row["epochs"] = "10" if number == 4 else "100"


FAULTS = {
    "seeds change nothing": _equal_seeds,
    "listed twice": _listed_twice,
    "an arm again": _again,
    "one seed": _one_seed,
    "unlike results of one seed": _unlike_results,
    "two scales": _percent,
    "no seed": _no_seed,
    "a counter": _counter,
    "mixed budgets": _budgets,
}


@pytest.mark.parametrize("kind", FAULTS)
def test_a_planted_fault_is_found_and_nothing_else(kind):
    """In a table without faults there is no alarm; with one planted, that one."""
    rows = clean_rows(np.random.default_rng(3))
    assert alarms_in(rows) == {}
    FAULTS[kind](rows)
    assert list(alarms_in(rows)) == [kind]


def test_rows_are_named_and_left_out_only_where_that_is_right():
    """A row that is listed twice counts once; one seed with two results is said, and both stay."""
    rows = clean_rows(np.random.default_rng(3))
    _listed_twice(rows)
    twice = alarms_in(rows)["listed twice"]
    assert (twice.where, len(twice.dropped)) == (("row 25",), 1)
    rows = clean_rows(np.random.default_rng(3))
    _unlike_results(rows)
    unlike = alarms_in(rows)["unlike results of one seed"]
    assert (unlike.where, unlike.dropped) == (("row 1", "row 25"), ())


def test_coarse_values_of_runs_that_nothing_names_may_come_twice():
    """Without seeds two runs of one accuracy in 20 are two runs; equal to the last of many digits they are one."""
    answers = Answers(variant=("model",), seed="none", metric="wer", higher_is_better=False)
    rows = [{"model": f"m{run % 2}", "wer": "0.25", "epochs": "10"} for run in range(8)]
    assert "listed twice" not in alarms_in(rows, answers)
    rows = [row | {"wer": f"0.2512345{number // 4}"} for number, row in enumerate(rows)]
    assert "listed twice" in alarms_in(rows, answers)


@pytest.mark.parametrize("decimals", [1, 2])
def test_rounded_values_that_are_equal_are_no_fault(decimals):
    """Two decimals of logs that print no more, equal over seeds, are rounding."""
    rows = [row | {"wer": f"{float(row['wer']):.{decimals}f}"} for row in clean_rows(np.random.default_rng(4))]
    assert "seeds change nothing" not in alarms_in(rows)


def test_runs_that_have_not_ended_and_those_that_failed_are_missing_numbers():
    """Neither is an alarm; the first is left out, the second counted as lost."""
    rows = [row | {"status": "finished"} for row in clean_rows(np.random.default_rng(5))]
    rows[2] |= {"status": "running"}
    rows[9] |= {"status": "aborted"}
    answers = Answers(**{**{name: getattr(ASKED, name) for name in ("variant", "seed", "metric")}, "state": "status"})
    kinds = {fault.kind: fault for fault in faults_in(runs_of(found_of(rows), answers), answers)}
    assert {"still going", "no result"} <= set(kinds)
    assert not any(fault.alarm for fault in kinds.values())
    assert [run.where for run in kinds["still going"].dropped] == ["row 3"]


@pytest.mark.skipif(not REAL.exists(), reason="the real trainings are not on this machine")
def test_all_faults_of_real_submissions_are_found_and_no_others():
    """One arm of ten seeds with equal results, two of one seed, one without, two that are earlier ones again."""
    rows = [{name: text for name, text in row.items() if text} for row in _real()]
    answers = Answers(
        variant=("global_batch",),
        arm=("round", "submission"),
        seed="seed",
        metric="epochs_to_target",
        higher_is_better=False,
        state="status",
    )
    faults = faults_in(runs_of(found_of(rows), answers), answers)
    assert sorted(fault.kind for fault in faults if fault.alarm) == sorted(
        [*2 * ["an arm again"], *2 * ["one seed"], "no seed", "seeds change nothing"]
    )
    lost = next(fault for fault in faults if fault.kind == "no result")
    assert len(lost.where) == 2


@pytest.mark.skipif(not REAL.exists(), reason="the real trainings are not on this machine")
def test_clean_resamples_of_real_submissions_rarely_raise_an_alarm():
    """200 tables of eight arms, ten runs each, of those without a fault: at most 5% with an alarm."""
    rows = [row for row in _real() if row["status"] == "success" and row["seed"]]
    clean = [row for row in rows if row["global_batch"] == "1536" and row["round"] != "v3.0"]
    generator = np.random.default_rng(8)
    hits = 0
    for _ in range(200):
        chosen = generator.choice(len(clean), (8, 10), replace=False)
        table = [
            {
                "model": f"m{arm}",
                "seed": str(seed),
                "epochs": clean[row]["epochs_to_target"],
                "wer": clean[row]["final_wer"],
            }
            for arm, of_arm in enumerate(chosen.tolist())
            for seed, row in enumerate(of_arm)
        ]
        answers = Answers(variant=("model",), seed="seed", metric="epochs", higher_is_better=False)
        hits += bool(alarms_in(table, answers))
    assert hits <= 10
