"""How much each factor matters, as a table."""

from soundproof.analysis.importance.importance import FactorImportances, Importance
from soundproof.analysis.notation.quantities import quantity
from soundproof.analysis.tables.model import Cell, Column, Table


def importance_table(found: FactorImportances) -> Table:
    """One row for each factor, the most important first; the note says what was compared, and what was not."""
    return Table(
        name="importance",
        title=f"Importance for the {quantity(found.metric).name} (PED-ANOVA)",
        note=_note(found),
        columns=(
            Column(heading="factor", role="name", full="Choice" if found.by == "choices" else ""),
            Column(heading="share"),
            Column(heading="95% interval"),
            Column(heading="by chance", spare="what chance would do"),
            Column(heading="levels", full="Values", spare="levels"),
            Column(heading="n", full="Trials", spare="numbers of trials"),
        ),
        rows=tuple(_row(factor) for factor in found.factors),
    )


def _row(factor: Importance) -> tuple[Cell, ...]:
    same = (f"always changes with {', '.join(factor.same_as)}",) if factor.same_as else ()
    return (
        Cell(text=factor.factor, notes=same),
        Cell(text=f"{factor.importance:.2f}"),
        Cell(text=f"{factor.interval.low:.2f} to {factor.interval.high:.2f}"),
        Cell(text=f"{factor.by_chance:.2f}", emphasis="" if factor.by_chance <= 0.05 else "soft"),
        Cell.count(factor.levels),
        Cell.count(factor.trials),
    )


def _note(found: FactorImportances) -> str:
    left_out = ", ".join(f"{count} {why}" for why, count in found.left_out.items())
    compared = f"{found.n} trials of {found.seeds} seed{'' if found.seeds == 1 else 's'} compared" + (
        f"; left out: {left_out}." if left_out else "."
    )
    if found.reason:
        return f"No numbers: {found.reason}. {compared}"
    alone = "Only one factor varies: its share is 1 whatever it does. " if len(found.factors) == 1 else ""
    return alone + (
        f"How much each factor tells the best {found.best} trials from all, as shares of 1. {compared} Intervals: "
        f"bootstrap over {found.resampled}. By chance: how often shuffled values matter as much, 0.05 or less is rare."
    )
