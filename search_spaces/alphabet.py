"""What networks spell with: apostrophe, space, a to z, and the blank of CTC, in this order; or another alphabet."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from math import inf

from soundproof.common.errors import UserError
from soundproof.search_spaces.specs.alphabets import Alphabet, BytePairAlphabet

CHARACTERS = "' abcdefghijklmnopqrstuvwxyz"
BLANK = len(CHARACTERS)
OUTPUTS = len(CHARACTERS) + 1

_INDEX = {character: index for index, character in enumerate(CHARACTERS)}
_WORDS = re.compile(" ?[^ ]+| ")


class AlphabetError(UserError):
    """A text holds characters that the networks cannot spell, or there is no such alphabet."""


def encode(text: str) -> list[int]:
    """Indices of the characters of `text`. Raises `AlphabetError` naming every character outside the alphabet."""
    foreign = sorted(set(text) - _INDEX.keys())
    if foreign:
        named = ", ".join(f"{character!r} (U+{ord(character):04X})" for character in foreign)
        raise AlphabetError(
            f"a text may hold lower-case a to z, space and apostrophe, got {named} in {text[:60]!r}: "
            "spell numbers out, write lower case, remove punctuation; or, in any language, let the training texts say "
            "what is spelled with: --alphabet corpus"
        )
    return [_INDEX[character] for character in text]


def decode(indices: Sequence[int]) -> str:
    """The text that `encode` read; indices of other symbols than characters must be gone already."""
    return "".join(CHARACTERS[index] for index in indices)


def composed(text: str) -> str:
    r"""A text as other alphabets than English spell it: Unicode's normal form C, single spaces.

    >>> composed("Cafe\u0301  noir ") == "Caf\u00e9 noir"
    True
    """
    return " ".join(unicodedata.normalize("NFC", text).split())


class Speller:
    """Texts as the symbols of an alphabet, and back; None is the documented English one."""

    def __init__(self, alphabet: Alphabet | None) -> None:
        self._symbols = tuple(CHARACTERS) if alphabet is None else alphabet.symbols
        self._english = alphabet is None
        self._index = {symbol: index for index, symbol in enumerate(self._symbols)}
        self._ranks = None
        if isinstance(alphabet, BytePairAlphabet):
            self._ranks = {piece: rank for rank, piece in enumerate(alphabet.pieces)}
        self._merged = cache(self._word)

    @property
    def blank(self) -> int:
        """The output of CTC's blank: the one after the symbols."""
        return len(self._symbols)

    @property
    def outputs(self) -> int:
        """Symbols and the blank."""
        return len(self._symbols) + 1

    def encode(self, text: str) -> list[int]:
        """Indices of the symbols of `text`. What another alphabet than English lacks is left out.

        Raises `AlphabetError` where the English one lacks something.
        """
        if self._english:
            return encode(text)
        known = "".join(sign for sign in text if sign in self._index)
        if self._ranks is None:
            return [self._index[sign] for sign in known]
        return [index for word in _WORDS.findall(f" {known}" if known else "") for index in self._merged(word)]

    def decode(self, indices: Sequence[int]) -> str:
        """The text of these symbols, none of which is a blank."""
        if self._english:
            return decode(indices)
        text = "".join(self._symbols[index] for index in indices)
        return unicodedata.normalize("NFC", text if self._ranks is None else text.removeprefix(" "))

    def unknown(self, text: str) -> list[str]:
        """The characters of `text` that the alphabet lacks, each as often as it is there."""
        return [sign for sign in text if sign not in self._index]

    def _word(self, word: str) -> tuple[int, ...]:
        assert self._ranks is not None
        return tuple(self._index[piece] for piece in merged(word, self._ranks))


def merged(word: str, ranks: Mapping[str, int]) -> list[str]:
    """The pieces of a word: neighbours that together are a piece are merged, the lowest of `ranks` first.

    >>> merged(" hund", {"un": 0, "und": 1, " h": 2})
    [' h', 'und']
    """
    parts = list(word)
    while len(parts) > 1:
        rank, place = min((ranks.get(parts[at] + parts[at + 1], inf), at) for at in range(len(parts) - 1))
        if rank == inf:
            break
        parts[place : place + 2] = [parts[place] + parts[place + 1]]
    return parts


@lru_cache(maxsize=64)
def speller_of(alphabet: Alphabet | None) -> Speller:
    """The speller of an alphabet; the same one each time, since it remembers words."""
    return Speller(alphabet)
