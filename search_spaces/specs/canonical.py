"""Frozen values with one canonical JSON form, a content hash, and an exact round trip.

Every spec of the project derives from `Spec`. A spec checks its own fields when it is made, so whoever holds one
holds a valid one, and nothing checks again. Equal specs have equal JSON and equal hashes, on every machine.

The words of the JSON last: a field is never renamed, a class that is renamed keeps its word (`_word`), and a default
that was shipped is never changed, because the hash leaves out what is at its default. So a new field with a default
changes no hash; a new behaviour is a new value of a field, or a new revision (`revisions`).
"""

import dataclasses
import functools
import hashlib
import json
import math
import types
import typing
from collections.abc import Iterator, Mapping
from typing import Any, Literal, Self, TypeVar, Union, get_args, get_origin

from soundproof.common.errors import UserError
from soundproof.common.json_texts import parsed
from soundproof.search_spaces.specs.older_words import OLDER_FIELDS, OLDER_TYPES
from soundproof.search_spaces.specs.revisions import revisions

Plain = Union[None, bool, int, float, str, list["Plain"], dict[str, "Plain"]]  # noqa: UP007  # a string needs it

Found = TypeVar("Found", bound="Spec")

DIGEST_CHARACTERS = 16
"""Hexadecimal characters kept of a SHA-256 hash: 64 bits, so a million trials collide with probability 3e-8."""


class SpecError(UserError):
    """A spec was given a value that it cannot hold. The message says what was expected, given, and what to do."""


