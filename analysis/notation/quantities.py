"""What a recorded metric is called in words, its unit, and how two values of it are compared in a sentence."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from soundproof.common import record
from soundproof.common.counting import counted

if TYPE_CHECKING:
    from soundproof.analysis.statistics.intervals import Interval

MINUS = "\N{MINUS SIGN}"

_PERCENT = "%"
_GAPS = {
    record.TRAIN_GAP: "gap between validation and training loss in the last epoch",
    record.TEST_GAP: "drop from validation to test accuracy",
}
_WORDS = {
    "cer": "character error rate",
    "wer": "word error rate",
    "macro f1": "macro F1",
    "micro f1": "micro F1",
    "r2": "R\N{SUPERSCRIPT TWO}",
}
_COSTS = {record.PARAMETERS: "parameters", record.TRAIN_SECONDS: "training time"}
_SHARES = ("accuracy", "f1", "average_precision", "equal_error_rate", "cer", "wer")
_DIGITS = frozenset("123456789")
"""Those of which any number but zero has one."""
_BETWEEN_ZERO_AND_ONE = ("accuracy", "f1", "average_precision", "equal_error_rate")
_AT_MOST_ONE = "/r2"
_AT_LEAST_ZERO = ("loss", "cer", "wer", "absolute_error", "squared_error", "epoch", "seconds", "parameters")
_MOST_FURTHER = 5
_FEWEST_DECIMALS, _MOST_DECIMALS = -6, 6
"""Of a tenth of a margin; where it takes others, numbers have an exponent."""
"""Digits beyond the usual ones, within which an end of an interval shows its side of zero."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Quantity:
    """A recorded metric as a reader meets it.

    `resolution` is the smallest step between two values: 1 for epochs, 0 for a continuous quantity, or one whose step
    the trials tell. `decimals` are those that show a tenth of the margin. Values are passed as they are recorded:
    shares of one are then shown as percentages, and differences of them in points.
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

    def number(self, value: float, further: int = 0) -> str:
        """`value` to the decimals that matter for this quantity, or some further ones, and a true minus sign."""
        value = self.shown(value)
        if self.decimals is None:
            return number(value)
        text = f"{value:,.{self.decimals + further}f}"
        return text.removeprefix("-") if float(text.replace(",", "")) == 0 else text.replace("-", MINUS)

    def signed(self, value: float) -> str:
        """`number` with its sign always shown."""
        return _with_sign(self.number(value))

    def ends(self, interval: "Interval", *, signed: bool = False) -> str:
        """Both ends of an interval: `−5.8 to 2.1`; one that rounds to zero with the digits that show its side of it."""
        low, high = (self._end(end) for end in (interval.low, interval.high))
        return f"{_with_sign(low)} to {_with_sign(high)}" if signed else f"{low} to {high}"

    def is_nothing(self, value: float) -> bool:
        """Whether `value` is zero to the digits that are shown."""
        return not _DIGITS & set(self.number(value))

    def _end(self, end: float) -> str:
        found = (self.number(end, further) for further in range(_MOST_FURTHER))
        return next((text for text in found if _DIGITS & set(text)), self.number(end))

    def amount(self, value: float) -> str:
        """A difference with its unit: `12.3 nats`, `2.5 points`."""
        return f"{self.number(value)} {self.difference_unit}".rstrip()

    def level(self, value: float) -> str:
        """`value` itself with its unit: `80.3 nats`, `77.5%`."""
        return f"{self.number(value)}{'' if self.is_share else ' '}{self.unit}".rstrip()

    def over_runs(self, values: Sequence[float], *, unit: bool = False) -> str:
        """Values of single runs to the digits that they are given with: `52.5 (1 run)`, `61.415 to 70.29% (2 runs)`."""
        ends = " to ".join(f"{self.shown(value):,.6g}" for value in sorted({min(values), max(values)}))
        after = f"{'' if self.is_share else ' '}{self.unit}".rstrip() if unit else ""
        return f"{ends}{after} ({counted(len(values), 'run')})"

    def shown(self, value: float) -> float:
        """The number that stands for `value` on an axis."""
        return 100 * value if self.is_share else value

    def shown_interval(self, interval: "Interval | None") -> "Interval | None":
        """`shown` of both ends."""
        if interval is None:
            return None
        return replace(interval, low=self.shown(interval.low), high=self.shown(interval.high))

    @property
    def direction(self) -> str:
        """Which values are better, in words."""
        return "higher is better" if self.higher_is_better else "lower is better"

    @property
    def is_share(self) -> bool:
        """Whether values are recorded as shares of one, and shown as percentages."""
        return self.unit == _PERCENT

    @property
    def difference_unit(self) -> str:
        """The unit of a difference of two values."""
        return "points" if self.is_share else self.unit

    @property
    def recorded_unit(self) -> str:
        """The unit of the values as they are recorded: shares have none."""
        return "" if self.is_share else self.unit

    @property
    def axis(self) -> str:
        """The title of an axis: `best validation loss (nats)`."""
        return f"{self.name} ({self.unit})" if self.unit else self.name

    @property
    def difference_axis(self) -> str:
        """The title of an axis of differences: `improvement in validation accuracy (points)`."""
        return f"improvement in {self.name}" + (f" ({self.difference_unit})" if self.difference_unit else "")

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the greatest value that there can be, as far as the metric is known."""
        if record.outside_name(self.metric) is not None:
            return -math.inf, math.inf
        if self.metric.endswith(_BETWEEN_ZERO_AND_ONE):
            return 0.0, 1.0
        if self.metric.endswith(_AT_MOST_ONE):
            return -math.inf, 1.0
        return (0.0 if self.metric.endswith(_AT_LEAST_ZERO) else -math.inf), math.inf

    def difference(self, first: str, second: str, effect: float) -> str:
        """A clause that says by how much `first` is better (positive effect) or worse than `second`."""
        if self.is_nothing(effect):
            return f"{first} has the same {self.name} as {second} to the digits shown"
        word = self.better if effect >= 0 else self.worse
        return f"{first} {self.has} {self.amount(abs(effect))} {word} than {second}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """A quantity and its margin, the smallest difference that matters.

    `said`: somebody named that margin. Otherwise it stands for hardly anything, and no sentence tells it.
    """

    quantity: Quantity
    margin: float
    said: bool = True

    @property
    def what_matters(self) -> str | None:
        """`the 0.5 nats that matter`; None where nobody said."""
        return f"the {self.quantity.amount(self.margin)} that matter" if self.said else None


def article(name: str) -> str:
    """The indefinite article before a name.

    >>> article("wer"), article("accuracy")
    ('a', 'an')
    """
    return "an" if name[:1].lower() in tuple("aeiou") else "a"


def quantity(metric: str, margin: float | None = None) -> Quantity:
    """The words of a recorded metric. An unknown metric keeps its own name, without a unit."""
    outside, higher = record.outside_name(metric), record.higher_is_better(metric)
    unit, name = ("", outside) if outside is not None else (_unit(metric), _name(metric))
    found = Quantity(
        metric=metric,
        name=name,
        unit=unit,
        has=f"has {article(name)} {name}",
        better="higher" if higher else "lower",
        worse="lower" if higher else "higher",
        higher_is_better=higher,
        decimals=_decimals(margin, unit),
    )
    if metric == record.BEST_EPOCH:
        found = replace(
            found,
            name="epoch of the best validation loss",
            has="reaches its best",
            better="sooner",
            worse="later",
            resolution=1.0,
        )
    if metric in _GAPS:
        found = replace(
            found, name=_GAPS[metric], has=f"has a {_GAPS[metric]} that is", better="smaller", worse="larger"
        )
    return found


def epochs_to(measured: Quantity, target: float) -> Quantity:
    """Epochs until a metric of every epoch first is at least as good as the target."""
    return replace(
        quantity(record.BEST_EPOCH),
        name=f"epochs to a {measured.name} of {measured.level(target)}",
        has=f"reaches a {measured.name} of {measured.level(target)}",
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


def least_deviation(resolution: float) -> float:
    """The least standard deviation that differences of a quantity are taken to have.

    A metric that moves in steps can show the same difference for every seed by rounding alone, and no spread would
    pass for certainty. Rounding to a step r has the variance r²/12, twice that for a difference.
    """
    return resolution / math.sqrt(6)


_COUNTED = {
    record.ACCURACY: "",
    record.BALANCED_ACCURACY: "",
    record.MACRO_F1: "",
    record.MICRO_F1: "",
    record.MEAN_AVERAGE_PRECISION: "",
    record.EQUAL_ERROR_RATE: "",
    record.VERIFICATION_EQUAL_ERROR_RATE: f"_{record.PAIRS}",
    record.WER: f"_{record.WORDS}",
    record.CER: f"_{record.CHARACTERS}",
}
"""By what each metric that moves in steps is counted: examples, words, characters, pairs of examples."""

_OF_VALUES = (record.MEAN_ABSOLUTE_ERROR, record.ROOT_MEAN_SQUARED_ERROR, record.R2)
"""They move by anything, as a loss does, and are those of every epoch."""


def recorded_resolution(metric: str, metrics: Mapping[str, float]) -> float:
    """The smallest step of `metric` in a trial that recorded `metrics`: an accuracy of n examples moves by 1/n.

    An error rate moves by one word or character, that of verification by one pair; balanced accuracy, F1 scores, mean
    average precision and equal error rates, in which an answer counts about as much as in an accuracy, by one example.
    Where words, characters or pairs were not recorded there are at least as many as examples. 0 for any other metric,
    and where the number of examples is not recorded.
    """
    if record.outside_name(metric) is not None:
        return metrics.get(record.OUTSIDE_STEP, 0.0)
    counted = _COUNTED.get(metric.rpartition("/")[2])
    if counted is None:
        return 0.0
    partition = record.TEST_PREFIX if metric.startswith(record.TEST_PREFIX) else record.VALIDATION_PREFIX
    examples = record.DATA_PREFIX + partition.rstrip("/")
    number = metrics.get(examples + counted, metrics.get(examples, math.nan))
    return 1 / number if number >= 1 else 0.0


def curve_metric(metric: str) -> str:
    """The metric whose course over the epochs says most about `metric`: the validation loss where it has none."""
    if record.outside_name(metric) is not None:
        return metric
    ending = metric.rpartition("/")[2]
    return record.VALIDATION_PREFIX + ending if ending in (*_COUNTED, *_OF_VALUES) else record.VALIDATION_LOSS


def training_metric(metric: str) -> str:
    """What is recorded of the training examples beside a `validation/...` metric, where anything is."""
    return record.TRAIN_PREFIX + metric.removeprefix(record.VALIDATION_PREFIX)


def _name(metric: str) -> str:
    """In words. The share of right answers in the best epoch need not be the best share, and is not called so."""
    words = _COSTS.get(metric, metric.replace("/", " ").replace("_", " "))
    for short, spelled in _WORDS.items():
        words = words.replace(f" {short}", f" {spelled}")
    return words.removeprefix("best ") if record.higher_is_better(metric) else words


def _with_sign(text: str) -> str:
    """Nothing is neither more nor less."""
    return "+" + text if text[0] != MINUS and _DIGITS & set(text) else text


def _unit(metric: str) -> str:
    if metric in _GAPS:
        return "nats" if metric == record.TRAIN_GAP else _PERCENT
    endings = {"loss": "nats", "epoch": "epochs", "seconds": "s"} | dict.fromkeys(_SHARES, _PERCENT)
    return next((unit for ending, unit in endings.items() if metric.endswith(ending)), "")


def _decimals(margin: float | None, unit: str) -> int | None:
    """Those that show a tenth of the margin; at least one of a percentage.

    None, for significant digits, where there is no margin, and where decimals would be many, or only zeros.
    """
    if unit != _PERCENT:
        wanted = None if margin is None else 1 - math.floor(math.log10(margin))
        return None if wanted is None or not _FEWEST_DECIMALS <= wanted <= _MOST_DECIMALS else max(0, wanted)
    return 1 if margin is None else min(4, max(1, 1 - math.floor(math.log10(100 * margin))))


def p_value(value: float) -> str:
    """A p value to two significant digits, and never a bare zero."""
    return "below 0.0001" if value < 1e-4 else f"{value:.2g}" if value < 0.995 else "1"
