"""The numbers that the documents print of their networks: beside the variants, and no part of a trial's identity.

One JSON file for each document and split, read when it is first asked for.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Literal, Self

from soundproof.common import record
from soundproof.search_spaces.arithmetic import ParameterCount

Partition = Literal["validation", "test"]
Points = tuple[tuple[float, float], ...]
"""Of a curve: (epoch, value), from the first to the last."""
_EPOCH = "epoch"


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentedConfusion:
    """How often a class was given which class: `counts` (class, class given)."""

    classes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        assert {len(self.counts), *map(len, self.counts)} == {len(self.classes)}, self.classes


@dataclass(frozen=True, slots=True)
class DocumentedScores:
    """The scores of one class, from 0 to 1, and how many examples of it there are."""

    name: str
    precision: float
    recall: float
    f1: float
    support: int

    def __post_init__(self) -> None:
        assert all(0 <= score <= 1 for score in (self.precision, self.recall, self.f1)), self


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentedNumbers:
    """What a document says of one variant, and of which data.

    `metrics` are by the name under which a trial records its own, one value for each run of the document; `curves`
    likewise, of one run, and with some that trials do not record. `scores` are of each class, by partition.
    """

    corpus: str
    split: str
    note: str = ""
    metrics: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    parameters: ParameterCount | None = None
    curves: Mapping[str, Points] = field(default_factory=dict)
    confusion: DocumentedConfusion | None = None
    scores: Mapping[Partition, tuple[DocumentedScores, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        assert all(self.metrics.values()), "a metric without a value"
        shares = (value for name, values in self.metrics.items() if record.higher_is_better(name) for value in values)
        assert all(0 <= share <= 1 for share in shares), self.metrics

    def values(self, metric: str) -> tuple[float, ...]:
        """Of each run of the document; nothing where it says nothing. A network has as many parameters in all runs."""
        if metric == record.PARAMETERS and self.parameters is not None:
            return (float(self.parameters.total),)
        return self.metrics.get(metric, ())

    def to_plain(self) -> dict[str, Any]:
        """As JSON values, without what the document does not say."""
        plain = asdict(self)
        if self.parameters is not None:
            plain["parameters"]["total"] = self.parameters.total
        return {name: value for name, value in plain.items() if value}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any], common: Mapping[str, str]) -> Self:
        """The numbers of a variant in a file; `common` is what the file says of all of them."""
        confusion, parameters = plain.get("confusion"), plain.get("parameters")
        return cls(
            **common,
            metrics={name: tuple(map(float, values)) for name, values in plain.get("metrics", {}).items()},
            parameters=None if parameters is None else ParameterCount(**parameters),
            curves=_curves(**plain["curves"]) if "curves" in plain else {},
            confusion=None
            if confusion is None
            else DocumentedConfusion(
                classes=tuple(confusion["classes"]), counts=tuple(map(tuple, confusion["counts"]))
            ),
            scores={
                partition: tuple(DocumentedScores(*row) for row in rows)
                for partition, rows in plain.get("scores", {}).items()
            },
        )


def documented_numbers(variant_id: str) -> DocumentedNumbers | None:
    """What the documents print of a documented variant; None of any other, and where they print nothing."""
    return _all_numbers().get(variant_id)


@cache
def _all_numbers() -> dict[str, DocumentedNumbers]:
    found: dict[str, DocumentedNumbers] = {}
    for path in resources.files(__name__).iterdir():
        if path.name.endswith(".json"):
            common = json.loads(path.read_text(encoding="utf-8"))
            variants = common.pop("variants")
            found |= {name: DocumentedNumbers.from_plain(plain, common) for name, plain in variants.items()}
    return found


def _curves(columns: Sequence[str], rows: Sequence[Sequence[float | None]]) -> dict[str, Points]:
    """A curve for each column but that of the epochs, without the rows that have no value of it."""
    values_of = dict(zip(columns, zip(*rows, strict=True), strict=True))
    epochs = values_of.pop(_EPOCH)
    return {
        name: tuple((epoch, value) for epoch, value in zip(epochs, values, strict=True) if value is not None)
        for name, values in values_of.items()
    }
