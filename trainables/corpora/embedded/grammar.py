"""The sentences of the embedded speech: a small grammar of the project's own over a few hundred words.

A sentence is a chain of phrases that read as English, so that a network can profit from context, and short enough for
a study on two cores. Draws come from the generator that the caller passes, so a seed fixes the text.
"""

import numpy as np

_DETERMINERS = "the a that this every another one her his our their my".split()

_ADJECTIVES = (
    "old young quiet loud bright dark cold warm heavy light broken golden silver hungry clever gentle bitter sweet "
    "empty narrow wide early late foreign careful sudden simple strange crooked hollow"
).split()

_NOUNS = (
    "sailor teacher farmer doctor singer painter soldier neighbour stranger captain river mountain harbour garden "
    "kitchen window bridge station village forest island engine lantern ladder basket bottle blanket letter mirror "
    "hammer needle pocket candle feather thunder shadow winter summer morning evening music silence question answer "
    "promise secret journey story table chair horse rabbit spider eagle salmon pepper butter honey bread apple"
).split()

_VERBS = (
    "finds carries follows watches remembers forgets paints repairs borrows breaks buries catches chooses counts "
    "crosses draws drops feeds fills guards hears holds keeps leaves lifts loses measures opens pulls pushes reads "
    "sells sends shakes shares shows stops teaches throws touches visits washes wants"
).split()

_PREPOSITIONS = "under over behind near beside across without inside toward beyond against through".split()

_ADVERBS = "slowly quickly often never again today tomorrow here there always softly together alone".split()

_OPENINGS = "yes no then now perhaps maybe later once it's don't we'll they're".split()

WORDS = frozenset(_DETERMINERS + _ADJECTIVES + _NOUNS + _VERBS + _PREPOSITIONS + _ADVERBS + _OPENINGS)
"""Every word that a sentence can hold."""

_PATTERNS = (
    (_NOUNS, _VERBS, _NOUNS),
    (_ADJECTIVES, _NOUNS, _VERBS),
    (_DETERMINERS, _NOUNS, _VERBS, _ADVERBS),
    (_OPENINGS, _NOUNS, _VERBS, _NOUNS),
    (_ADJECTIVES, _NOUNS, _VERBS, _NOUNS),
    (_DETERMINERS, _ADJECTIVES, _NOUNS, _VERBS, _NOUNS),
    (_DETERMINERS, _NOUNS, _VERBS, _DETERMINERS, _NOUNS),
    (_NOUNS, _VERBS, _PREPOSITIONS, _DETERMINERS, _NOUNS),
)
_CONTINUATIONS = (
    (_ADVERBS,),
    (_PREPOSITIONS, _NOUNS),
    (_PREPOSITIONS, _DETERMINERS, _NOUNS),
    (_PREPOSITIONS, _ADJECTIVES, _NOUNS),
)


def sentence(
    generator: np.random.Generator, minimum_words: int, maximum_words: int, words_per_class: int = len(WORDS)
) -> str:
    """One sentence of `minimum_words` to `maximum_words` words, lower case, without punctuation but apostrophes.

    Only the first `words_per_class` words of each class are used.
    """
    wanted = int(generator.integers(minimum_words, maximum_words + 1))
    fitting = [pattern for pattern in _PATTERNS if len(pattern) <= wanted]
    pattern = fitting[generator.integers(len(fitting))] if fitting else ()
    words = _fill(generator, pattern, words_per_class)
    while len(words) < wanted:
        following = [pattern for pattern in _CONTINUATIONS if len(pattern) <= wanted - len(words)]
        words += _fill(generator, following[generator.integers(len(following))], words_per_class)
    return " ".join(words)


def _fill(generator: np.random.Generator, pattern: tuple[list[str], ...], words_per_class: int) -> list[str]:
    return [choices[generator.integers(min(len(choices), words_per_class))] for choices in pattern]
