"""Error rates in any language, and a network that learns to spell another alphabet."""

import random

import pytest
import torch
from torchmetrics.functional.text import char_error_rate, word_error_rate

from soundproof.search_spaces.alphabet import composed, speller_of
from soundproof.search_spaces.specs import CharacterAlphabet
from soundproof.trainables.networks import Frames
from soundproof.trainables.training.tasks import transcription
from soundproof.trainables.training.tasks.ctc import ctc_losses, greedy_texts

LANGUAGES = {
    "German": "der süße Hund läuft über die Straße Äpfel",
    "Greek": "γάτος κοιμάται στο σπίτι μαΐου",
    "Cyrillic": "ёжик шёл домой й",
    "Devanagari": "हिन्दी में किताब पढ़ो नमस्ते",
    "Chinese": "今天天气很好我们去公园",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_error_rates_are_those_of_torchmetrics(language: str) -> None:
    """A character is a code point of the composed text, a vowel sign one of its own; a word lies between spaces."""
    chance, letters = random.Random(0), LANGUAGES[language]
    said = [composed("".join(chance.choices(letters, k=25))) for _ in range(40)]
    heard = [composed("".join(sign for sign in text if chance.random() > 0.2) + letters[:3]) for text in said]
    ours = transcription.character_error_rate(said, heard), transcription.word_error_rate(said, heard)
    theirs = char_error_rate(heard, said), word_error_rate(heard, said)
    assert ours == pytest.approx([rate.item() for rate in theirs], rel=1e-6)


def test_a_composed_and_a_decomposed_text_are_one() -> None:
    """However a transcript was typed, and whatever code points a network puts side by side."""
    alphabet = CharacterAlphabet(characters="tu\u0308")
    written = speller_of(alphabet).decode([0, 1, 2])
    assert transcription.character_error_rate([composed("tu\u0308")], [written]) == 0


def test_the_loss_has_the_blank_of_the_alphabet() -> None:
    """The same number as torch's, for more symbols than the documented ones and for a text that is left with none."""
    alphabet = CharacterAlphabet(characters="".join(map(chr, range(0x430, 0x470))))
    speller = speller_of(alphabet)
    texts = ["ёж", "домой", "??"]
    targets = [torch.tensor(speller.encode(text), dtype=torch.long) for text in texts]
    counts, lengths = torch.tensor([len(target) for target in targets]), torch.tensor([9, 12, 5])
    torch.manual_seed(0)
    scores = torch.randn(int(lengths.sum()), speller.outputs, dtype=torch.double).log_softmax(dim=1)
    found = ctc_losses(scores, Frames(lengths, 12), torch.cat(targets), counts, speller.blank)
    parts = torch.split(scores, lengths.tolist())
    for loss, part, target in zip(found, parts, targets, strict=True):
        expected = torch.nn.functional.ctc_loss(
            part[:, None], target[None], (len(part),), (len(target),), blank=speller.blank, reduction="sum"
        )
        assert loss.item() == pytest.approx(expected.item(), rel=1e-6)


def test_a_best_path_is_read_with_the_alphabet() -> None:
    """Repeats merged, blanks dropped, symbols beyond the alphabet too."""
    speller = speller_of(CharacterAlphabet(characters="жё"))
    path = [1, 1, 2, 0, 0, 2, 0, 3]
    scores = torch.nn.functional.one_hot(torch.tensor(path), 4).double()
    assert greedy_texts(scores, torch.tensor([len(path)]), speller) == ["ёжж"]
