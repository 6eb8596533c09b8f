"""What the figures of a search show: comparable trials with their values, stopped ones without."""

import pytest

from soundproof.analysis.figures.parallel_coordinates import (
    ABSENT,
    MOST_AXES,
    WIDTH_PIXELS,
    draw_parallel_coordinates,
    parallel_coordinates,
)
from soundproof.analysis.figures.pareto import draw_pareto, pareto
from soundproof.analysis.figures.search_progress import search_progress
from soundproof.analysis.figures.slices import draw_slices, slices
from soundproof.analysis.pages.search import search_figures
from soundproof.analysis.records.trials import SearchRecords, TrialRecord
from soundproof.analysis.summaries.choices import varied_choices
from soundproof.analysis.summaries.search import summarise_search
from soundproof.common import record

LOSS = record.best(record.VALIDATION_LOSS)
ACCURACY = record.best(record.VALIDATION_ACCURACY)


def _trial(number, choices, status="completed", **metrics):
    return TrialRecord(
        run_id=str(number),
        trial_id=f"t{number}",
        variant=f"v{number}",
        seed=0,
        status=status,
        reason=None,
        metrics={name.replace("__", "/"): value for name, value in metrics.items()},
        history={record.EPOCH_SECONDS: ((1, 1.0), (2, 1.0))},
        levels={},
        reused_from=None,
        epochs=5,
        choices=choices,
        purpose=record.PURPOSE_SEARCH,
        number=number,
    )


def _summary(trials, objectives=(LOSS,)):
    records = SearchRecords(
        tracking_uri="",
        space="space",
        search="tpe.asha.0",
        preset="quick",
        corpus="fsdd",
        sampler="tpe",
        scheduler="asha",
        objectives=objectives,
        margin=1.0,
        asked=None,
        rejected={},
        trials=tuple(trials),
    )
    return summarise_search("Which?", records)


@pytest.fixture
def summary():
    """Three comparable trials, one without the conditional choice; one stopped, and one diverged with a number."""
    return _summary(
        [
            _trial(0, {"rate": 0.1, "cell": "gru"}, best__validation__loss=50.0),
            _trial(1, {"rate": 0.001, "cell": "lstm", "gate": 2}, "pruned", best__validation__loss=1.0),
            _trial(2, {"rate": 0.01, "cell": "lstm", "gate": 1}, best__validation__loss=40.0),
            _trial(3, {"rate": 0.05, "cell": "lstm", "gate": 3}, "diverged", best__validation__loss=2.0),
            _trial(4, {"rate": 0.1, "cell": "lstm", "gate": 2}, best__validation__loss=45.0),
        ]
    )


def _choices(summary):
    return varied_choices(trial.record.choices for trial in (*summary.compared, *summary.stopped))


def test_progress_takes_the_best_of_comparable_trials(summary):
    """A stopped and a diverged trial move the count of the ended on, and nothing else."""
    data = search_progress(summary)
    assert [(point.ended, point.value, point.best) for point in data.points] == [
        (1, 50.0, 50.0),
        (3, 40.0, 40.0),
        (5, 45.0, 40.0),
    ]
    assert (data.ended, data.confirmed) == (5, None)


def test_lines_end_at_the_value_and_stopped_ones_before(summary):
    """The better, the higher; the conditional choice passes below its axis; a stopped trial reaches no value."""
    data = parallel_coordinates(summary, _choices(summary))
    assert [axis.name for axis in data.axes] == ["cell", "gate", "rate", "best validation loss (nats)"]
    assert data.axes[1].ticks[0] == (ABSENT, "not there")
    assert [(line.goodness, line.heights[3:]) for line in data.lines] == [
        (None, ()),
        (0.0, (0.0,)),
        (0.5, (0.5,)),
        (1.0, (1.0,)),
    ]
    assert data.lines[0].label == "trial 1, stopped at epoch 2"
    assert data.lines[1].heights[1] == ABSENT


def test_slices_mark_stopped_trials_beyond_the_worst(summary):
    """Each panel has the trials that have its choice; a stopped one has no value, and lies past the worst loss."""
    data = slices(summary, _choices(summary))
    panels = {panel.name: panel for panel in data.slices}
    assert [point.value for point in panels["gate"].points] == [40.0, 45.0, None]
    assert panels["gate"].points[2].label == "trial 1, 2: stopped at epoch 2"
    assert panels["rate"].logarithmic
    assert 50 < data.edge < data.limits[1]


def test_the_edge_lies_on_the_worse_side_of_accuracies():
    """Where higher is better, stopped trials are marked below."""
    trials = [_trial(n, {"x": n}, best__validation__accuracy=0.5 + n / 10) for n in range(3)]
    data = slices(summary := _summary(trials, (ACCURACY,)), _choices(summary))
    assert data.edge < 50


def test_the_front_is_joined_in_the_direction_of_the_objectives():
    """Dominated trials are grey; shares are shown as percentages."""
    trials = [
        _trial(n, {"x": n}, best__validation__accuracy=accuracy, cost__parameters=size)
        for n, (accuracy, size) in enumerate([(0.9, 1000.0), (0.5, 10.0), (0.4, 500.0)])
    ]
    data = pareto(_summary(trials, (ACCURACY, record.PARAMETERS)))
    assert [(point.upwards, point.along, point.on_front) for point in data.points] == [
        (90.0, 1000.0, True),
        (50.0, 10.0, True),
        (40.0, 500.0, False),
    ]
    assert data.logarithmic
    assert list(draw_pareto(data).data[1].x) == [10.0, 1000.0]
    assert pareto(_summary(trials, (ACCURACY,))) is None


def test_nothing_is_drawn_of_nothing(summary):
    """Without a comparable trial there is no figure; with them, those that there is something to show for."""
    assert search_figures(_summary([])) == ()
    assert search_figures(_summary([_trial(0, {"x": 1}, "pruned")])) == ()
    assert [figure.id for figure in search_figures(summary)] == ["progress", "parallel", "slices"]


def test_what_is_written_along_an_axis_keeps_to_its_room():
    """Neither into the next of the parallel axes nor, turned, onto the panel below."""
    orders = ["relu, batch norm, dropout", "batch norm, relu", "dropout, relu, batch norm", "relu", "dropout, relu"]
    trials = [
        _trial(n, {"x": n, "order": orders[n]} | {f"c{m}": n for m in range(12)}, best__validation__loss=40.0 + n)
        for n in range(5)
    ]
    summary = _summary(trials, (LOSS,))
    drawn = draw_parallel_coordinates(parallel_coordinates(summary, _choices(summary)))
    assert len(drawn.layout.xaxis.tickvals) == MOST_AXES + 1
    assert all(len(annotation.text) * 6.2 < WIDTH_PIXELS / (MOST_AXES + 1) for annotation in drawn.layout.annotations)
    panels = slices(summary, _choices(summary))
    axes = [axis for axis in draw_slices(panels).select_xaxes() if axis.ticktext]
    assert {axis.tickangle for axis in axes} == {0}
    (order,) = (axis for axis in axes if "relu" in axis.ticktext)
    assert "relu,<br>batch<br>norm,<br>dropout" in order.ticktext
