"""Byte-pair units learnt from texts by SentencePiece, without which they are spelled (see `BytePairAlphabet`)."""

import importlib.util
import io
from collections.abc import Sequence

from soundproof.common.counting import counted
from soundproof.search_spaces.alphabet import AlphabetError
from soundproof.search_spaces.specs import BytePairAlphabet

INSTALL = "pip install 'soundproof[byte-pair]'"

_SPACE = "\N{LOWER ONE EIGHTH BLOCK}"
"""What SentencePiece writes for a space, and puts before every text."""

_LONGEST_BYTES = 1 << 24
"""Longer texts would be passed over; 4192 is its default."""


def check_available() -> None:
    """Raise `AlphabetError` where SentencePiece is not installed."""
    if importlib.util.find_spec("sentencepiece") is None:
        raise AlphabetError(
            f"--alphabet byte-pair learns its units by SentencePiece, which is not installed: {INSTALL}, or choose "
            "--alphabet corpus"
        )


def learn_units(texts: Sequence[str], units: int) -> BytePairAlphabet:
    """At most so many units of `texts`, their characters among them; fewer where the texts have no more.

    Texts are composed (`alphabet.composed`). The same texts in the same order give the same units. Raises
    `AlphabetError` where there would be none beside the characters, and where SentencePiece is not installed.
    """
    check_available()
    characters = "".join(sorted(set("".join(texts)) - {_SPACE} | {" "}))
    if units <= len(characters):
        raise AlphabetError(
            f"--alphabet byte-pair:{units} expects more units than the {len(characters)} characters of the training "
            f"texts, the space included: ask for byte-pair:{2 * len(characters)} or so, or choose --alphabet corpus"
        )
    pieces = [piece.replace(_SPACE, " ") for piece in _pieces(texts, units + 1)]  # and one of the library's, of none
    return BytePairAlphabet(characters=characters, pieces=tuple(piece for piece in pieces if len(piece) > 1))


def _pieces(texts: Sequence[str], size: int) -> list[str]:
    """All of SentencePiece's but the unknown one, in the order in which they were made."""
    import sentencepiece  # noqa: PLC0415  # an extra, and for such units alone

    written = io.BytesIO()
    try:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(text.replace(_SPACE, "") for text in texts),
            model_writer=written,
            model_type="bpe",
            vocab_size=size,
            hard_vocab_limit=False,
            character_coverage=1.0,
            normalization_rule_name="identity",
            max_sentence_length=_LONGEST_BYTES,
            num_threads=1,
            bos_id=-1,
            eos_id=-1,
            pad_id=-1,
            minloglevel=2,
        )
    except RuntimeError as error:
        raise AlphabetError(
            f"no byte-pair units can be learnt from {counted(len(texts), 'training text')}: SentencePiece says "
            f"{error}. Choose --alphabet corpus"
        ) from error
    processor = sentencepiece.SentencePieceProcessor(model_proto=written.getvalue())
    return [processor.id_to_piece(number) for number in range(1, processor.vocab_size())]
