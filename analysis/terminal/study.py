"""Tables for the terminal. What users wrote is shown as text, never read as markup."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from soundproof.analysis.notation.bounds import TOO_FEW
from soundproof.analysis.notation.quantities import Quantity, number
from soundproof.analysis.statistics.intervals import Estimate
from soundproof.analysis.summaries.study import StudySummary, VariantSummary, odd_statuses
from soundproof.analysis.terminal.named_rows import NamedRows
from soundproof.analysis.verdicts.verdicts import StatisticalVerdict

NOTHING = "-"
_STYLES = {"supported": "green", "contradicted": "red", "undecided": "yellow"}


def variants_table(summary: StudySummary) -> Table:
    """One row for each variant, best first."""
    measured = summary.measured
    unit, difference_unit = (f"\n({of})" if of else "" for of in (measured.unit, measured.difference_unit))
    odd_ends = any(set(variant.statuses) - {"completed"} for variant in summary.variants)
    table = NamedRows(
        title=Text(f"{summary.study.id}: {measured.name}, preset {summary.preset}, corpus {summary.corpus}"),
        caption=Text(
            "Means ± half of their 95% interval. Against the baseline: mean difference over the seeds that both have, "
            "with its 95% interval; positive is better."
        ),
    )
    table.add_names("variant", [variant.id for variant in summary.variants])
    further = [one for one in summary.secondary if one.shown]
    for heading in ("n", f"mean{unit}", f"vs baseline{difference_unit}"):
        table.add_numbers(heading)
    for one in further:
        table.add_numbers("\n".join(one.short), one.quantity.name)
    table.add_numbers("para-\nmeters", "parameters")
    table.add_numbers("train\n(s)", "training seconds")
    if odd_ends:
        table.add_column("not completed")
    for variant in summary.variants:
        cells = [
            _name(variant),
            Text(str(variant.estimate.n)),
            Text(_mean(variant.estimate, measured)),
            Text("baseline" if variant.difference is None else _difference(variant.difference, measured)),
            *(Text(_level(variant.metrics.get(one.metric), one.quantity)) for one in further),
            Text(NOTHING if variant.parameters is None else f"{variant.parameters:,}"),
            Text(_optional(variant.train_seconds)),
        ]
        table.add_row(*cells, *([Text(odd_statuses(variant))] if odd_ends else []))
    return table


def verdicts_table(summary: StudySummary) -> Table:
    """One row for each claim, with the sentence that explains its verdict."""
    table = Table(title=Text("Claims"), title_justify="left", show_lines=True)
    table.add_column("claim", ratio=3)
    table.add_column("verdict", no_wrap=True)
    table.add_column("why", ratio=5)
    for judged in summary.claims:
        verdict = Text(judged.verdict, style=_STYLES[judged.verdict])
        if isinstance(judged, StatisticalVerdict) and judged.seeds_needed is not None:
            verdict.append(f"\n~{judged.seeds_needed:,} seeds in\nall would decide", style="dim")
        table.add_row(Text(judged.claim.text), verdict, Text(judged.sentence))
    return table


def _name(variant: VariantSummary) -> Text:
    return Text(variant.label).append(f"\n{variant.id}", style="dim")


def _mean(estimate: Estimate, measured: Quantity) -> str:
    if estimate.value is None:
        return NOTHING
    if estimate.half is not None:
        return f"{measured.number(estimate.value)} ± {measured.number(estimate.half)}"
    interval = estimate.interval
    return measured.number(estimate.value) + ("" if interval is None else f"\n{measured.ends(interval)}")


def _difference(estimate: Estimate, measured: Quantity) -> str:
    """With both ends of the interval: one for many looks does not lie evenly about its mean."""
    if estimate.value is None:
        return NOTHING
    ends = TOO_FEW if estimate.interval is None else measured.ends(estimate.interval)
    return f"{measured.signed(estimate.value)}\n{ends}"


def _level(value: float | None, measured: Quantity) -> str:
    return NOTHING if value is None else measured.level(value)


def _optional(value: float | None) -> str:
    return NOTHING if value is None else number(value)
