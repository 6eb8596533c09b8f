"""How much each factor matters, as a table for the terminal and as JSON values."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from soundproof.analysis.importance.importance import FactorImportances, Importance
from soundproof.analysis.notation.quantities import quantity
from soundproof.analysis.terminal.named_rows import NamedRows


def importance_table(found: FactorImportances) -> Table:
    """One row for each factor, the most important first; the caption says what was compared, and what was not."""
    table = NamedRows(
        title=Text(f"Importance for the {quantity(found.metric).name} (PED-ANOVA)"), caption=Text(_caption(found))
    )
    table.add_names("factor", [factor.factor for factor in found.factors])
    for heading in ("share", "95% interval"):
        table.add_numbers(heading)
    for heading, words in (("by chance", "what chance would do"), ("levels", "levels"), ("n", "numbers of trials")):
        table.add_numbers(heading, words)
    for factor in found.factors:
        table.add_row(
            _name(factor),
            Text(f"{factor.importance:.2f}"),
            Text(f"{factor.interval.low:.2f} to {factor.interval.high:.2f}"),
            Text(f"{factor.by_chance:.2f}", style="" if factor.by_chance <= 0.05 else "dim"),
            Text(f"{factor.levels}"),
            Text(f"{factor.trials}"),
        )
    return table


def _name(factor: Importance) -> Text:
    name = Text(factor.factor)
    if factor.same_as:
        name.append("\nalways changes with " + ", ".join(factor.same_as), style="dim")
    return name


def _caption(found: FactorImportances) -> str:
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
