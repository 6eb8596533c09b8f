"""Cost against quality: which variants are efficient, the key, and the axis."""

import math
from dataclasses import replace

import pytest

from soundproof.analysis.figures.cost import costs, draw_costs
from soundproof.analysis.summaries.study import summarise
from soundproof.common import record

LOSSES = ((10.0, 12.0), (20.0, 22.0), (15.0, 17.0), (12.0, 14.0))
SECONDS = (40.0, 10.0, 20.0, 41.0)
PARAMETERS = (4000, 1000, 2000, 4000)


def _costs(make, **changes):
    made = make(**({"losses": LOSSES, "seconds": SECONDS, "parameters": PARAMETERS} | changes))
    return costs(summarise(made.study, made.records))


def test_points_hold_means_and_the_efficient_ones_are_not_dominated(make):
    """The last variant is dearer and worse than the first; each of the others is the cheapest of its quality."""
    data = _costs(make)
    assert [(point.label, point.cost, point.value, point.efficient) for point in data.points] == [
        ("level a", 4000, 11.0, True),
        ("level d", 4000, 13.0, False),
        ("level c", 2000, 16.0, True),
        ("level b", 1000, 21.0, True),
    ]
    assert data.points[0].interval is None
    three = _costs(make, losses=((10.0, 12.0, 11.0), (20.0, 22.0, 21.0)), seconds=(1.0, 2.0), parameters=(1, 2))
    assert three.points[0].interval.low < 11.0 < three.points[0].interval.high


def test_of_two_equal_variants_the_cheaper_is_efficient(make):
    """As good and dearer is dominated."""
    data = _costs(make, losses=((10.0, 12.0), (10.0, 12.0)), seconds=(11.0, 12.0), parameters=(12, 10))
    assert {point.label: point.efficient for point in data.points} == {"level a": False, "level b": True}


def test_the_key_names_the_numbers_in_the_figure(make):
    """Every point has its number, label, seconds and parameters."""
    assert _costs(make).key[0] == (1, "level a: 4,000 parameters, 40.0 s")


def test_the_axis_is_logarithmic_beyond_a_ratio_of_ten(make):
    """Four to one is shown as it is; twenty to one in steps of 1, 2, 5, 10."""
    assert not _costs(make).logarithmic
    data = _costs(make, seconds=(200.0, 10.0, 20.0, 41.0), parameters=(1000,) * 4)
    axis = draw_costs(data).layout.xaxis
    assert axis.type == "log"
    assert list(axis.ticktext) == ["10", "20", "50", "100", "200"]
    assert [10**end for end in axis.range] == pytest.approx(list(data.limits))
    assert data.limits[0] < 10
    assert data.limits[1] > 200


def test_a_variant_without_a_recorded_time_is_left_out(make):
    """What is missing stays missing; a clock is only asked where parameters tell nothing."""
    seconds = (math.nan, 10.0, 20.0, 41.0)
    assert len(_costs(make, seconds=seconds, parameters=(1000,) * 4).points) == 3
    assert len(_costs(make, seconds=seconds).points) == 4


def test_a_clock_makes_nothing_efficient(make):
    """Variants of one size are shown by the median of their seconds, with all of them, and no line joins any."""
    made = make(losses=((10.0, 12.0, 11.0), (20.0, 22.0, 21.0)), seconds=(20.0, 10.0), parameters=(1000, 1010))
    trials = list(made.records.trials)
    trials[0] = replace(trials[0], metrics=trials[0].metrics | {record.TRAIN_SECONDS: 90.0})
    data = costs(summarise(made.study, replace(made.records, trials=tuple(trials))))
    assert data.clock
    assert [(point.cost, point.spread) for point in data.points] == [(20.0, (20.0, 90.0)), (10.0, (10.0, 10.0))]
    assert not any(point.efficient for point in data.points)
    assert draw_costs(data).data[0].x == ()


def test_efficient_points_are_joined_in_the_order_of_cost(make):
    """The first trace is the line through the efficient points."""
    line = draw_costs(_costs(make)).data[0]
    assert (list(line.x), list(line.y)) == ([1000, 2000, 4000], [21.0, 16.0, 11.0])
