"""What agents declare of a study, and the results that they submit: values, checked when they are made."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

from soundproof.analysis.judging.answers import Answers
from soundproof.analysis.judging.claims import claims_of, mentioned
from soundproof.analysis.sources.cells import LARGEST, number
from soundproof.common.errors import UserError

VARIANT, SEED, STATUS = "variant", "seed", "status"
STATUSES = ("finished", "failed", "crashed", "diverged")
"""How a run may have ended."""

_CELLS = (VARIANT, SEED, "value", STATUS)


class AgentStudyError(UserError):
    """Something that a study of an agent does not take. The message says what was expected, given, and what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Declaration:
    """What is claimed of which variants, by which metric, and how many runs were planned.

    `seeds` is the number of seeds of each variant, from `first_seed` on, None where results decide about more.
    `results_seen`: some results were known already, by what whoever declares says.
    """

    variants: tuple[str, ...]
    claims: tuple[str, ...]
    baseline: str
    metric: str
    higher_is_better: bool
    margin: float
    seeds: int | None = None
    first_seed: int = 0
    results_seen: bool = False

    def answers(self, *, fixed_beforehand: bool = False) -> Answers:
        """The same as answers about a table of runs."""
        return Answers(
            variant=(VARIANT,),
            seed=SEED,
            metric=self.metric,
            higher_is_better=self.higher_is_better,
            state=STATUS,
            margin=self.margin,
            baseline=self.baseline,
            claims=self.claims,
            fixed_beforehand=fixed_beforehand,
        )

    @property
    def planned(self) -> range:
        """The seeds that were planned; none where no number was."""
        return range(self.first_seed, self.first_seed + (self.seeds or 0))


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One run: its result, None where it ended without a finite one, and how it ended."""

    variant: str
    seed: int
    value: float | None
    status: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """A study as its file has it: the declaration that stands, and all rows in the order in which they came.

    `seen` is how many rows there were when that was declared.
    """

    study: str
    declaration: Declaration
    at: str
    digest: str
    seen: int
    rows: tuple[Row, ...]

    @property
    def before_results(self) -> bool:
        """Whether it was declared before any result, as far as the file and whoever declared it tell."""
        return self.seen == 0 and not self.declaration.results_seen


def declaration_of(**given: Any) -> Declaration:
    """A declaration of what was given by name. Raises `AgentStudyError`, or `AnswersError` for a claim that is none."""
    claims = _texts("claims", given.get("claims"))
    baseline, metric = _text("baseline", given.get("baseline")), _text("metric", given.get("metric"))
    if metric in _CELLS:
        raise AgentStudyError(f"metric expects the name of what is measured, got {metric!r}: rows have a cell of that")
    for name in ("higher_is_better", "results_seen"):
        if not isinstance(given.get(name, False), bool):
            raise AgentStudyError(f"{name} expects true or false, got {given[name]!r}")
    named = dict.fromkeys([baseline, *(name for claim in claims for name in mentioned(claim))])
    variants = _texts("variants", given["variants"]) if given.get("variants") is not None else tuple(named)
    declaration = Declaration(
        variants=variants,
        claims=claims,
        baseline=baseline,
        metric=metric,
        higher_is_better=bool(given.get("higher_is_better")),
        margin=_margin(given.get("margin")),
        seeds=None if given.get("seeds") is None else _whole("seeds", given["seeds"], least=2),
        first_seed=_whole("first_seed", given.get("first_seed", 0)),
        results_seen=bool(given.get("results_seen", False)),
    )
    claims_of([((VARIANT, name),) for name in variants], declaration.answers())  # raises for what is no claim
    if baseline not in variants or len(variants) < 2 or len(set(variants)) < len(variants):
        raise AgentStudyError(
            f"variants expects two or more names that differ, with the baseline {baseline!r}, got {list(variants)}"
        )
    return declaration


def row_of(plain: object, variants: Sequence[str], where: str) -> Row:
    """A run of what was submitted. Raises `AgentStudyError`.

    NaN, infinity and their words are results that diverged; None is a run that ended without any.
    """
    if not isinstance(plain, Mapping):
        raise AgentStudyError(f"{where} expects variant, seed, value and perhaps status by name, got {plain!r}")
    if unknown := [str(name) for name in plain if name not in _CELLS]:
        raise AgentStudyError(f"{where} expects {', '.join(_CELLS)} and nothing else, got {', '.join(unknown)}")
    if missing := [name for name in _CELLS[:3] if name not in plain]:
        raise AgentStudyError(f"{where} lacks {', '.join(missing)}: a run without a result has the value null")
    variant = _text(f"{where}: variant", plain[VARIANT])
    if variant not in variants:
        raise AgentStudyError(f"{where}: expected a variant that was declared, {', '.join(variants)}, got {variant!r}")
    value, status = _value(where, plain["value"]), plain.get(STATUS)
    if status is not None and status not in STATUSES:
        raise AgentStudyError(
            f"{where}: status expects one of {', '.join(STATUSES)}, got {status!r}: submit a run when it has ended"
        )
    usual = "finished" if value is not None and math.isfinite(value) else "failed" if value is None else "diverged"
    if status == "finished" and usual != "finished":
        raise AgentStudyError(
            f"{where}: expected a finite number of a run that finished, got {plain['value']!r}: its status is {usual}"
        )
    finite = value if value is not None and math.isfinite(value) else None
    return Row(variant=variant, seed=_whole(f"{where}: seed", plain[SEED]), value=finite, status=status or usual)


def _text(what: str, given: object) -> str:
    if not isinstance(given, str) or not given.strip() or not given.isprintable():
        raise AgentStudyError(f"{what} expects a text on one line, got {given!r}")
    return given.strip()


def _texts(what: str, given: object) -> tuple[str, ...]:
    if given is not None and (isinstance(given, str) or not isinstance(given, Sequence)):
        raise AgentStudyError(f"{what} expects a list of texts, got {given!r}")
    return tuple(_text(what, each) for each in given or ())


def _whole(what: str, given: object, *, least: int = 0) -> int:
    if isinstance(given, bool) or not isinstance(given, Integral) or int(given) < least:
        raise AgentStudyError(f"{what} expects a whole number from {least} on, got {given!r}")
    return int(given)


def _margin(given: object) -> float:
    if isinstance(given, bool) or not isinstance(given, Real) or not 0 < _float(given) < math.inf:
        raise AgentStudyError(
            f"margin expects the smallest difference that matters, a number above 0 in the metric's unit, got {given!r}"
        )
    return float(given)


def _float(given: Real) -> float:
    """The number; infinity where it is too large for one."""
    try:
        return float(given)
    except OverflowError:
        return math.inf


def _value(where: str, given: object) -> float | None:
    """A number, NaN or infinity as such or as words, or None."""
    if given is None:
        return None
    if isinstance(given, str):
        word = number(given)
        if word is not None and not math.isfinite(word) and not any(sign.isdigit() for sign in given):
            return word
    elif isinstance(given, Real) and not isinstance(given, bool):
        value = _float(given)
        return value if abs(value) < LARGEST else math.inf
    raise AgentStudyError(f"{where}: value expects a number, or null for a run without a result, got {given!r}")
