"""Every run as a dot."""

from soundproof.analysis.figures.runs import draw_runs
from soundproof.analysis.summaries.study import summarise


def test_rows_hold_every_comparable_run(make):
    """Best on top, the failed run absent, the baseline known as such and in a colour of its own."""
    made = make(losses=((12.0, 14.0, 16.0), (10.0, None, 11.0)))
    drawn = draw_runs(summarise(made.study, made.records))
    assert list(drawn.layout.yaxis.ticktext) == ["level a (baseline)", "level b"]
    means, dots = drawn.data
    assert (list(means.x), list(means.y)) == ([14.0, 10.5], [0, 1])
    assert list(zip(dots.x, dots.y, dots.text, strict=True)) == [
        (12.0, 0, "seed 0"),
        (14.0, 0, "seed 1"),
        (16.0, 0, "seed 2"),
        (10.0, 1, "seed 0"),
        (11.0, 1, "seed 2"),
    ]
    baseline, other = means.marker.line.color
    assert baseline != other
    assert list(dots.marker.color) == [baseline] * 3 + [other] * 2