class Spec:
    """Base of every spec. Subclasses are frozen, keyword-only, slotted dataclasses of plain values and other specs.

    A subclass states its invariants in `_check`, which runs once, when the value is made. Its `type` in the JSON is the
    name of the class; one that is renamed goes on with its old name as `_word`.
    """

    __slots__ = ("_digest",)  # remembered: it is asked for again and again
    if typing.TYPE_CHECKING:
        _digest: str

    def __post_init__(self) -> None:
        annotations = _annotations(type(self))  # type: ignore[arg-type]  # classes can be hashed
        for field in dataclasses.fields(self):  # type: ignore[arg-type]
            value = getattr(self, field.name)
            annotation = annotations[field.name]
            coerced = _coerce(annotation, value, f"{type(self).__name__}.{field.name}")
            if coerced is not value:
                object.__setattr__(self, field.name, coerced)
        self._check()

    def _check(self) -> None:
        """Raise `SpecError` when the fields contradict each other."""

    @classmethod
    def word(cls) -> str:
        """What the JSON calls the class."""
        return str(cls.__dict__.get("_word", cls.__name__))

    def to_plain(self) -> dict[str, Plain]:
        """The spec as JSON values, every field written; `type` names the class, so that unions can be told apart."""
        fields = dataclasses.fields(self)  # type: ignore[arg-type]
        return {"type": self.word()} | {field.name: _plain(getattr(self, field.name)) for field in fields}

    @classmethod
    def from_plain(cls, plain: Plain) -> Self:
        """The spec that `to_plain` wrote, of this version or an earlier one: a field that is missing has its default.

        Raises `SpecError` for anything else.
        """
        value = _parse(cls, plain, cls.__name__)
        assert isinstance(value, cls)
        return value

    def to_json(self) -> str:
        """Canonical JSON: sorted keys, no spaces, shortest exact floats."""
        return _canonical(self.to_plain())

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Inverse of `to_json`; bytes are UTF-8. Raises `SpecError` for anything else."""
        try:
            plain = parsed(text)
        except ValueError as error:
            raise SpecError(f"{cls.__name__} expects JSON, got {text[:60]!r}: {error}") from error
        return cls.from_plain(plain)

    def digest(self) -> str:
        """The first 64 bits of a SHA-256 in hexadecimal: of the canonical JSON without what is at its default.

        Revisions above 1 of the code that decides the spec's numbers are hashed too.
        """
        try:
            return self._digest
        except AttributeError:
            found = hashlib.sha256(_canonical(_identity(self)).encode()).hexdigest()[:DIGEST_CHARACTERS]
            object.__setattr__(self, "_digest", found)
            return found


def specs_within(value: Any, *kinds: type[Found]) -> Iterator[Found]:
    """Every spec of these kinds in a value, itself among them; what lies in one that was found is not looked at."""
    if isinstance(value, kinds):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from specs_within(item, *kinds)
    elif isinstance(value, Spec):
        for field in dataclasses.fields(value):  # type: ignore[arg-type]  # every spec is a dataclass
            yield from specs_within(getattr(value, field.name), *kinds)


@functools.cache
def _annotations(cls: type[Spec]) -> dict[str, Any]:
    """Field annotations as types rather than strings, resolved once per class."""
    hints = typing.get_type_hints(cls)
    return {field.name: hints[field.name] for field in dataclasses.fields(cls)}  # type: ignore[arg-type]


def _canonical(plain: Plain) -> str:
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=True)


def _identity(value: object) -> Plain:
    """What is hashed of a value."""
    if isinstance(value, tuple):
        return [_identity(item) for item in value]
    if not isinstance(value, Spec):
        return _plain(value)
    fields = dataclasses.fields(value)  # type: ignore[arg-type]
    given = {field.name: getattr(value, field.name) for field in fields}
    told_apart = {field.name: _identity(given[field.name]) for field in fields if given[field.name] != field.default}
    revised = revisions(_one_deep(value) | {name: _one_deep(part) for name, part in given.items()})
    return {"type": value.word()} | told_apart | ({"revisions": dict(revised)} if revised else {})


def _one_deep(value: Any) -> Any:
    """A spec as the values of its fields, as they are, under the word of its type. What is no spec stays as it is."""
    if not isinstance(value, Spec):
        return value
    fields = dataclasses.fields(value)  # type: ignore[arg-type]
    return {"type": value.word()} | {field.name: getattr(value, field.name) for field in fields}


def _plain(value: object) -> Plain:
    if isinstance(value, Spec):
        return value.to_plain()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    assert value is None or isinstance(value, bool | int | float | str), value
    return value


def _coerce(annotation: Any, value: object, where: str) -> Any:
    """`value` as `annotation` wants it (an int becomes a float where a float is due), or a `SpecError`."""
    origin = get_origin(annotation)
    if origin is Literal:
        if value in get_args(annotation):
            return value
        raise _mismatch(where, "one of " + ", ".join(repr(word) for word in get_args(annotation)), value)
    if origin in (Union, types.UnionType):
        return _coerce_union(get_args(annotation), value, where)
    if origin is tuple:
        if not isinstance(value, tuple | list):
            raise _mismatch(where, "a tuple", value)
        item = get_args(annotation)[0]
        return tuple(_coerce(item, entry, f"{where}[{index}]") for index, entry in enumerate(value))
    if annotation is type(None):
        if value is None:
            return None
        raise _mismatch(where, "None", value)
    if annotation is float and isinstance(value, int | float) and not isinstance(value, bool):
        if isinstance(value, int):
            value = _as_float(value)
        if math.isfinite(value):
            return value + 0.0
        raise _mismatch(where, "a finite number", value)
    if annotation is int and isinstance(value, int) and (isinstance(value, bool) or abs(value) >= _TOO_LARGE):
        raise _mismatch(where, "a whole number of 64 bits", value)
    if isinstance(annotation, type) and isinstance(value, annotation):
        return value
    raise _mismatch(where, getattr(annotation, "__name__", str(annotation)), value)


_TOO_LARGE = 2**63
"""For whoever builds networks, and counts samples."""


def _coerce_union(members: tuple[Any, ...], value: object, where: str) -> Any:
    for member in members:
        try:
            return _coerce(member, value, where)
        except SpecError:
            continue
    names = " or ".join(
        "None" if member is type(None) else getattr(member, "__name__", str(member)) for member in members
    )
    raise _mismatch(where, names, value)


def _as_float(value: int) -> float:
    """The number; infinity where it is too large for one."""
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _mismatch(where: str, expected: str, value: object) -> SpecError:
    return SpecError(f"{where} must be {expected}, got {value!r}")


def _parse(annotation: Any, plain: Plain, where: str) -> Any:
    """The value of type `annotation` that `plain` encodes."""
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        return _parse_union(get_args(annotation), plain, where)
    if origin is tuple and isinstance(plain, list):
        item = get_args(annotation)[0]
        return tuple(_parse(item, entry, f"{where}[{index}]") for index, entry in enumerate(plain))
    if isinstance(annotation, type) and issubclass(annotation, Spec):
        return _parse_spec(annotation, plain, where)
    return _coerce(annotation, plain, where)


def _parse_union(members: tuple[Any, ...], plain: Plain, where: str) -> Any:
    if isinstance(plain, Mapping):
        for member in members:
            if isinstance(member, type) and issubclass(member, Spec) and member.word() == _word_of(plain):
                return _parse(member, plain, where)
        names = ", ".join(getattr(member, "__name__", str(member)) for member in members)
        raise SpecError(f"{where}: type must be one of {names}, got {plain.get('type')!r}")
    return _coerce_union(members, plain, where)


def _parse_spec(cls: type[Spec], plain: Plain, where: str) -> Spec:
    if not isinstance(plain, Mapping) or _word_of(plain) != cls.word():
        raise _mismatch(where, f'an object with "type": "{cls.word()}"', plain)
    annotations = _annotations(cls)  # type: ignore[arg-type]  # the same
    renamed = OLDER_FIELDS.get(cls.word(), {})
    given = {renamed.get(name, name): value for name, value in plain.items() if name != "type"}
    needed = {field.name for field in dataclasses.fields(cls) if field.default is dataclasses.MISSING}  # type: ignore[arg-type]
    unknown, missing = sorted(set(given) - set(annotations)), sorted(needed - set(given))
    if unknown or missing:
        raise SpecError(f"{where}: fields must be {sorted(annotations)}, unknown {unknown}, missing {missing}")
    return cls(**{name: _parse(annotations[name], value, f"{where}.{name}") for name, value in given.items()})


def _word_of(plain: Mapping[str, Plain]) -> str | None:
    """The type that JSON names, by its word of today."""
    word = plain.get("type")
    return OLDER_TYPES.get(word, word) if isinstance(word, str) else None
