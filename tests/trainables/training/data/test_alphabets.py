"""Alphabets of corpora: of the training side alone, and what has to be known of texts that are spelled so."""

from collections.abc import Sequence

import pytest

from soundproof.search_spaces.alphabet import AlphabetError
from soundproof.search_spaces.alphabet_choice import AlphabetChoice
from soundproof.search_spaces.specs import BytePairAlphabet, CharacterAlphabet, GroupSplit, Partition
from soundproof.trainables.corpora.corpus import Example
from soundproof.trainables.training.data.alphabets import Alphabets
from soundproof.trainables.training.data.splitting import draw_partitions

CORPUS = AlphabetChoice.parse("corpus")
SPLIT = GroupSplit()


def _examples(texts: Sequence[str], sides: Sequence[Partition | None]) -> list[Example]:
    return [
        Example(key=f"{number}", target=text, recording=f"{number}", partition=side)
        for number, (text, side) in enumerate(zip(texts, sides, strict=True))
    ]


def _fixed(train: str, test: str) -> list[Example]:
    return _examples([train, train, test], ["train", "validation", "test"])


def _kinds(examples: Sequence[Example], text: str = "corpus") -> list[str]:
    alphabets = Alphabets(examples=examples, choice=AlphabetChoice.parse(text))
    return [remark.kind for remark in alphabets.remarks(SPLIT, 0)]


def test_english_is_what_it_was() -> None:
    """No alphabet in the trial, and nothing to be known."""
    assert Alphabets(examples=_fixed("abc", "d"), choice=AlphabetChoice()).of(SPLIT, 0) is None
    assert _kinds(_fixed("abc", "d"), "english") == []


def test_the_training_side_alone_decides() -> None:
    """For each seed its own: a letter that only others have is no symbol."""
    letters = "абвгдежзийклмнопрсту"
    examples = _examples(list(letters), [None] * len(letters))
    alphabets, seen = Alphabets(examples=examples, choice=CORPUS), set()
    for seed in range(4):
        train = draw_partitions(examples, SPLIT, seed, by_class=False).train
        found = alphabets.of(SPLIT, seed)
        assert found == CharacterAlphabet(characters="".join(sorted(letters[index] for index in train)))
        seen.add(found)
    assert len(seen) > 1
    assert alphabets.most_outputs == len(letters) + 1


def test_characters_of_other_sides_are_counted() -> None:
    """Which they are, how many, and in how many utterances."""
    remarks = list(Alphabets(examples=_fixed("да", "дёёж"), choice=CORPUS).remarks(SPLIT, 3))
    assert [remark.kind for remark in remarks] == ["unknown characters"]
    assert remarks[0].text == (
        "with seed 3, 2 different characters of validation and test are in no training text ('ё' (U+0451), 'ж' "
        "(U+0436)), 3 in 1 utterance: no network can write them, and each counts as an error"
    )


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("der hund", []),
        ("Der hund der", ["upper and lower case"]),
        ("हिन्दी में किताब", []),
        ("今天天气很好我们去公园", ["words not divided"]),
        ("今天 天气 很 好", []),
        ("สวัสดีชาวโลกวันนี้", ["words not divided"]),
        ("привет мир", []),
        ("ja", []),
    ],
)
def test_what_has_to_be_known(text: str, kinds: list[str]) -> None:
    """Letters in both cases; sentences of a script without spaces, whose words nobody has divided."""
    assert _kinds(_fixed(text, text)) == kinds


def test_byte_pairs_of_the_training_side() -> None:
    """They are learnt from it, as many as there are, and it is told where they are fewer than asked for."""
    alphabets = Alphabets(examples=_fixed("ab ab abc", "zz"), choice=AlphabetChoice.parse("byte-pair:100"))
    found = alphabets.of(SPLIT, 0)
    assert isinstance(found, BytePairAlphabet)
    assert found.characters == " abc"
    assert [remark.kind for remark in alphabets.remarks(SPLIT, 0)] == ["unknown characters", "fewer units"]
    assert alphabets.most_outputs == 101
    with pytest.raises(AlphabetError, match="more units than the 4 characters"):
        Alphabets(examples=_fixed("ab ab abc", "zz"), choice=AlphabetChoice.parse("byte-pair:3")).of(SPLIT, 0)
