"""Sequences as texts of the record: readable, and read back as they were."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundproof.search_spaces.sequences import read_sequence, sequence_text
from soundproof.search_spaces.specs import BatchNorm, ConvStack, Dropout, Relu

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
NAMES = st.sampled_from(["Relu", "rate", "class", "with space", "type", "é"]) | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner), max_leaves=8)


def test_sublayers_read_like_their_declaration() -> None:
    """The order at a glance, with the fields of those that have any."""
    stack = ConvStack(layers=1, filters=2, kernel_size=3, sublayers=(Relu(), Dropout(rate=0.2), BatchNorm()))
    text = sequence_text(stack.to_plain()["sublayers"])
    assert text == "[Relu, Dropout(rate=0.2), BatchNorm]"
    assert read_sequence(text) == ({"type": "Relu"}, {"type": "Dropout", "rate": 0.2}, {"type": "BatchNorm"})
    assert sequence_text([]) == "[]"
    assert sequence_text([[3, 3], -1.5, "a"]) == "[[3, 3], -1.5, 'a']"


@given(st.lists(VALUES))
def test_any_sequence_is_read_back(items: list) -> None:
    """Nested ones, and texts and names of any characters."""
    assert read_sequence(sequence_text(items)) == tuple(items)


@pytest.mark.parametrize(
    "text",
    ["", "none", "relu", "[", "[a", "[a b]", "[1] + [2]", "[f(1)]", "[f(**x)]", "[a.b]", "[1j]", "[-a]", "[" * 500],
)
def test_other_texts_are_no_sequences(text: str) -> None:
    """A level or a name that begins like one, or a text that was cut, stays a text."""
    assert read_sequence(text) is None
