"""Variants on several data sets: ranks, and verdicts of which each data set is one pair."""

import numpy as np
import pytest

from soundproof.analysis.judging.plain import judged_plain
from soundproof.api import judge


def _table(tmp_path, shifts, *, data_sets=8, seeds=4, scale=lambda at: 1.0, skip=()):
    """Accuracies of models that differ by `shifts`, on data sets that have levels and noise of their own."""
    generator = np.random.default_rng(6)
    lines = ["model,task,seed,accuracy"]
    for at in range(data_sets):
        level, moved = generator.uniform(0.5, 0.9), {model: 0.004 * generator.normal() for model in shifts}
        for model, shift in shifts.items():
            if (model, at) in skip:
                continue
            for seed in range(seeds):
                value = level + scale(at) * (shift + moved[model] + 0.002 * generator.normal())
                lines.append(f"{model},t{at},{seed},{value:.5f}")
    path = tmp_path / "tasks.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


GIVEN = {"variant": ["model"], "metric": "accuracy", "data_set": "task"}


def test_each_data_set_is_one_pair(tmp_path):
    """The verdict is that of a table with one mean a data set, and no seed counts for itself."""
    path = _table(tmp_path, {"a": 0.0, "b": 0.02})
    judged = judge(path, **GIVEN)
    means = {}
    for line in path.read_text().splitlines()[1:]:
        model, task, _, value = line.split(",")
        means.setdefault((model, task), []).append(float(value))
    rows = [f"{model},{task},{np.mean(values)!r}" for (model, task), values in means.items()]
    bare = tmp_path / "means.csv"
    bare.write_text("model,task,accuracy\n" + "\n".join(rows).replace("np.float64(", "").replace(")", "") + "\n")
    alone = judge(bare, variant=["model"], metric="accuracy", seed="task")
    (ours,), (theirs,) = judged.report.summary.claims, alone.report.summary.claims
    assert (ours.verdict, len(ours.deciding.by_seed)) == ("contradicted", 8)
    assert ours.deciding.effect == pytest.approx(theirs.deciding.effect)
    assert ours.p_value == pytest.approx(theirs.p_value)
    assert not [fault for fault in judged.faults if fault.alarm]
    assert any("new data sets" in note for note in judged.notes)


def test_more_seeds_inside_data_sets_do_not_decide(tmp_path):
    """A difference that two of three data sets show is undecided, whether each has 4 seeds or 40."""
    for seeds in (4, 40):
        judged = judge(_table(tmp_path, {"a": 0.0, "b": 0.002}, data_sets=3, seeds=seeds), **GIVEN)
        assert judged.report.summary.claims[0].verdict == "undecided"


def test_ranks_are_shown_where_there_are_enough_of_both(tmp_path):
    """In JSON and as a table; with two variants or four data sets it is said why not."""
    judged = judge(_table(tmp_path, {"a": 0.0, "b": 0.02, "c": 0.04}), **GIVEN)
    plain = judged_plain(judged)["ranks"]
    assert plain["mean_ranks"] == {"a": 3.0, "b": 2.0, "c": 1.0}
    assert plain["friedman"]["p_value"] < 0.01
    assert plain["critical_difference"] == pytest.approx(2.343 * np.sqrt(3 * 4 / (6 * 8)), abs=1e-3)
    assert len(judged.tables()) == len(judged.report.tables()) + 1
    few = judge(_table(tmp_path, {"a": 0.0, "b": 0.02}), **GIVEN)
    assert "3 variants or more, and there are 2" in few.ranks.sentence()
    few = judge(_table(tmp_path, {"a": 0.0, "b": 0.02, "c": 0.04}, data_sets=4), **GIVEN)
    assert "5 data sets or more" in judged_plain(few)["ranks"]["why_not"]
    assert judge(_table(tmp_path, {"a": 0.0, "b": 0.02}), **(GIVEN | {"data_set": None, "seed": "task"})).ranks is None


def test_a_data_set_that_a_variant_lacks_is_left_out_and_named(tmp_path):
    """Ranks are of data sets on which all have a result."""
    judged = judge(_table(tmp_path, {"a": 0.0, "b": 0.02, "c": 0.04}, skip={("c", 2)}), **GIVEN)
    assert judged.ranks.left_out == ("t2",)
    assert len(judged.ranks.data_sets) == 7
    assert "t2" in judged.ranks.sentence()


def test_unlike_scales_are_said(tmp_path):
    """A data set on which variants lie fifty times as far apart leads every mean."""
    judged = judge(_table(tmp_path, {"a": 0.0, "b": 0.02}, scale=lambda at: 50 if at == 3 else 1), **GIVEN)
    assert any("'t3'" in note and "one scale" in note for note in judged.notes)
    assert not any("one scale" in note for note in judge(_table(tmp_path, {"a": 0.0, "b": 0.02}), **GIVEN).notes)
