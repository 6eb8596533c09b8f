"""Text to symbols and back."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundproof.search_spaces.alphabet import (
    BLANK,
    CHARACTERS,
    OUTPUTS,
    AlphabetError,
    composed,
    decode,
    encode,
    speller_of,
)
from soundproof.search_spaces.arithmetic import frames_needed
from soundproof.search_spaces.specs import BytePairAlphabet, CharacterAlphabet, SpecError


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


def test_the_remedy_is_named() -> None:
    """Texts of another language need not be rewritten."""
    with pytest.raises(AlphabetError, match="--alphabet corpus"):
        encode("привет")


TEXTS = {
    "German": "der süße Hund läuft über die Straße",
    "Greek": "γάτος κοιμάται στο σπίτι",
    "Cyrillic": "ёжик шёл домой",
    "Devanagari": "हिन्दी में किताब पढ़ो",
    "Chinese": "今天天气很好",
}


@pytest.mark.parametrize("language", TEXTS)
def test_characters_of_any_language(language: str) -> None:
    """A symbol for each code point of the composed text, the blank after them, and back."""
    text = composed(TEXTS[language])
    alphabet = CharacterAlphabet(characters="".join(sorted(set(text))))
    speller = speller_of(alphabet)
    assert speller.decode(speller.encode(text)) == text
    assert (len(speller.encode(text)), speller.outputs) == (len(text), len(set(text)) + 1)
    assert speller.blank == len(alphabet.characters)


def test_what_an_alphabet_lacks_is_left_out_and_named() -> None:
    """Never a crash: texts of other sides may hold anything."""
    speller = speller_of(CharacterAlphabet(characters=" ab"))
    assert (speller.decode(speller.encode("ab? жд")), speller.unknown("ab? жд")) == ("ab ", ["?", "ж", "д"])
    assert speller.encode("ßß") == []


def test_texts_are_composed() -> None:
    """However they were typed, they are the same symbols; what has no composed form keeps its marks."""
    assert composed("u\u0308ber\t\n alles ") == "über alles"
    assert composed("\u0915\u093c") == "\u0915\u093c"  # excluded from composition, as Unicode says
    speller = speller_of(CharacterAlphabet(characters="u\u0308"))
    assert speller.decode([0, 1]) == "ü"  # what a network writes is composed, too


def test_byte_pairs_merge_in_their_order() -> None:
    """The earliest piece first, the leftmost of several; a space belongs to the piece that it begins."""
    alphabet = BytePairAlphabet(characters=" abc", pieces=("bc", "ab", " a", "abc"))
    speller = speller_of(alphabet)
    spelled = [alphabet.symbols[index] for index in speller.encode("abc ab")]
    assert spelled == [" a", "bc", " ", "ab"]
    assert speller.decode(speller.encode("abc ab")) == "abc ab"


@given(st.text(" abc", max_size=30).map(composed))
def test_byte_pairs_round_trip(text: str) -> None:
    """Whatever is merged, and no text needs more frames than its characters, but for the space before it."""
    speller = speller_of(BytePairAlphabet(characters=" abc", pieces=("bc", "ab", " a", "abc", " abc", "cc")))
    assert speller.decode(speller.encode(text)) == text
    assert frames_needed(speller.encode(text)) <= frames_needed(text) + 1


@pytest.mark.parametrize(
    ("made", "named"),
    [
        (lambda: CharacterAlphabet(characters="ba"), "ascending"),
        (lambda: CharacterAlphabet(characters=""), "must have characters"),
        (lambda: CharacterAlphabet(characters="\ud800"), "can be written"),
        (lambda: BytePairAlphabet(characters=" ab", pieces=("ab", "ab")), "different"),
        (lambda: BytePairAlphabet(characters=" ab", pieces=("ac",)), "'c'"),
    ],
)
def test_what_is_no_alphabet(made: Callable[[], object], named: str) -> None:
    """Refused when it is made."""
    with pytest.raises(SpecError, match=named):
        made()
