"""Learning curves: mean, band and axis."""

from dataclasses import replace

import pytest

from soundproof.analysis.figures.curves import curves, draw_curves
from soundproof.analysis.summaries.study import summarise
from soundproof.common import record
from soundproof.search_spaces.documented.numbers import documented_numbers


def _curves(made, records=None):
    records = records or made.records
    return curves(summarise(made.study, records), records)


def test_the_band_reaches_from_the_lowest_to_the_highest_seed(make):
    """Losses fall by 1 an epoch, two seeds 2 apart: the mean lies between them at each epoch."""
    data = _curves(make(losses=((10.0, 12.0),)))
    curve = data.curves[0]
    assert (curve.epochs, curve.is_baseline) == ((1, 2, 3, 4), True)
    assert curve.low == (13.0, 12.0, 11.0, 10.0)
    assert curve.high == (15.0, 14.0, 13.0, 12.0)
    assert curve.mean == (14.0, 13.0, 12.0, 11.0)


def test_epochs_that_only_some_seeds_reached_are_left_out(make):
    """A mean over other seeds than before would jump."""
    made = make(losses=((10.0, 12.0),))
    first, second = made.records.trials
    short = replace(second, history={record.VALIDATION_LOSS: second.history[record.VALIDATION_LOSS][:2]})
    assert _curves(made, replace(made.records, trials=(first, short))).curves[0].epochs == (1, 2)


def test_the_axis_leaves_out_the_first_fall(make):
    """With 8 epochs the first two do not count for the ceiling."""
    data = _curves(make(losses=((10.0, 10.0),), epochs=8))
    assert data.floor < 6.0
    assert data.ceiling == pytest.approx(11.0 + 0.06 * 5)


def test_a_panel_for_each_variant_with_the_baseline_behind_it(make):
    """The baseline's own panel has a band and a line, the other one its baseline too; no band has markers."""
    drawn = draw_curves(_curves(make(losses=((10.0, 12.0), (9.0, 11.0)), labels=("plain", "<i>x</i>"))))
    assert len(drawn.data) == 5
    assert {trace.mode for trace in drawn.data} == {"lines"}
    assert [note.text for note in drawn.layout.annotations] == ["&lt;i&gt;x&lt;/i&gt;", "plain"]


def test_a_documented_curve_is_dotted_and_grey_behind_ours(make):
    """In the panel of its variant alone, to its own last epoch; no other panel has one."""
    made = make(losses=((1.0, 1.2), (0.9, 1.1)))
    summary = summarise(made.study, made.records)
    documented = documented_numbers("speech-commands/01")
    variants = tuple(
        replace(variant, documented=None if variant.is_baseline else documented) for variant in summary.variants
    )
    data = curves(replace(summary, variants=variants), made.records)
    assert [len(curve.documented) for curve in data.curves] == [8, 0]
    drawn = draw_curves(data)
    (dotted,) = (index for index, trace in enumerate(drawn.data) if trace.line.dash == "dot")
    assert drawn.data[dotted].name == "documented (1 run)"
    assert (drawn.data[dotted].x[-1], drawn.data[dotted].y[-1]) == (17.54, 0.2419)
    assert drawn.data[dotted].xaxis == drawn.data[dotted + 1].xaxis
    assert drawn.layout.xaxis.range[1] == 18.5


def test_training_is_dashed_beside_validation(make):
    """Its mean alone, in the colour of the validation; the axis reaches as far down as it goes."""
    made = make(losses=((10.0, 12.0), (9.0, 11.0)))
    trials = []
    for trial in made.records.trials:
        training = {record.TRAIN_LOSS: ((1, 8.0 + trial.seed), (2, 2.0 + trial.seed))}
        trials.append(replace(trial, history={**trial.history, **training}))
    data = _curves(made, replace(made.records, trials=tuple(trials)))
    dashed = [trace for trace in draw_curves(data).data if trace.line.dash == "dash"]
    assert [list(trace.y) for trace in dashed] == [[8.5, 2.5]] * 2
    assert data.floor < 2.0
    assert [curve.training.seeds for curve in data.curves] == [2, 2]


def test_epochs_are_labelled_by_whole_numbers(make):
    """At about five places, however many there are."""
    for epochs, step in ((1, 1), (3, 1), (6, 1), (7, 2), (40, 10), (100, 20)):
        made = make(losses=((10.0, 11.0), (9.0, 9.5)), epochs=epochs)
        drawn = draw_curves(curves(summarise(made.study, made.records), made.records))
        assert drawn.layout.xaxis.dtick == step
