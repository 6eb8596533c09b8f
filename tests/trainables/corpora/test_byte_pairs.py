"""Byte-pair units: learnt by SentencePiece, spelled without it, and refused with the remedy where it is not there."""

import importlib.util
import io
import random

import pytest
import sentencepiece

from soundproof.search_spaces.alphabet import AlphabetError, composed, speller_of
from soundproof.trainables.corpora.byte_pairs import learn_units

WORDS = {
    "german": "der süße hund läuft über die straße heute früh straßen hunde",
    "russian": "ёж шёл домой кот пёс они ели щи дома домашний",
    "hindi": "नमस्ते दुनिया हिन्दी में किताब पढ़ो किताबें",
    "chinese": "今天天气很好 我们去公园 今天我们去 公园天气",
}


def _texts(language: str) -> list[str]:
    chance = random.Random(0)
    return [composed(" ".join(chance.choices(WORDS[language].split(), k=4))) for _ in range(60)]


@pytest.mark.parametrize("language", WORDS)
def test_texts_are_spelled_as_the_library_does(language: str) -> None:
    """Piece for piece, texts that it was not trained on among them, and every text comes back."""
    texts = _texts(language)
    learnt = learn_units(texts, 40)
    assert len(learnt.symbols) == 40
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts), model_writer=written, model_type="bpe", vocab_size=41, character_coverage=1.0,
        normalization_rule_name="identity", bos_id=-1, eos_id=-1, pad_id=-1, minloglevel=2,
    )  # fmt: skip
    reference = sentencepiece.SentencePieceProcessor(model_proto=written.getvalue())
    speller, chance = speller_of(learnt), random.Random(1)
    others = [composed("".join(chance.choices(learnt.characters, k=20))) for _ in range(100)]
    for text in filter(lambda text: text and set(text) <= set(learnt.characters), [*texts, *others]):
        pieces = [learnt.symbols[index].replace(" ", "▁") for index in speller.encode(text)]
        assert pieces == reference.encode(text, out_type=str)
        assert speller.decode(speller.encode(text)) == text


def test_the_same_texts_give_the_same_units() -> None:
    """A trial's id rests on them."""
    assert learn_units(_texts("german"), 60) == learn_units(_texts("german"), 60)


def test_fewer_units_than_asked_for() -> None:
    """Where the texts have no more, what there is is taken."""
    learnt = learn_units(["ab ab", "ba"], 500)
    assert 4 < len(learnt.symbols) < 20
    assert set(learnt.characters) == set(" ab")


def test_fewer_units_than_characters() -> None:
    """Refused with a number that will do."""
    with pytest.raises(AlphabetError, match=r"byte-pair:3 expects more units than the 4 characters .* byte-pair:8"):
        learn_units(["abc"], 3)


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is named, and what does without it."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(AlphabetError, match=r"pip install 'soundproof\[byte-pair\]', or choose --alphabet corpus"):
        learn_units(["abc"], 30)
