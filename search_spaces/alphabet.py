"""The symbols of the speech networks: apostrophe, space, a to z, and the blank of CTC, in this order."""

from soundproof.common.errors import UserError

CHARACTERS = "' abcdefghijklmnopqrstuvwxyz"
BLANK = len(CHARACTERS)
OUTPUTS = len(CHARACTERS) + 1

_INDEX = {character: index for index, character in enumerate(CHARACTERS)}


class AlphabetError(UserError):
    """A text holds characters that the networks cannot spell."""


def encode(text: str) -> list[int]:
    """Indices of the characters of `text`. Raises `AlphabetError` naming every character outside the alphabet."""
    foreign = sorted(set(text) - _INDEX.keys())
    if foreign:
        named = ", ".join(f"{character!r} (U+{ord(character):04X})" for character in foreign)
        raise AlphabetError(
            f"a text may hold lower-case a to z, space and apostrophe, got {named} in {text[:60]!r}: "
            "spell numbers out, write lower case, remove punctuation"
        )
    return [_INDEX[character] for character in text]


def decode(indices: list[int]) -> str:
    """The text that `encode` read; indices of other symbols than characters must be gone already."""
    return "".join(CHARACTERS[index] for index in indices)
