"""Paired differences with their intervals, and the margin as a band: of all variants to the baseline, or of a claim."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import plotly.graph_objects as go

from soundproof.analysis.figures import style
from soundproof.analysis.notation.labels import LEVELS_APART
from soundproof.analysis.notation.quantities import Endpoint, Quantity
from soundproof.analysis.statistics.intervals import Interval, improvements
from soundproof.analysis.summaries.study import StudySummary
from soundproof.analysis.verdicts.verdicts import StatisticalVerdict

REACH = 1.5
"""An axis shows intervals as far as this many times the extent of all else: three seeds can have enormous ones."""
CLIPPED = " Intervals that reach the edge go on beyond it."

SeedDifferences = tuple[tuple[int, float], ...]
"""(seed, improvement of the first over the second) in the order of seeds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DifferenceRow:
    """One variant's paired improvement over another: each seed, their mean, and its interval.

    `against` names the other variant where it is not the same in all rows.
    """

    label: str
    against: str | None = None
    seeds: SeedDifferences
    mean: float
    interval: Interval | None
    emphasised: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Differences:
    """Rows of improvements, from top to bottom, with the margin on either side of zero; as the axis shows them."""

    axis: str
    margin: float
    rows: tuple[DifferenceRow, ...]

    @property
    def limits(self) -> tuple[float, float]:
        """The ends of the axis: all seeds, both margins, and the intervals within `REACH`, with a little air."""
        core = [-self.margin, self.margin, *(value for row in self.rows for _, value in row.seeds)]
        core += [row.mean for row in self.rows]
        low, high = min(core), max(core)
        reach = REACH * (high - low)
        ends = [end for row in self.rows if row.interval for end in (row.interval.low, row.interval.high)]
        low = min(low, max(low - reach, min(ends, default=low)))
        high = max(high, min(high + reach, max(ends, default=high)))
        air = 0.04 * (high - low)
        return low - air, high + air

    @property
    def clipped(self) -> bool:
        """Whether an interval goes on beyond the ends of the axis."""
        low, high = self.limits
        return any(row.interval.low < low or row.interval.high > high for row in self.rows if row.interval)

    @property
    def confidences(self) -> tuple[float, ...]:
        """The different confidences of the intervals, in ascending order."""
        return tuple(sorted({row.interval.confidence for row in self.rows if row.interval}))


def baseline_differences(summary: StudySummary) -> Differences:
    """The improvements of every variant that shares a seed with the baseline, best first, at 95% confidence."""
    measured, baseline = summary.measured, summary.baseline
    rows = []
    for variant in summary.measured_variants:
        estimate = variant.difference
        if estimate is None or estimate.value is None:
            continue
        rows.append(
            DifferenceRow(
                label=variant.label,
                seeds=seed_differences(variant.values, baseline.values, measured),
                mean=measured.shown(estimate.value),
                interval=measured.shown_interval(estimate.interval),
            )
        )
    rows.sort(key=lambda row: -row.mean)
    return Differences(axis=measured.difference_axis, margin=_band(summary.endpoint), rows=tuple(rows))


def band_words(endpoint: Endpoint) -> str:
    """A sentence on the grey band, behind others; nothing where there is none."""
    if not endpoint.said:
        return ""
    return f" Inside the grey band (±{endpoint.quantity.amount(endpoint.margin)}) a difference is too small to matter."


def _band(endpoint: Endpoint) -> float:
    """The margin as axes show it; 0 where nobody said one."""
    return endpoint.quantity.shown(endpoint.margin) if endpoint.said else 0.0


def seed_differences(first: Mapping[int, float], second: Mapping[int, float], measured: Quantity) -> SeedDifferences:
    """The improvement of `first` over `second` at every seed that both have, as axes show it; positive is better."""
    differences = improvements(first, second, higher_is_better=measured.higher_is_better)
    shown = [measured.shown(difference) for difference in differences.tolist()]
    return tuple(zip(sorted(first.keys() & second.keys()), shown, strict=True))


def draw_differences(data: Differences) -> style.Figure:
    """A row for each pair: every seed as a dot, the mean with its interval, the margin as a grey band."""
    figure = go.Figure()
    rows = list(reversed(data.rows))
    style.margin_band(figure, data.margin)
    dots = [(value, tick - 0.22, f"seed {seed}") for tick, row in enumerate(rows) for seed, value in row.seeds]
    marker = {"color": style.QUIET, "size": 5, "opacity": 0.7}
    style.add_dots(figure, dots, marker, hovertemplate="%{text}: %{x:+.3g}<extra></extra>")
    for colour, emphasised in ((style.QUIET, False), (style.ACCENT, True)):
        _add_means(figure, rows, colour, emphasised)
    style.rows(figure, [_label(row) for row in rows], style.plain(data.axis))
    figure.update_xaxes(range=list(data.limits))
    return figure


def _add_means(figure: style.Figure, rows: list[DifferenceRow], colour: str, emphasised: bool) -> None:
    chosen = [(tick, row) for tick, row in enumerate(rows) if row.emphasised is emphasised]
    style.add_dots(
        figure,
        [(row.mean, tick, _extent(row)) for tick, row in chosen],
        {"color": colour, "size": 10 if emphasised else 8},
        error_x=style.error_bars([row.mean for _, row in chosen], [row.interval for _, row in chosen], colour),
        hovertemplate="mean: %{x:+.3g}%{text}<extra></extra>",
    )


def _extent(row: DifferenceRow) -> str:
    return "" if row.interval is None else f" ({row.interval.low:+.3g} to {row.interval.high:+.3g})"


def _label(row: DifferenceRow) -> str:
    if row.against is None:
        return style.wrapped(row.label)
    return f"{_side(row.label)}<br>over {_side(row.against)}"


def _side(label: str) -> str:
    return style.wrapped(label) if LEVELS_APART in label else style.plain(style.shortened(label))


MOST_ROWS = 8
"""The pairs that a claim shows at once; of more, the deciding one, and all of them on demand."""


def claim_pairs(judged: StatisticalVerdict, labels: Mapping[str, str]) -> Differences | None:
    """A row for each pair with a common seed; the pair that decides is emphasised. None where no pair has one."""
    measured = judged.endpoint.quantity
    rows = [
        DifferenceRow(
            label=labels.get(pair.first, pair.first),
            against=labels.get(pair.second, pair.second),
            seeds=tuple((seed, measured.shown(difference)) for seed, difference in pair.by_seed),
            mean=measured.shown(pair.effect),
            interval=measured.shown_interval(pair.interval),
            emphasised=pair == judged.deciding,
        )
        for pair in judged.comparisons
        if pair.effect is not None
    ]
    if not rows:
        return None
    return Differences(axis=measured.difference_axis, margin=_band(judged.endpoint), rows=tuple(rows))


def deciding_pair(pairs: Differences) -> Differences:
    """The emphasised rows alone."""
    return replace(pairs, rows=tuple(row for row in pairs.rows if row.emphasised))
