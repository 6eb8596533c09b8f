"""What the fields of a row must be, and their values as this project keeps them."""

import math
import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from soundproof.search_spaces.alphabet import AlphabetError, composed, encode
from soundproof.search_spaces.specs import Partition
from soundproof.trainables.corpora.recorded.tables.columns import FIELDS
from soundproof.trainables.corpora.recorded.tables.rows import Problem, Row, shown

PARTITIONS: tuple[Partition, ...] = get_args(Partition)
_LONGEST_SECONDS = 1e9
_APART = re.compile("[,;]")
_PARTITION_WORDS: dict[str, Partition] = {
    **{name: name for name in PARTITIONS},
    **dict.fromkeys(("training",), "train"),
    **dict.fromkeys(("val", "valid", "dev", "development"), "validation"),
    **dict.fromkeys(("testing", "eval", "evaluation"), "test"),
}
_QUOTES = str.maketrans({"\N{RIGHT SINGLE QUOTATION MARK}": "'", "`": "'", "\N{EM DASH}": " ", "\N{EN DASH}": " "})
_PUNCTUATION = re.compile(r"[-.,;:!?\"()\[\]/\u201c\u201d\u2018\u2026\u00ab\u00bb\u201e]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Rule:
    """What a field of a row must be, and what becomes of it; None for a value that will not do."""

    expected: str
    read: Callable[[Any, Row], Any]


def settle(row: Row, required: Collection[str], form: str) -> None:
    """Put the values of the fields as they are kept, and note what is wrong with them.

    A field that is not `required` may be missing or null.
    """
    for name in sorted(required - row.fields.keys()):
        row.problems.append(Problem(f'field "{name}" is missing', "", f"write {form}"))
    for name, rule in _RULES.items():
        value = row.fields.get(name)
        if value is None and (name not in required or name not in row.fields):
            row.fields.pop(name, None)
            continue
        read = None if value is None else rule.read(value, row)
        if read is None:
            row.problems.append(Problem(f'field "{name}" must be {rule.expected}', shown(value)))
            row.fields.pop(name)
        else:
            row.fields[name] = read
    unknown = [shown(name) for name in row.fields if name not in FIELDS]
    if unknown:
        named = f"unknown field{'s' if len(unknown) > 1 else ''} {', '.join(unknown)}"
        remedy = "rename or remove it, or say what is meant, as with --columns audio=path,label=class"
        row.problems.append(Problem(f"{named}, expected {', '.join(FIELDS)}", "", remedy))


def spelling(rows: Sequence[Row]) -> list[tuple[Row, str]]:
    """The rows whose texts the networks cannot spell, each with what is wrong with all of them together."""
    concerned = [row for row in rows if not _is_spelled(row.fields.get("text", ""))]
    if not concerned:
        return []
    try:
        encode(" ".join(row.fields["text"] for row in concerned))
    except AlphabetError as error:
        return [(row, f'field "text": {error}') for row in concerned]
    raise AssertionError  # what one text has, all of them have


def _is_spelled(text: str) -> bool:
    try:
        encode(text)
    except AlphabetError:
        return False
    return True


def plainly(text: str) -> str:
    """A text as it is spoken: lower case, without punctuation and accents.

    >>> plainly("It\u2019s caf\u00e9-au-lait!")
    "it's cafe au lait"
    """
    letters = unicodedata.normalize("NFKD", text.translate(_QUOTES).lower())
    bare = "".join(sign for sign in letters if not unicodedata.combining(sign))
    return " ".join(_PUNCTUATION.sub(" ", bare).split())


def spoken_plainly(text: str) -> str:
    """The same in any language: lower case, without punctuation and symbols; accents and vowel signs are kept.

    >>> spoken_plainly("L\u2019\u00c9t\u00e9, c'est fini !")
    "l'\u00e9t\u00e9 c'est fini"
    """
    signs = text.translate(_QUOTES).lower()
    return composed("".join(" " if unicodedata.category(sign)[0] in "PS" and sign != "'" else sign for sign in signs))


def labels_of(value: Any) -> tuple[str, ...]:
    """The labels that a field holds, sorted, each once: of a list, or of a text with commas or semicolons.

    Raises `ValueError` for anything else.

    >>> labels_of("dog,bark"), labels_of(["bark", "dog"]), labels_of("['bark', 'dog']")
    (('bark', 'dog'), ('bark', 'dog'), ('bark', 'dog'))
    """
    if isinstance(value, str):
        listed = value.strip()
        if listed.startswith("[") and listed.endswith("]"):  # as pandas writes a list
            value = [part.strip().strip("'\"") for part in _APART.split(listed[1:-1])]
        else:
            value = _APART.split(value)
    names = value if isinstance(value, list) else [value]
    found = [name_of(name) for name in names]
    if not found or not all(found) or any(_APART.search(name) for name in found if name):
        raise ValueError("must be a list of names, one or more, none of them with a comma or semicolon")
    return tuple(sorted({name.strip() for name in found if name}))


def name_of(value: Any) -> str | None:
    """A name, which may be a number, whole where it is; None for anything else.

    >>> name_of(12), name_of(12.0), name_of(" "), name_of("ann")
    ('12', '12', None, 'ann')
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return str(int(value)) if value.is_integer() else str(value)
    return str(value) if str(value).strip() else None


def _text(value: Any, _row: Row) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _labels(value: Any, _row: Row) -> tuple[str, ...] | None:
    try:
        return labels_of(value)
    except ValueError:
        return None


def _label(value: Any, _row: Row) -> str | None:
    name = name_of(value)
    return None if name is None else name.strip()


def _number(value: Any, row: Row) -> float | None:
    if row.written and isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _finite(value: Any, row: Row) -> float | None:
    """A number as any measurement has it; whole ones may be larger than any float."""
    number = _number(value, row)
    try:
        return float(number) if number is not None and math.isfinite(number) else None
    except OverflowError:
        return None


def _seconds(value: Any, row: Row) -> float | None:
    number = _number(value, row)
    return number if number is not None and 0 <= number < _LONGEST_SECONDS else None


def _fold(value: Any, row: Row) -> int | None:
    number = _number(value, row)
    return int(number) if number is not None and 1 <= number < _LONGEST_SECONDS and number == int(number) else None


def _partition(value: Any, _row: Row) -> Partition | None:
    return _PARTITION_WORDS.get(value.strip().lower()) if isinstance(value, str) else None


def _name(value: Any, _row: Row) -> str | None:
    return name_of(value)


def _path(value: Any, row: Row) -> str | None:
    return _text(name_of(value) if row.elsewhere else value, row)


_A_NAME = _Rule(expected="a name that is not empty", read=_name)
_SECONDS = _Rule(expected="a number of seconds, 0 or more", read=_seconds)
_RULES = {
    "audio": _Rule(expected="a path that is not empty", read=_path),
    "text": _Rule(expected="a text that is not empty", read=_text),
    "label": _Rule(expected="a name that is not empty", read=_label),
    "labels": _Rule(expected="a list of names, one or more, none of them with a comma or semicolon", read=_labels),
    "value": _Rule(expected="a finite number", read=_finite),
    "speaker": _A_NAME,
    "group": _A_NAME,
    "fold": _Rule(expected="a whole number from 1 on", read=_fold),
    "partition": _Rule(expected=f"one of {', '.join(PARTITIONS)}", read=_partition),
    "start": _SECONDS,
    "duration": _SECONDS,
}
