"""Cost against quality: which variants are efficient, the key, and the axis."""

from __future__ import annotations

import math

import pytest

from analysis.figures.cost import costs, draw_costs
from analysis.summary import summarise

LOSSES = ((10.0, 12.0), (20.0, 22.0), (15.0, 17.0), (12.0, 14.0))
SECONDS = (40.0, 10.0, 20.0, 41.0)
PARAMETERS = (4000, 1000, 2000, 4000)


def _costs(make, **changes):
    made = make(**({"losses": LOSSES, "seconds": SECONDS, "parameters": PARAMETERS} | changes))
    return costs(summarise(made.study, made.records))


def test_points_hold_means_and_the_efficient_ones_are_not_dominated(make):
    """The last variant is dearer and worse than the first; each of the others is the cheapest of its quality."""
    data = _costs(make)
    assert [(point.label, point.seconds, point.value, point.efficient) for point in data.points] == [
        ("level a", 40.0, 11.0, True),
        ("level d", 41.0, 13.0, False),
        ("level c", 20.0, 16.0, True),
        ("level b", 10.0, 21.0, True),
    ]
    assert data.points[0].interval.low < 11.0 < data.points[0].interval.high


def test_of_two_equal_variants_the_cheaper_is_efficient(make):
    """As good and dearer is dominated."""
    data = _costs(make, losses=((10.0, 12.0), (10.0, 12.0)), seconds=(12.0, 11.0), parameters=(1, 1))
    assert {point.label: point.efficient for point in data.points} == {"level a": False, "level b": True}


def test_the_key_names_the_numbers_in_the_figure(make):
    """Every point has its number, label, seconds and parameters."""
    assert _costs(make).key[0] == (1, "level a: 40.0 s, 4,000 parameters")


def test_the_axis_is_logarithmic_beyond_a_ratio_of_ten(make):
    """Four to one is shown as it is; twenty to one in steps of 1, 2, 5, 10."""
    assert not _costs(make).logarithmic
    data = _costs(make, seconds=(200.0, 10.0, 20.0, 41.0))
    axis = draw_costs(data).layout.xaxis
    assert axis.type == "log"
    assert list(axis.ticktext) == ["10", "20", "50", "100", "200"]
    assert [10**end for end in axis.range] == pytest.approx(list(data.limits))
    assert data.limits[0] < 10
    assert data.limits[1] > 200


def test_a_variant_without_a_recorded_time_is_left_out(make):
    """What is missing stays missing."""
    assert len(_costs(make, seconds=(math.nan, 10.0, 20.0, 41.0)).points) == 3


def test_efficient_points_are_joined_in_the_order_of_cost(make):
    """The first trace is the line through the efficient points."""
    line = draw_costs(_costs(make)).data[0]
    assert (list(line.x), list(line.y)) == ([10.0, 20.0, 40.0], [21.0, 16.0, 11.0])
