"""A still picture shows what the figure shows: its words as text, its values at their places."""

import json
import xml.etree.ElementTree as ET  # only what was drawn here is read

import pytest

from soundproof.analysis.figures.confusion_matrix import draw_matrix
from soundproof.analysis.figures.differences import DifferenceRow, Differences, draw_differences
from soundproof.analysis.figures.pareto import Pareto, ParetoPoint, draw_pareto
from soundproof.analysis.figures.svg.axes import scale_of, ticks_of
from soundproof.analysis.figures.svg.picture import still
from soundproof.analysis.statistics.intervals import Interval
from soundproof.analysis.summaries.confusion import ClassScores, Confusion

HOSTILE = "<b>bold</b> & \"quoted\" 'שלום' 🎉"


def _picture(figure):
    return ET.fromstring(still(json.loads(figure.to_json())))


def test_differences_stand_where_their_values_are():
    """The mean is drawn midway between two seeds at equal distances, inside its interval; the label is text."""
    row = DifferenceRow(
        label=HOSTILE,
        seeds=((0, -1.0), (1, 3.0)),
        mean=1.0,
        interval=Interval(low=0.0, high=2.0, confidence=0.95),
    )
    picture = _picture(draw_differences(Differences(axis="nats", margin=0.5, rows=(row,))))
    places = {float(circle.get("r")): float(circle.get("cx")) for circle in picture.iter("circle")}
    seeds = [float(circle.get("cx")) for circle in picture.iter("circle") if circle.get("r") == "2.5"]
    assert places[5.0] == pytest.approx(sum(seeds) / 2, abs=0.1)
    bar = next(stroke for stroke in picture.iter("line") if stroke.get("stroke-width") == "2")
    assert (float(bar.get("x1")) + float(bar.get("x2"))) / 2 == pytest.approx(places[5.0], abs=0.1)
    label = [text.text for text in picture.iter("text") if text.get("text-anchor") == "end"]
    assert " ".join(label) == HOSTILE


def test_cells_of_a_matrix_are_counted():
    """A cell for each that is not empty, the denser the larger its share, with its number."""
    names = [
        ClassScores(name=name, precision=None, recall=None, f1=None, support=0, taken_for=None)
        for name in ("cat", "dog")
    ]
    confusion = Confusion(variant="a", label="level a", seeds=(0,), counts=((3, 0), (1, 3)), scores=tuple(names))
    picture = _picture(draw_matrix(confusion))
    filled = [(path.get("d").count("M"), path.get("fill")) for path in picture.iter("path")]
    assert [count for count, _ in filled] == [1, 1, 1]
    assert filled[0] == (1, "rgba(47, 127, 193, 0.47)")
    assert filled[1] == (1, "rgba(47, 127, 193, 0.62)")
    texts = [value.text for value in picture.iter("text")]
    assert [texts.count(text) for text in ("cat", "dog", "3", "1", "true class", "given class")] == [2, 2, 2, 1, 1, 1]


def test_a_logarithmic_axis_has_even_decades():
    """10, 100 and 1,000 parameters are equally far apart, and the front is joined by steps."""
    points = tuple(
        ParetoPoint(label="trial", along=10.0**power, upwards=float(power), on_front=True) for power in (1, 2, 3)
    )
    data = Pareto(along_axis="parameters", upwards_axis="loss", logarithmic=True, more_is_better=False, points=points)
    picture = _picture(draw_pareto(data))
    first, second, third = (float(circle.get("cx")) for circle in picture.iter("circle"))
    assert third - second == pytest.approx(second - first, abs=0.2)
    assert "1,000" in [text.text for text in picture.iter("text")]
    path = max((value.get("d") for value in picture.iter("path")), key=len)
    assert (path.count("H"), path.count("V")) == (2, 2)


@pytest.mark.parametrize(
    ("axis", "values", "texts"),
    [
        ({"range": [0.0, 10.0]}, (), ["0", "2", "4", "6", "8", "10"]),
        (
            {"range": [-0.3, 0.3]},
            (),
            ["\N{MINUS SIGN}0.3", "\N{MINUS SIGN}0.2", "\N{MINUS SIGN}0.1", "0", "0.1", "0.2", "0.3"],
        ),
        ({}, (3.0, 3.0), ["2.96", "2.98", "3", "3.02", "3.04"]),
        ({"dtick": 2, "range": [0.8, 6.2]}, (), ["2", "4", "6"]),
        ({"tickvals": [1, 9], "ticktext": ["-a", "b"], "range": [0, 5]}, (), ["-a"]),
    ],
)
def test_ticks_are_round_and_within_the_ends(axis, values, texts):
    """At round steps, or those laid down as far as the axis goes; a single value has room about it."""
    scale = scale_of(axis, values, 0.0, 100.0)
    assert [text for _, text in ticks_of(axis, scale)] == texts
