"""What transcripts are spelled with, where it is not the documented English alphabet (`search_spaces/alphabet`).

The blank of CTC is no part of an alphabet: it is the output after its symbols.
"""

import unicodedata
from dataclasses import dataclass

from soundproof.search_spaces.specs.canonical import Spec, SpecError


@dataclass(frozen=True, kw_only=True, slots=True)
class CharacterAlphabet(Spec):
    """A symbol for each of `characters`, code points in ascending order, of texts in Unicode's normal form C."""

    characters: str

    def _check(self) -> None:
        _check_characters(self.characters)

    @property
    def symbols(self) -> tuple[str, ...]:
        """In the order of the outputs."""
        return tuple(self.characters)


@dataclass(frozen=True, kw_only=True, slots=True)
class BytePairAlphabet(Spec):
    """A symbol for each of `characters`, and for each of the `pieces` of several, in the order of their merging.

    A text is spelled with a space before it, and a space is part of the piece that it begins. Of all neighbours that
    together are a piece, those are merged first whose piece comes first (Sennrich et al. 2016).
    """

    characters: str
    pieces: tuple[str, ...]

    def _check(self) -> None:
        _check_characters(self.characters)
        if len(set(self.pieces)) < len(self.pieces) or any(len(piece) < 2 for piece in self.pieces):
            raise SpecError("BytePairAlphabet.pieces must be different ones, of two characters or more each")
        foreign = sorted(set("".join(self.pieces)) - set(self.characters))
        if foreign:
            shown = ", ".join(map(repr, foreign))
            raise SpecError(f"BytePairAlphabet.pieces must consist of its characters, got {shown}")

    @property
    def symbols(self) -> tuple[str, ...]:
        """In the order of the outputs."""
        return (*self.characters, *self.pieces)


Alphabet = CharacterAlphabet | BytePairAlphabet


def outputs_of(alphabet: Alphabet) -> int:
    """How many outputs a network needs: one for each symbol, and the blank."""
    return len(alphabet.symbols) + 1


def _check_characters(characters: str) -> None:
    if not characters or list(characters) != sorted(set(characters)):
        raise SpecError(f"an alphabet must have characters, each once and in ascending order, got {characters!r}")
    lone = [sign for sign in characters if unicodedata.category(sign) == "Cs"]
    if lone:
        raise SpecError(f"an alphabet must have characters that can be written, got {lone[0]!r}")
