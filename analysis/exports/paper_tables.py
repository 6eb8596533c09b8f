"""What the tables of a paper hold, before any markup: variants and claims, or what a search has confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from soundproof.analysis.notation.quantities import Quantity, p_value
from soundproof.analysis.prose.search import choices_words
from soundproof.analysis.statistics.intervals import Estimate, Interval
from soundproof.analysis.summaries.choices import short_names
from soundproof.analysis.summaries.confirmation import Confirmed, ConfirmedPair
from soundproof.analysis.summaries.search import SearchSummary
from soundproof.analysis.summaries.study import StudySummary, VariantSummary, odd_statuses
from soundproof.analysis.verdicts.sentences import percent
from soundproof.analysis.verdicts.verdicts import ClaimVerdict, ExactVerdict, StatisticalVerdict

NOTHING = "\N{EN DASH}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One column. Those that are `numeric` hold nothing that a user wrote, and are set flush right."""

    heading: str
    numeric: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperTable:
    """A table as plain text. `name` tells it from the others of the same export."""

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]


def study_paper_tables(summary: StudySummary) -> tuple[PaperTable, ...]:
    """The variants, best first, and the claims with their verdicts, where there are any."""
    return (_variants(summary), *([_claims(summary)] if summary.claims else []))


def search_paper_tables(summary: SearchSummary) -> tuple[PaperTable, ...]:
    """The confirmed variants on fresh seeds, and their differences, where there are two."""
    return (_confirmed_table(summary), *([_pairs(summary)] if summary.confirmation.pairs else []))


def _variants(summary: StudySummary) -> PaperTable:
    measured = summary.measured
    further = [one for one in summary.secondary if one.shown]
    odd_ends = any(odd_statuses(variant) for variant in summary.variants)
    names = [_with_unit(" ".join(one.short), one.quantity.unit) for one in further]
    headings = [
        "n",
        _with_unit("mean", measured.unit),
        "\N{PLUS-MINUS SIGN}",
        _with_unit("vs baseline", measured.difference_unit),
        "95% interval",
        *names,
        "parameters",
    ]
    rows = []
    for variant in summary.variants:
        means = [_number(variant.metrics.get(one.metric), one.quantity) for one in further]
        cells = (*_variant(variant, measured), *means, _count(variant.parameters))
        rows.append((*cells, odd_statuses(variant)) if odd_ends else cells)
    return PaperTable(
        name="variants",
        caption=(
            f"{summary.study.id}: {measured.name}, preset {summary.preset}, corpus {summary.corpus}. Means over n "
            "seeds \N{PLUS-MINUS SIGN} half of their 95% interval; against the baseline, the mean difference over the "
            "seeds that both have (positive is better)."
        ),
        columns=(
            Column(heading="variant", numeric=False),
            *(Column(heading=heading) for heading in headings),
            *([Column(heading="not completed", numeric=False)] if odd_ends else []),
        ),
        rows=tuple(rows),
    )


def _variant(variant: VariantSummary, measured: Quantity) -> tuple[str, ...]:
    mean, half = _mean(variant.estimate, measured)
    difference = variant.difference
    if difference is None:
        against = ("baseline", NOTHING)
    else:
        against = (_signed(difference.value, measured), _ends(difference.interval, measured))
    return variant.label, str(variant.estimate.n), mean, half, *against


def _claims(summary: StudySummary) -> PaperTable:
    numeric = ("difference", "interval", "n", "adjusted p")
    return PaperTable(
        name="claims",
        caption=(
            f"{summary.study.id}: claims and verdicts, preset {summary.preset}, corpus {summary.corpus}. Numbers are "
            "those of the comparison that decides a claim (positive is better), p values after Holm's correction over "
            "the claims of the study."
        ),
        columns=(
            Column(heading="claim", numeric=False),
            Column(heading="verdict", numeric=False),
            *(Column(heading=heading) for heading in numeric),
        ),
        rows=tuple(_claim(judged) for judged in summary.claims),
    )


