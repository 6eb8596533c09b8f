"""Tables with a row for each epoch: asked what a run counts with, then judged as tables with a row a run."""

import pytest

from soundproof.analysis.sources.found import SourceError
from soundproof.api import judge

WER = {"a": [12.0, 10.0, 11.0], "b": [12.0, 9.0, 9.5]}
GIVEN = {"variant": ["model"], "metric": "wer", "seed": "seed", "margin": 0.1}


def _table(tmp_path, rows, name):
    path = tmp_path / name
    path.write_text("\n".join(["model,seed,epoch,wer", *rows]) + "\n")
    return path


def _noise(seed):
    return 0.01 * ((seed * 7) % 5)


def _long(tmp_path):
    """Epochs out of order, as two processes would write them."""
    rows = [
        f"{model},{seed},{epoch},{wer + _noise(seed)!r}"
        for epoch in (2, 1, 3)
        for model, course in WER.items()
        for seed in range(5)
        for wer in [course[epoch - 1]]
    ]
    return _table(tmp_path, rows, "long.csv")


@pytest.mark.parametrize(("end", "at"), [("last", 2), ("best", 1)])
def test_rows_of_one_run_are_its_curve(tmp_path, end, at):
    """The verdict is that of a table with one row a run."""
    rows = [f"{model},{seed},3,{course[at] + _noise(seed)!r}" for model, course in WER.items() for seed in range(5)]
    plain = judge(_table(tmp_path, rows, "plain.csv"), **GIVEN)
    judged = judge(_long(tmp_path), **GIVEN, curve_end=end)
    (ours,), (theirs,) = judged.report.summary.claims, plain.report.summary.claims
    assert (ours.verdict, ours.p_value, ours.deciding.effect) == (
        theirs.verdict,
        theirs.p_value,
        theirs.deciding.effect,
    )
    assert not [fault for fault in judged.faults if fault.alarm]


def test_what_a_run_counts_with_is_asked(tmp_path):
    """Never a mean over its epochs."""
    with pytest.raises(SourceError, match="'epoch' counts up within one seed .*--curve-end best or --curve-end last"):
        judge(_long(tmp_path), **GIVEN)


def test_a_repeated_run_is_no_curve(tmp_path):
    """Rows of one seed with one epoch are runs that were made twice, and a budget is no step."""
    rows = [f"{model},{seed},3,{course[2] + _noise(seed)!r}" for model, course in WER.items() for seed in range(5)]
    judged = judge(_table(tmp_path, [*rows, "a,0,3,11.2"], "twice.csv"), **GIVEN)
    assert [fault for fault in judged.faults if fault.alarm]
