"""What has to be known of a source before its runs can be judged: said by whoever asks, or kept in a file.

The file that `--save` writes is canonical JSON of these answers: the form in which a question about somebody else's
runs is kept, so that the next export is judged without a question.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, Self, get_args, get_origin, get_type_hints

from soundproof.common.errors import UserError
from soundproof.common.json_texts import parsed
from soundproof.common.whole_files import write_whole

CurveEnd = Literal["best", "last"]
ListedTwice = Literal["once", "each"]
"""What rows count that are equal in every cell: one run, or one each."""

NO_SEED = "none"
"""What `seed` is where runs have none: they are compared unpaired."""


class AnswersError(UserError):
    """An answer that fits no source. The message says what was expected, given, and what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answers:
    """Answers to what is asked of a source; what is None or empty is not answered.

    `variant` are the columns that tell variants apart, `seed` the one that pairs runs (`NO_SEED`: nothing does),
    `metric` the one that is compared. `arm` are the columns whose runs repeat each other; where a variant has several
    arms, each counts once, with its mean. `only` keeps the rows with these values. `state` is the column that says how
    a run ended, `finished` and `failed` what it then says. `curve_end` is what a curve counts with. `wide` are columns
    of which each holds the metric of a seed. `held_out` names what a run was validated on. `data_set` names the data
    set that it is a result on: each is one pair, with the mean of a variant's runs.
    `one_metric`: the metric's column holds one metric, whatever it looks like.
    `claims` are sentences (`A better than B`), `baseline` is what all others are compared with. `fixed_beforehand`: the
    number of runs was fixed before any result was seen.
    """

    variant: tuple[str, ...] = ()
    seed: str | None = None
    metric: str | None = None
    higher_is_better: bool | None = None
    arm: tuple[str, ...] = ()
    only: tuple[tuple[str, str], ...] = ()
    state: str | None = None
    finished: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    curve_end: CurveEnd | None = None
    wide: tuple[str, ...] = ()
    held_out: str | None = None
    data_set: str | None = None
    listed_twice: ListedTwice | None = None
    one_metric: bool = False
    margin: float | None = None
    baseline: str | None = None
    claims: tuple[str, ...] = ()
    fixed_beforehand: bool = False
    question: str | None = None

    def over(self, saved: "Answers") -> "Answers":
        """These answers, and those that were `saved` where nothing is answered here."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        empty = {field.name: field.default for field in fields(self)}
        return replace(saved, **{name: value for name, value in given.items() if value != empty[name]})

    def to_plain(self) -> dict[str, Any]:
        """As JSON values: what is not answered is left out."""
        empty = {field.name: field.default for field in fields(self)}
        return {name: value for name, value in asdict(self).items() if value != empty[name]}

    @classmethod
    def from_plain(cls, plain: Any, where: str) -> Self:
        """The answers that `to_plain` wrote. Raises `AnswersError` for anything else, naming it and the file."""
        if not isinstance(plain, Mapping):
            raise AnswersError(f"{where} expects answers as one JSON object, got {type(plain).__name__}")
        hints = get_type_hints(cls)
        unknown = sorted(set(plain) - set(hints))
        if unknown:
            raise AnswersError(f"{where} expects no {', '.join(unknown)}: it knows {', '.join(hints)}")
        return cls(**{name: _coerced(hints[name], value, f"{where}: {name}") for name, value in plain.items()})

    def save(self, path: Path) -> None:
        """Write them into a file, whole or not at all."""
        write_whole(path, (json.dumps(self.to_plain(), indent=2, ensure_ascii=False) + "\n").encode())

    @classmethod
    def load(cls, path: Path) -> Self:
        """The answers in a file. Raises `AnswersError` where there is none that can be read."""
        try:
            plain = parsed(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise AnswersError(f"{path} expects answers that judge --save wrote, could not read it: {error}") from error
        return cls.from_plain(plain, str(path))


def _coerced(hint: Any, value: Any, where: str) -> Any:
    """A JSON value as the field wants it."""
    if get_origin(hint) is tuple:
        if not isinstance(value, list):
            raise AnswersError(f"{where} expects a list, got {value!r}")
        return tuple(_coerced(get_args(hint)[0], part, where) for part in value)
    kinds = [kind for kind in get_args(hint) or (hint,) if isinstance(kind, type)]
    literals = [word for kind in get_args(hint) for word in get_args(kind)]
    if isinstance(value, int) and not isinstance(value, bool) and float in kinds:
        try:
            return float(value)
        except OverflowError:
            raise AnswersError(f"{where} expects a number below 1.8e308, got one of {len(str(value))} digits") from None
    if value in literals or (not literals and type(value) in kinds):
        return value
    words = literals or [kind.__name__ for kind in kinds if kind is not type(None)]
    raise AnswersError(f"{where} expects {' or '.join(words)}, got {value!r}")
