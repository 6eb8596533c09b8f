"""Choices along an axis."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundproof.analysis.summaries.choices import choice_words, short_names, varied_choices


def test_only_what_differs_is_a_choice():
    """One value, even where some trials lack it, says nothing; two do."""
    found = varied_choices([{"a": 1, "b": 2, "c": "x"}, {"a": 1, "b": 3}])
    assert [choice.name for choice in found] == ["b"]


def test_scales_follow_the_values():
    """A decade makes positive numbers logarithmic; words, truth values and none are categories."""
    found = varied_choices(
        [
            {"rate": 1e-4, "layers": 1, "norm": True, "clip": None, "zero": 0.0},
            {"rate": 1e-2, "layers": 4, "norm": False, "clip": 5.0, "zero": 100.0},
        ]
    )
    scales = {choice.name: (choice.numeric, choice.logarithmic) for choice in found}
    assert scales == {
        "rate": (True, True),
        "layers": (True, False),
        "norm": (False, False),
        "clip": (False, False),
        "zero": (True, False),
    }
    rate = next(choice for choice in found if choice.name == "rate")
    assert rate.place(1e-3) == pytest.approx(0.5)


@given(st.lists(st.one_of(st.integers(-1000, 1000), st.floats(-1e6, 1e6)), min_size=2, max_size=30))
def test_places_keep_the_order_and_ticks_stay_at_the_axis(values):
    """The least value lies at 0, the greatest at 1, and every tick about between."""
    found = varied_choices({"x": value} for value in values)
    if not found:
        assert len(set(values)) == 1
        return
    (choice,) = found
    places = [choice.place(value) for value in sorted(values)]
    assert places == sorted(places)
    assert (places[0], places[-1]) == (0.0, 1.0)
    assert len(choice.ticks) <= 6


def test_many_values_have_round_ticks():
    """Filters from 16 to 251 are not named by the odd values that happened to be tried."""
    (choice,) = varied_choices({"filters": value} for value in range(16, 252, 5))
    assert choice.logarithmic
    assert choice.ticks == (16, 32, 63, 130, 250)


def test_names_are_as_short_as_they_can_be():
    """An ending that another name shares is made longer."""
    names = ["network.recurrent.layers", "network.head.layers", "recipe.rate", "layers"]
    assert list(short_names(names).values()) == ["recurrent.layers", "head.layers", "rate", "layers"]


def test_a_place_in_a_list_keeps_what_it_is_a_place_of():
    """`3.rate` would say nothing."""
    names = ["network.head.sublayers.3.rate", "network.dense.sublayers.dropout.rate", "network.head.layers.2.units"]
    assert list(short_names(names).values()) == ["head.sublayers.3.rate", "dropout.rate", "units"]


def test_values_in_words():
    """As a reader meets them."""
    assert [choice_words(value) for value in (None, True, False, 3, 0.00123456, 1e-6, "gru")] == [
        "none",
        "yes",
        "no",
        "3",
        "0.001235",
        "1.00e\N{MINUS SIGN}06",
        "gru",
    ]
