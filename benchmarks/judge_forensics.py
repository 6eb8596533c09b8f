"""How often `judge` raises an alarm on clean runs, and how often it finds a fault that was planted.

    python -m benchmarks.judge_forensics mlperf_rnnt.csv --tables 1000 --json FILE

The runs are real: trainings of one RNN-T on LibriSpeech, submitted to MLPerf Training (`benchmarks.real_noise` says
where they come from). Those of batch 1536 that succeeded and have a seed, each once, are dealt anew to
eight arms of ten seeds, so that no fault is in them. One fault of each kind is planted into tables of its own.
"""

import argparse
import csv
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.facts import write_json
from soundproof.analysis.judging.answers import Answers
from soundproof.analysis.judging.forensics import faults_in
from soundproof.analysis.judging.runs import runs_of
from soundproof.analysis.sources.found import Found, FoundRun

ARMS, SEEDS, DATA_SETS = 8, 10, 6
SEED = 20_261_130
ASKED = Answers(variant=("model",), seed="seed", metric="epochs", higher_is_better=False)
ON_DATA_SETS = Answers(variant=("model",), seed="seed", metric="epochs", higher_is_better=False, data_set="task")

Rows = list[dict[str, str]]


def main() -> None:
    """Print the share of tables with an alarm, and of each planted fault that was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", type=Path)
    parser.add_argument("--tables", type=int, default=1000)
    parser.add_argument("--json", type=Path, help="also write the figures here")
    arguments = parser.parse_args()
    clean = clean_runs(arguments.table)
    generator = np.random.default_rng(SEED)
    false, any_false = Counter[str](), 0
    found, others = Counter[str](), Counter[str]()
    for _ in range(arguments.tables):
        kinds = set(alarms(dealt(clean, generator)))
        any_false += bool(kinds)
        false.update(kinds)
        for kind, plant in PLANTED.items():
            rows = dealt(clean, generator)
            plant(rows, generator)
            kinds = set(alarms(rows))
            found[kind] += kind in kinds
            others[kind] += bool(kinds - {kind})
    tables = arguments.tables
    print(f"{len(clean)} clean runs, {tables} tables of {ARMS} arms of {SEEDS} seeds")
    print(f"any alarm on clean tables: {any_false / tables:.1%} {dict(false)}")
    for kind in PLANTED:
        print(f"{kind}: found in {found[kind] / tables:.1%}, another alarm beside it in {others[kind] / tables:.1%}")
    if arguments.json is not None:
        shares = {kind: [found[kind] / tables, others[kind] / tables] for kind in PLANTED}
        write_json(arguments.json, {"tables": tables, "clean": any_false / tables, "by_kind": false, "found": shares})


def clean_runs(path: Path) -> list[tuple[str, str]]:
    """Epochs and word error rates of runs in which no fault is known: of arms that vary, each run once.

    Rates have so many digits that two runs of one rate and as many epochs are one that was submitted again.
    """
    arms: dict[tuple[str, str], list[tuple[str, str]]] = {}
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            if row["status"] == "success" and row["seed"] and row["global_batch"] == "1536":
                arms.setdefault((row["round"], row["submission"]), []).append(
                    (row["epochs_to_target"], row["final_wer"])
                )
    return list(dict.fromkeys(run for runs in arms.values() if len(set(runs)) > 1 for run in runs))


def dealt(clean: Sequence[tuple[str, str]], generator: np.random.Generator) -> Rows:
    """A table of arms of seeds, each run at most once in it."""
    chosen = generator.choice(len(clean), (ARMS, SEEDS), replace=False)
    return [
        {"model": f"m{arm}", "seed": str(seed), "epochs": clean[row][0], "wer": clean[row][1]}
        for arm, of_arm in enumerate(chosen.tolist())
        for seed, row in enumerate(of_arm)
    ]


def alarms(rows: Rows) -> list[str]:
    """The kinds of all alarms."""
    asked = ON_DATA_SETS if "task" in rows[0] else ASKED
    runs = tuple(FoundRun(where=f"row {number}", cells=row) for number, row in enumerate(rows, start=1))
    columns = tuple(dict.fromkeys(name for row in rows for name in row))
    judged = runs_of(Found(name="table", kind="table", columns=columns, runs=runs), asked)
    return [fault.kind for fault in faults_in(judged, asked) if fault.alarm]


def _arm(rows: Rows, generator: np.random.Generator) -> Rows:
    """The rows of an arm."""
    start = SEEDS * int(generator.integers(ARMS))
    return rows[start : start + SEEDS]


def _row(rows: Rows, generator: np.random.Generator) -> dict[str, str]:
    return rows[int(generator.integers(len(rows)))]


def _nothing_changes(rows: Rows, generator: np.random.Generator) -> None:
    arm = _arm(rows, generator)
    for row in arm:
        row |= {"epochs": arm[0]["epochs"], "wer": arm[0]["wer"]}


def _listed_twice(rows: Rows, generator: np.random.Generator) -> None:
    rows.append(dict(_row(rows, generator)))


def _again(rows: Rows, generator: np.random.Generator) -> None:
    rows += [row | {"model": "again"} for row in _arm(rows, generator)]


def _one_seed(rows: Rows, generator: np.random.Generator) -> None:
    for row in _arm(rows, generator):
        row["seed"] = "1"


def _unlike_results(rows: Rows, generator: np.random.Generator) -> None:
    row = _row(rows, generator)
    rows.append(row | {"epochs": str(int(row["epochs"]) + 3)})


def _percent(rows: Rows, generator: np.random.Generator) -> None:
    for row in rows:
        row["epochs"] = repr(float(row["wer"]))
    for row in _arm(rows, generator):
        row["epochs"] = repr(100 * float(row["epochs"]))


def _no_seed(rows: Rows, generator: np.random.Generator) -> None:
    del _row(rows, generator)["seed"]


def _counter(rows: Rows, generator: np.random.Generator) -> None:
    first = int(generator.integers(100))
    for number, row in enumerate(rows, start=first):
        row["seed"] = str(number)


def _budgets(rows: Rows, generator: np.random.Generator) -> None:
    for row in rows:
        row["steps"] = "1000"
    _row(rows, generator)["steps"] = "100"


def _two_metrics(rows: Rows, generator: np.random.Generator) -> None:
    """Models of unlike quality on six data sets; on two of them the loss stands in the column of the accuracy."""
    losses = set(generator.choice(DATA_SETS, 2, replace=False).tolist())
    whole = list(rows)
    rows.clear()
    for row in whole:
        for task in range(DATA_SETS):
            wer = float(whole[int(generator.integers(len(whole)))]["wer"])
            accuracy = 0.5 + 0.02 * int(row["model"][1:]) + wer
            result = 3 * (1.7 - accuracy) if task in losses else accuracy
            rows.append(row | {"task": f"t{task}", "epochs": repr(result)})


PLANTED: dict[str, Callable[[Rows, np.random.Generator], None]] = {
    "seeds change nothing": _nothing_changes,
    "listed twice": _listed_twice,
    "an arm again": _again,
    "one seed": _one_seed,
    "unlike results of one seed": _unlike_results,
    "two scales": _percent,
    "no seed": _no_seed,
    "a counter": _counter,
    "mixed budgets": _budgets,
    "two metrics": _two_metrics,
}

if __name__ == "__main__":
    main()