def _claim(judged: ClaimVerdict) -> tuple[str, ...]:
    """The difference and its interval in the unit of the claim's own metric; of a claim of size, the ratio."""
    match judged:
        case StatisticalVerdict(deciding=deciding, endpoint=endpoint):
            measured = endpoint.quantity
            effect = _signed(deciding.effect, measured)
            if deciding.effect is not None:
                effect = f"{effect} {measured.difference_unit}".rstrip()
            ends, n, adjusted = NOTHING, deciding.n, p_value(judged.adjusted_p_value)
            if deciding.interval is not None:
                ends = f"{_ends(deciding.interval, measured)} ({percent(deciding.interval.confidence)})"
        case ExactVerdict(ratio=ratio, n=n):
            effect = NOTHING if ratio is None else f"{ratio:.2f} times"
            ends = adjusted = NOTHING
    return judged.claim.text, judged.verdict, effect, ends, str(n), adjusted


def _confirmed_table(summary: SearchSummary) -> PaperTable:
    measured, test = summary.measured, summary.confirmation.test_measured
    names = short_names(summary.choice_names)
    headings = [
        "n",
        _with_unit("mean", measured.unit),
        "\N{PLUS-MINUS SIGN}",
        _with_unit("search's own", measured.unit),
        *([] if test is None else [_with_unit(test.name, test.unit), "\N{PLUS-MINUS SIGN}"]),
    ]
    return PaperTable(
        name="confirmed",
        caption=(
            f"{summary.space}: {measured.name} of the variants that search {summary.search} found and fresh seeds "
            f"confirmed, preset {summary.preset}, corpus {summary.corpus}. Means over n fresh seeds "
            "\N{PLUS-MINUS SIGN} half of their 95% interval; the search's own number, by which a variant was picked, "
            "is optimistic."
        ),
        columns=(
            Column(heading="variant", numeric=False),
            Column(heading="choices", numeric=False),
            *(Column(heading=heading) for heading in headings),
        ),
        rows=tuple(_confirmed(one, measured, test, names) for one in summary.confirmation.variants),
    )


def _confirmed(one: Confirmed, measured: Quantity, test: Quantity | None, names: Mapping[str, str]) -> tuple[str, ...]:
    cells = (
        one.variant,
        choices_words(one.choices, names),
        str(one.estimate.n),
        *_mean(one.estimate, measured),
        _number(one.own, measured),
    )
    if test is None:
        return cells
    return (*cells, *((NOTHING, NOTHING) if one.test is None else _mean(one.test, test)))


def _pairs(summary: SearchSummary) -> PaperTable:
    measured = summary.measured
    headings = (_with_unit("difference", measured.difference_unit), "95% interval", "n", "adjusted p")
    return PaperTable(
        name="pairs",
        caption=(
            f"{summary.space}: differences of the confirmed variants over the fresh seeds that both have (positive: "
            "the first is better), p values after Holm's correction."
        ),
        columns=(
            Column(heading="first", numeric=False),
            Column(heading="second", numeric=False),
            *(Column(heading=heading) for heading in headings),
        ),
        rows=tuple(_pair(pair, measured) for pair in summary.confirmation.pairs),
    )


def _pair(pair: ConfirmedPair, measured: Quantity) -> tuple[str, ...]:
    difference, interval = _signed(pair.effect.value, measured), _ends(pair.effect.interval, measured)
    return pair.first, pair.second, difference, interval, str(pair.effect.n), p_value(pair.adjusted_p_value)


def _mean(estimate: Estimate, measured: Quantity) -> tuple[str, str]:
    """The mean, and half of its interval; both ends of one that was cut to what is possible."""
    spread = _ends(estimate.interval, measured) if estimate.half is None else measured.number(estimate.half)
    return _number(estimate.value, measured), spread


def _ends(interval: Interval | None, measured: Quantity) -> str:
    return NOTHING if interval is None else measured.ends(interval)


def _number(value: float | None, measured: Quantity) -> str:
    return NOTHING if value is None else measured.number(value)


def _signed(value: float | None, measured: Quantity) -> str:
    return NOTHING if value is None else measured.signed(value)


def _count(value: int | None) -> str:
    return NOTHING if value is None else f"{value:,}"


def _with_unit(heading: str, unit: str) -> str:
    return f"{heading} ({unit})" if unit else heading
