"""The tables of a study: its variants, and its claims."""

from __future__ import annotations

from soundproof.analysis.notation.labels import by_baseline, named_levels
from soundproof.analysis.notation.quantities import Quantity, p_value, quantity
from soundproof.analysis.summaries.study import StudySummary, VariantSummary, odd_statuses
from soundproof.analysis.tables.model import (
    NOTHING,
    Cell,
    Column,
    Table,
    columns,
    count_cell,
    difference_cell,
    mean_cell,
    number_cell,
)
from soundproof.analysis.verdicts.sentences import percent, sentence
from soundproof.analysis.verdicts.verdicts import ClaimVerdict
from soundproof.common import record


def study_tables(summary: StudySummary) -> tuple[Table, ...]:
    """The variants, and the claims, where there are any."""
    return (variants_table(summary), *([claims_table(summary)] if summary.claims else []))


def variants_table(summary: StudySummary) -> Table:
    """One row for each variant, best first."""
    measured = summary.measured
    odd_ends = any(odd_statuses(variant) for variant in summary.variants)
    further = [secondary.quantity for secondary in summary.secondary if secondary.shown]
    return Table(
        name="variants",
        title=f"{summary.study.id}: {measured.name}, preset {summary.preset}, corpus {summary.corpus}",
        note=(
            "Means ± half of their 95% interval. Against the baseline: mean difference over the seeds that both have, "
            "with its 95% interval; positive is better."
        ),
        paper_note=(
            "Means over n seeds ± half of their 95% interval; against the baseline, the mean difference over the "
            "seeds that both have (positive is better)."
        ),
        columns=(
            Column(heading="variant", role="name"),
            Column(heading="n", full="n"),
            Column(heading="mean", unit=measured.unit, full=sentence(measured.name), spread="±"),
            Column(
                heading="vs baseline",
                unit=measured.difference_unit,
                full="Against the baseline",
                spread="95% interval",
            ),
            *(
                Column(
                    heading=" ".join(secondary.short),
                    unit=secondary.quantity.unit,
                    narrow="\n".join(secondary.short),
                    full="\n".join(secondary.heading),
                    spare=secondary.quantity.name,
                )
                for secondary in summary.secondary
                if secondary.shown
            ),
            Column(heading="parameters", narrow="para-\nmeters", spare="parameters"),
            Column(heading="train", unit="s", full="Training", spare="training seconds", outputs=("terminal", "page")),
            *([Column(heading="not completed", role="words", outputs=("terminal", "paper"))] if odd_ends else []),
        ),
        rows=tuple(
            (
                _name(variant, summary),
                count_cell(variant.estimate.n),
                mean_cell(variant.estimate, measured),
                _against_baseline(variant, measured),
                *(number_cell(variant.metrics.get(metric.metric), metric) for metric in further),
                count_cell(variant.parameters),
                number_cell(variant.train_seconds),
                *([Cell(text=odd_statuses(variant))] if odd_ends else []),
            )
            for variant in summary.variants
        ),
    )


def claims_table(summary: StudySummary) -> Table:
    """One row for each claim: in the terminal with the sentence that explains its verdict, in papers with numbers."""
    return Table(
        name="claims",
        title=f"{summary.study.id}: claims and verdicts, preset {summary.preset}, corpus {summary.corpus}",
        paper_note=(
            "Numbers are those of the comparison that decides a claim (positive is better), p values after Holm's "
            "correction over the claims of the study."
        ),
        columns=(
            Column(heading="claim", role="words"),
            Column(heading="verdict", role="word"),
            *columns("why", role="words", outputs=["terminal"]),
            *columns("difference", "interval", "n", "adjusted p", outputs=["paper"]),
        ),
        rows=tuple(_claim(claim) for claim in summary.claims),
        ruled=True,
    )


def _name(variant: VariantSummary, summary: StudySummary) -> Cell:
    levels = [named_levels(variant.levels)] if by_baseline(summary.study) else []
    return Cell(text=variant.label, details=tuple(levels), notes=(variant.id,))


def _against_baseline(variant: VariantSummary, measured: Quantity) -> Cell:
    if variant.difference is None:
        return Cell(text="baseline", value=0.0, emphasis="soft")
    return difference_cell(variant.difference, measured)


def _claim(claim: ClaimVerdict) -> tuple[Cell, ...]:
    needed = () if claim.seeds_needed is None else (f"~{claim.seeds_needed:,} seeds in", "all would decide")
    effect, interval = _effect(claim)
    return (
        Cell(text=claim.text),
        Cell(text=claim.verdict, notes=needed, emphasis=claim.verdict),
        Cell(text=claim.sentence),
        Cell(text=effect),
        Cell(text=interval),
        count_cell(claim.n),
        Cell(text=NOTHING if claim.adjusted_p_value is None else p_value(claim.adjusted_p_value)),
    )


def _effect(claim: ClaimVerdict) -> tuple[str, str]:
    """The difference and its interval in the unit of the claim's own metric; of a claim of size, the ratio."""
    if claim.effect is None or claim.metric is None:
        return NOTHING, NOTHING
    if claim.metric == record.PARAMETERS and claim.deciding is None:
        return f"{claim.effect:.2f} times", NOTHING
    measured = quantity(claim.metric, claim.margin)
    effect = f"{measured.signed(claim.effect)} {measured.difference_unit}".rstrip()
    if claim.interval is None:
        return effect, NOTHING
    return effect, f"{measured.ends(claim.interval)} ({percent(claim.interval.confidence)})"
