"""Text to symbols and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundproof.search_spaces.alphabet import BLANK, CHARACTERS, OUTPUTS, AlphabetError, decode, encode


@given(st.text(CHARACTERS))
def test_round_trip(text: str) -> None:
    """Every text over the alphabet survives."""
    assert decode(encode(text)) == text


def test_documented_outputs() -> None:
    """29 outputs: apostrophe, space, a to z, and the blank, which comes last."""
    assert (len(CHARACTERS), BLANK, OUTPUTS) == (28, 28, 29)


@pytest.mark.parametrize(
    ("text", "named"), [("Ab", r"'A' \(U\+0041\)"), ("7 up", r"'7'"), ("naïve", r"'ï'"), ("a\n", r"\\n")]
)
def test_foreign_characters_are_named(text: str, named: str) -> None:
    """The error names the characters, so that they can be found and replaced."""
    with pytest.raises(AlphabetError, match=named):
        encode(text)
