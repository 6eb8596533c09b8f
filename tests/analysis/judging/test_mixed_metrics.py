"""Two metrics in one column: by their names, and by an order of variants that turns around."""

from dataclasses import replace

import numpy as np
import pytest

from soundproof.analysis.judging.answers import Answers
from tests.analysis.judging.test_forensics import alarms_in

ASKED = Answers(variant=("model",), seed="seed", metric="result", higher_is_better=True)


def _rows(losses=(), data_sets=8, models=5, effect=0.02, seed=0):
    """Areas under the curve of models on data sets, on those that are named losses: better models have lower ones."""
    generator = np.random.default_rng(seed)
    rows = []
    for at in range(data_sets):
        level = generator.uniform(0.6, 0.8)
        for model in range(models):
            for run in range(3):
                value = level + effect * model + 0.01 * generator.normal()
                result = 4 * (1.6 - value) if at in losses else value
                cells = {
                    "model": f"m{model}",
                    "task": f"t{at}",
                    "seed": str(run + 10 * at),
                    "result": repr(float(result)),
                }
                rows.append(cells | {"metric": "logloss" if at in losses else "auc"})
    return rows


def _without(rows, column):
    return [{name: text for name, text in row.items() if name != column} for row in rows]


def test_a_column_that_names_two_metrics_is_an_alarm():
    """With both names, that they go opposite ways, and the rows of the rarer one."""
    fault = alarms_in(_rows(losses={1, 5, 6}), ASKED)["two metrics"]
    assert "opposite ways" in fault.words
    assert "auc, logloss" in fault.words
    assert len(fault.where) == 3 * 5 * 3
    assert "--only metric=auc or --only metric=logloss; or say --one-metric" in fault.ask
    assert alarms_in(_rows(losses={1, 5, 6}), replace(ASKED, one_metric=True)) == {}
    assert alarms_in(_rows(), ASKED) == {}


def test_two_settings_called_metric_are_none():
    """Euclidean and cosine are no metrics of results; a variant is compared by its own column."""
    rows = [row | {"metric": "cosine" if row["seed"] < "2" else "euclidean"} for row in _rows()]
    assert alarms_in(rows, ASKED) == {}


@pytest.mark.parametrize("answers", [ASKED, Answers(**{**ASKED.to_plain(), "variant": ("model",), "data_set": "task"})])
def test_an_order_that_turns_around_is_an_alarm(answers):
    """Where no column names the metrics."""
    fault = alarms_in(_without(_rows(losses={1, 5, 6}), "metric"), answers)["two metrics"]
    assert "reverse order" in fault.words
    assert {"row 16", "row 30"} <= set(fault.where)
    assert len(fault.where) == 3 * 5 * 3


def test_clean_data_sets_hardly_ever_raise_it():
    """Of 200 tables, half of them without any difference between variants, half with data sets of two scales."""
    hits = 0
    for seed in range(200):
        rows = _without(_rows(seed=seed, effect=0.0 if seed % 2 else 0.02, data_sets=6, models=4), "metric")
        if seed % 4 > 1:
            rows = [
                row | ({"result": repr(5 * float(row["result"]))} if row["task"] in ("t0", "t3") else {})
                for row in rows
            ]
        hits += "two metrics" in alarms_in(rows, ASKED)
    assert hits <= 1
