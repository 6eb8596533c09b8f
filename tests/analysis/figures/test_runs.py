"""Every run as a dot."""

from soundproof.analysis.figures.runs import draw_runs, runs
from soundproof.analysis.summaries.study import summarise


def test_rows_hold_every_comparable_run(make):
    """Best first, the failed run absent, the baseline known as such."""
    made = make(losses=((12.0, 14.0, 16.0), (10.0, None, 11.0)))
    data = runs(summarise(made.study, made.records))
    assert [(row.label, row.values, row.mean) for row in data.rows] == [
        ("level b", ((0, 10.0), (2, 11.0)), 10.5),
        ("level a", ((0, 12.0), (1, 14.0), (2, 16.0)), 14.0),
    ]
    assert [row.is_baseline for row in data.rows] == [False, True]
    means, dots = draw_runs(data).data
    assert list(means.x) == [14.0, 10.5]
    assert list(dots.text) == ["seed 0", "seed 1", "seed 2", "seed 0", "seed 2"]
