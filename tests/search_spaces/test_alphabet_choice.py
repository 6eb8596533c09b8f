"""How the option is written, and how the record calls what was chosen."""

import pytest

from soundproof.command_line import completion
from soundproof.common.errors import UserError
from soundproof.search_spaces.alphabet_choice import ALPHABETS, AlphabetChoice
from soundproof.search_spaces.corpus_names import CorpusLabel, corpus_argument


@pytest.mark.parametrize("text", [None, "english", "corpus", "byte-pair:500"])
@pytest.mark.parametrize("split", [None, "random"])
def test_a_choice_survives_the_record(text: str | None, split: str | None) -> None:
    """In the name of a corpus, whose own dots stay."""
    choice = AlphabetChoice.parse(text)
    label = CorpusLabel(corpus="manifest-my.texts", alphabet=choice, split=split)
    assert CorpusLabel.read(str(label)) == label
    assert AlphabetChoice.parse(choice.option) == choice


def test_english_leaves_the_name_as_it_was() -> None:
    """So that what is recorded is found again."""
    assert str(CorpusLabel(corpus="manifest-a", alphabet=AlphabetChoice.parse("english"))) == "manifest-a"
    assert corpus_argument("manifest-a.byte-pair-40") == "manifest:FILE --alphabet byte-pair:40"
    assert corpus_argument("librispeech.corpus-alphabet.random") == (
        "librispeech:PATH --alphabet corpus --split random"
    )


@pytest.mark.parametrize("text", ["", "german", "byte-pair", "byte-pair:", "byte-pair:0", "byte-pair-5"])
def test_other_words_are_refused(text: str) -> None:
    """With what is expected."""
    with pytest.raises(UserError, match="english .*, corpus .* byte-pair:NUMBER"):
        AlphabetChoice.parse(text)


def test_a_shell_offers_them() -> None:
    """They are written out twice, since their owner is slow to import."""
    assert completion.ALPHABETS == ALPHABETS
