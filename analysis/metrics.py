"""What a recorded metric is called in words, its unit, and how two values of it are compared in a sentence."""

from __future__ import annotations

import math
from dataclasses import dataclass

from search_spaces import record

MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Quantity:
    """A recorded metric as a reader meets it.

    `resolution` is the smallest step between two values: 1 for epochs, 0 for a continuous quantity. `decimals` are
    those that show a tenth of the margin.
    """

    metric: str
    name: str
    unit: str
    has: str
    better: str
    worse: str
    higher_is_better: bool
    resolution: float = 0.0
    decimals: int | None = None

    def number(self, value: float) -> str:
        """`value` to the decimals that matter for this quantity, and a true minus sign."""
        if self.decimals is None:
            return number(value)
        text = f"{value:,.{self.decimals}f}"
        return text.removeprefix("-") if float(text.replace(",", "")) == 0 else text.replace("-", MINUS)

    def signed(self, value: float) -> str:
        """`number` with its sign always shown."""
        text = self.number(value)
        return text if text.startswith(MINUS) else "+" + text

    def amount(self, value: float) -> str:
        """`value` with its unit: `12.3 nats`."""
        return f"{self.number(value)} {self.unit}".rstrip()

    @property
    def least_deviation(self) -> float:
        """The least standard deviation that differences of this quantity are taken to have.

        A metric that moves in steps can show the same difference for every seed by rounding alone, and no spread would
        pass for certainty. Rounding to a step r has the variance r²/12, twice that for a difference.
        """
        return self.resolution / math.sqrt(6)

    @property
    def axis(self) -> str:
        """The title of an axis: `best validation loss (nats)`."""
        return f"{self.name} ({self.unit})" if self.unit else self.name

    def difference(self, first: str, second: str, effect: float) -> str:
        """A clause that says by how much `first` is better (positive effect) or worse than `second`."""
        word = self.better if effect >= 0 else self.worse
        return f"{first} {self.has} {self.amount(abs(effect))} {word} than {second}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Yardstick:
    """A quantity and its margin, the smallest difference that matters."""

    quantity: Quantity
    margin: float


def quantity(metric: str, margin: float | None = None) -> Quantity:
    """The words of a recorded metric. An unknown metric keeps its own name, without a unit."""
    decimals = None if margin is None else min(6, max(0, 1 - math.floor(math.log10(margin))))
    higher = record.higher_is_better(metric)
    words = metric.replace("/", " ").replace("_", " ")
    if metric == record.BEST_EPOCH:
        return Quantity(
            metric=metric,
            name="epoch of the best validation loss",
            unit="epochs",
            has="reaches its best",
            better="sooner",
            worse="later",
            higher_is_better=higher,
            resolution=1.0,
            decimals=decimals,
        )
    name = words.replace(" cer", " character error rate").replace(" wer", " word error rate")
    return Quantity(
        metric=metric,
        name=name,
        unit=_unit(metric),
        has=f"has a {name}",
        better="higher" if higher else "lower",
        worse="lower" if higher else "higher",
        higher_is_better=higher,
        decimals=decimals,
    )


def number(value: float) -> str:
    """`value` with about three significant digits, never an exponent below a million, and a true minus sign."""
    size = abs(value)
    if size >= 1e6 or (0 < size < 5e-5):
        text = f"{value:.2e}"
    else:
        decimals = 1 if size >= 10 or size == 0 else min(4, 2 - math.floor(math.log10(size)))
        text = f"{value:,.{decimals}f}"
    return text.replace("-", MINUS)


def _unit(metric: str) -> str:
    endings = {"loss": "nats", "epoch": "epochs", "seconds": "s"}
    return next((unit for ending, unit in endings.items() if metric.endswith(ending)), "")
