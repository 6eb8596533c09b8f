"""Tables whose seeds, or whose early and late runs, do not fit together."""

import numpy as np
import pytest

from soundproof.api import judge


def _judged(tmp_path, rows, **given):
    path = tmp_path / "results.csv"
    path.write_text("model,seed,wer\n" + "\n".join(rows) + "\n")
    return judge(path, metric="wer", variant=["model"], margin=0.2, **given)


def _rows(seeds_of, seed=0):
    generator = np.random.default_rng(seed)
    means = {"a": 10.0, "b": 9.0, "c": 8.0}
    return [
        f"{model},{name},{means[model] + 0.1 * generator.normal():.4f}"
        for model, names in seeds_of.items()
        for name in names
    ]


def test_early_and_late_runs_that_disagree_are_an_alarm_and_the_sentence_says_so(tmp_path):
    """Of a program that changed after four seeds: whatever the verdict, nobody is told that lower is higher."""
    generator = np.random.default_rng(3)
    rows = [
        f"{model},{seed},{(9 if (model == 'a') == (seed < 4) else 10) + 0.1 * generator.normal():.3f}"
        for seed in range(30)
        for model in "ab"
    ]
    judged = _judged(tmp_path, rows, claims=["a better than b"])
    (claim,) = judged.report.summary.claims
    assert claim.verdict == "supported"
    assert claim.deciding.effect < 0
    assert "Early and late runs say opposite things" in claim.sentence
    assert "more than chance explains" not in claim.sentence
    assert [fault.kind for fault in judged.faults if fault.alarm] == ["late runs"]


@pytest.mark.parametrize("written", ["{}.0", "0{}", "00{}"])
def test_a_seed_is_one_however_it_is_written(tmp_path, written):
    """As a column of whole numbers that pandas made fractions of, or with zeros before it."""
    names = [str(seed) for seed in range(5)]
    plain = _judged(tmp_path, _rows({"a": names, "b": names}))
    other = _judged(tmp_path, _rows({"a": names, "b": [written.format(name) for name in names]}))
    assert other.report.summary.claims[0].p_value == plain.report.summary.claims[0].p_value
    assert not [fault for fault in other.faults if fault.alarm]


def test_a_variant_with_seeds_of_its_own_keeps_its_mean_and_is_an_alarm(tmp_path):
    """It has all its runs in the table, no pair, and an alarm that says so."""
    judged = _judged(tmp_path, _rows({"a": range(5), "b": range(5), "c": range(5, 10)}), baseline="a")
    means = {
        variant.id: (variant.estimate.n, round(variant.estimate.value)) for variant in judged.report.summary.variants
    }
    assert means == {"a": (5, 10), "b": (5, 9), "c": (5, 8)}
    by_pair = {claim.deciding.first: claim for claim in judged.report.summary.claims}
    assert (by_pair["c"].verdict, by_pair["c"].deciding.n) == ("undecided", 0)
    assert by_pair["b"].verdict == "supported"
    assert [fault.kind for fault in judged.faults if fault.alarm] == ["seeds of its own"]


def test_runs_without_a_seed_are_no_pair(tmp_path):
    """One of each variant: an alarm names them, and five pairs are four."""
    rows = _rows({"a": range(4), "b": range(4)})
    judged = _judged(tmp_path, [*rows, "a,,10.1", "b,,9.1"])
    assert judged.report.summary.claims[0].deciding.overall.n == 4
