"""The confusion matrix of a trial as a picture."""

import xml.etree.ElementTree as ET

from soundproof.trainables.sweeps.outbox.prediction_files import confusion_svg

ROWS = [
    {"reference": "dog", "hypothesis": "dog"},
    {"reference": "dog", "hypothesis": "dog"},
    {"reference": "dog", "hypothesis": "<b>&rain"},
    {"reference": "<b>&rain", "hypothesis": "dog"},
]


def _texts(svg: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_every_count_is_there_and_names_are_text() -> None:
    """Two dogs are right, one is taken for rain, and one rain for a dog; markup in a name is shown, not read."""
    texts = _texts(confusion_svg(ROWS, "test clips of <trial>"))
    assert sorted(text for text in texts if text.isdecimal()) == ["1", "1", "2"]
    assert texts.count("<b>&rain") == 2
    assert texts[0] == "test clips of <trial>"


def test_the_darkness_of_a_cell_is_its_share_of_the_row() -> None:
    """Two of three dogs; a class that is never there has an empty row."""
    svg = confusion_svg([*ROWS, {"reference": "dog", "hypothesis": "cat"}], "t")
    boxes = [box.get("fill-opacity") for box in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}rect")]
    assert boxes[1:] == ["0.000", "0.000", "1.000", "0.000", "0.000", "0.000", "0.250", "0.250", "0.500"]
