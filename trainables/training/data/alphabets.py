"""What transcripts are spelled with: found from the texts of the training side, for each split and seed."""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from soundproof.common.counting import counted
from soundproof.search_spaces.alphabet import OUTPUTS, composed, speller_of
from soundproof.search_spaces.alphabet_choice import AlphabetChoice
from soundproof.search_spaces.specs import Alphabet, CharacterAlphabet, Split
from soundproof.trainables.corpora.byte_pairs import learn_units
from soundproof.trainables.corpora.corpus import Corpus, Example, Remark
from soundproof.trainables.training.data.splitting import draw_partitions

_MOST_NAMED = 10
_LONGEST_WORD = 8
"""Characters of a word on average, from which on they are taken for sentences that nobody divided."""

_UNDIVIDED = frozenset("CJK HIRAGANA KATAKANA THAI LAO KHMER MYANMAR TIBETAN".split())
"""Scripts that are written without spaces between words, as the names of their characters begin."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Alphabets:
    """The alphabets of a corpus by split and seed, each found when it is first asked for."""

    examples: Sequence[Example]
    choice: AlphabetChoice
    _found: dict[tuple[Split, int], Alphabet | None] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def most_outputs(self) -> int:
        """At most so many outputs has a network that spells with any of them, the blank's among them."""
        match self.choice.kind:
            case "english":
                return OUTPUTS
            case "corpus":
                return len(_characters([example.target for example in self.examples])) + 1
            case "byte-pair":
                return self.choice.units + 1

    def of(self, split: Split, seed: int) -> Alphabet | None:
        """The alphabet of a trial with that split and seed; None is the documented one.

        Raises `CorpusError` where the examples cannot be split so, and `AlphabetError` where there are no such units.
        """
        if not self.choice.made:
            return None
        key = split, seed
        if key not in self._found:
            train = draw_partitions(self.examples, split, seed, by_class=False).train
            self._found[key] = _alphabet([self.examples[index].target for index in train], self.choice)
        return self._found[key]

    def remarks(self, split: Split, seed: int) -> Iterator[Remark]:
        """What has to be known of texts that are spelled so, where that `seed` draws the sides."""
        alphabet = self.of(split, seed)
        texts = [example.target for example in self.examples]
        if self.choice.made and (undivided := _undivided(texts)):
            yield undivided
        if alphabet is None:
            return
        yield from _missing(self.examples, alphabet, seed)
        yield from _cased(alphabet)
        if (units := len(alphabet.symbols)) < self.choice.units:
            yield Remark(
                kind="fewer units",
                text=f"the training texts have {units:,} byte-pair units, not the {self.choice.units:,} asked for",
            )


def spelled(corpus: Corpus, alphabets: Alphabets, split: Split, seed: int) -> Corpus:
    """The corpus with what has to be known of how it is spelled, where that `seed` draws the sides."""
    told = tuple(alphabets.remarks(split, seed))
    if not told:
        return corpus
    changed: Corpus = replace(corpus, remarks=(*corpus.remarks, *told))  # type: ignore[type-var]  # each is a dataclass
    return changed


def _alphabet(texts: Sequence[str], choice: AlphabetChoice) -> Alphabet:
    written = [composed(text) for text in texts]
    if choice.kind == "byte-pair":
        return learn_units(written, choice.units)
    return CharacterAlphabet(characters=_characters(written))


def _characters(texts: Sequence[str]) -> str:
    return "".join(sorted(set("".join(texts))))


def _missing(examples: Sequence[Example], alphabet: Alphabet, seed: int) -> Iterator[Remark]:
    """Characters of other sides that no training text has: no network can write them."""
    speller = speller_of(alphabet)
    unknown = [found for example in examples if (found := speller.unknown(example.target))]
    if not unknown:
        return
    counts = Counter(sign for found in unknown for sign in found)
    named = ", ".join(f"{sign!r} (U+{ord(sign):04X})" for sign, _ in counts.most_common(_MOST_NAMED))
    more = " and others" if len(counts) > _MOST_NAMED else ""
    yield Remark(
        kind="unknown characters",
        text=(
            f"with seed {seed}, {counted(len(counts), 'different character')} of validation and test "
            f"{'is' if len(counts) == 1 else 'are'} in no training text ({named}{more}), {counts.total():,} in "
            f"{counted(len(unknown), 'utterance')}: no network can write them, and each counts as an error"
        ),
    )


def _cased(alphabet: Alphabet) -> Iterator[Remark]:
    """Capitals are other symbols, which nobody hears."""
    characters = set(alphabet.characters)
    both = sorted(sign for sign in characters if sign.lower() != sign and sign.lower() in characters)
    if both:
        shown = " ".join(both[:_MOST_NAMED]) + (" and others" if len(both) > _MOST_NAMED else "")
        verb = "is" if len(both) == 1 else "are"
        yield Remark(
            kind="upper and lower case",
            text=(
                f"{counted(len(both), 'letter')} of the training texts {verb} there in "
                f"upper and lower case ({shown}), which are different symbols and different words: "
                "write all texts in one case where capitals are not to be learnt"
            ),
        )


def _undivided(texts: Sequence[str]) -> Remark | None:
    """Texts without spaces between words, whose word error rate counts whole sentences."""
    letters = [sign for text in texts for sign in text if unicodedata.category(sign)[0] == "L"]
    scripts = Counter(unicodedata.name(sign, "").partition(" ")[0] for sign in letters)
    if 2 * sum(number for script, number in scripts.items() if script in _UNDIVIDED) <= len(letters):
        return None
    words = sum(len(text.split()) for text in texts)
    divided = sum(" " in text for text in texts)
    if 2 * divided > len(texts) and sum(map(len, texts)) <= _LONGEST_WORD * words:
        return None
    return Remark(
        kind="words not divided",
        text=(
            f"{divided:,} of {counted(len(texts), 'text')} have spaces, in a script that is written without: the word "
            "error rate takes what lies between spaces for a word, and does not fit here; judge by the character "
            "error rate"
        ),
    )
