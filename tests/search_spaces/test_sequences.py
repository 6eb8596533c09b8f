"""Sequences as texts of the record."""

from soundproof.search_spaces.sequences import sequence_text
from soundproof.search_spaces.specs import BatchNorm, ConvStack, Dropout, Relu


def test_sublayers_read_like_their_declaration() -> None:
    """The order at a glance, with the fields of those that have any."""
    stack = ConvStack(layers=1, filters=2, kernel_size=3, sublayers=(Relu(), Dropout(rate=0.2), BatchNorm()))
    text = sequence_text(stack.to_plain()["sublayers"])
    assert text == "[Relu, Dropout(rate=0.2), BatchNorm]"
    odd = sequence_text([{"type": "class"}, {"rate": 1, "a b": None}])
    assert odd == "[{'type': 'class'}, {'rate': 1, 'a b': None}]"
    assert sequence_text([]) == "[]"
    assert sequence_text([[3, 3], -1.5, "a"]) == "[[3, 3], -1.5, 'a']"
