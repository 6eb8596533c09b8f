"""A search in the terminal: what was confirmed, what was done, and which choices matter."""

from __future__ import annotations

from collections.abc import Mapping

from rich.table import Table
from rich.text import Text

from soundproof.analysis.notation.bounds import TOO_FEW
from soundproof.analysis.notation.quantities import Quantity
from soundproof.analysis.prose.search import (
    choices_words,
    importance_left_out,
    search_answer,
    search_facts,
    search_reservations,
)
from soundproof.analysis.statistics.intervals import Estimate
from soundproof.analysis.summaries.choices import short_names
from soundproof.analysis.summaries.confirmation import Confirmed
from soundproof.analysis.summaries.search import SearchSummary
from soundproof.analysis.terminal.importance import importance_table
from soundproof.analysis.terminal.named_rows import NamedRows

NOTHING = "-"


def search_tables(summary: SearchSummary) -> tuple[Table, ...]:
    """The confirmed variants or why there are none, what was done, the front where there is one, and importance."""
    front = (_front_table(summary),) if summary.front else ()
    return _confirmed_table(summary), _facts_table(summary), *front, importance_table(summary.importance)


def _confirmed_table(summary: SearchSummary) -> Table:
    confirmation, measured = summary.confirmation, summary.measured
    table = NamedRows(
        title=Text(f"{summary.space}: {measured.name}, preset {summary.preset}, corpus {summary.corpus}"),
        caption=Text(f"{search_answer(summary)} {search_reservations(summary)}"),
        show_lines=True,
    )
    table.add_names("confirmed variant", [one.variant for one in confirmation.variants])
    table.add_numbers("n")
    unit = f"\n({measured.unit})" if measured.unit else ""
    table.add_numbers(f"fresh\nseeds{unit}")
    table.add_numbers(f"search's own\n(optimistic){unit}", "what the search itself measured")
    table.add_numbers(f"too good\nby{unit}", "by how much that was too good")
    test = confirmation.test_measured
    if test is not None:
        table.add_numbers(_heading(test))
    names = short_names(summary.choice_names)
    for one in confirmation.variants:
        tested = [] if test is None else [Text(_mean(one.test, test))]
        table.add_row(*_confirmed(one, measured, names), *tested)
    return table


def _confirmed(one: Confirmed, measured: Quantity, names: Mapping[str, str]) -> tuple[Text, ...]:
    name = Text(one.variant).append(f"\n{choices_words(one.choices, names)}", style="dim")
    if one.unfit:
        name.append("\nnot judged: too many of its trials have no number", style="yellow")
    return (
        name,
        Text(str(one.estimate.n)),
        Text(_mean(one.estimate, measured)),
        Text(NOTHING if one.own is None else measured.number(one.own)),
        Text(NOTHING if one.optimism is None else measured.signed(one.optimism)),
    )


def _facts_table(summary: SearchSummary) -> Table:
    table = Table(title=Text("What was done"), title_justify="left", show_header=False)
    table.add_column(overflow="fold", ratio=1)
    for fact in search_facts(summary):
        table.add_row(Text(fact))
    left_out = importance_left_out(summary)
    if left_out:
        table.add_row(Text(f"Importance of choices: {left_out}"))
    return table


def _front_table(summary: SearchSummary) -> Table:
    table = Table(title=Text("Pareto front, by the search's own numbers (optimistic)"), title_justify="left")
    table.add_column("trial id", no_wrap=True)
    for measured in summary.objectives:
        table.add_column(_heading(measured), justify="right")
    table.add_column("choices", overflow="fold", ratio=1)
    names = short_names(summary.choice_names)
    for trial in summary.front:
        values = (
            NOTHING if value is None else measured.number(value)
            for measured, value in zip(summary.objectives, trial.values, strict=True)
        )
        table.add_row(
            Text(trial.trial_id), *(Text(value) for value in values), Text(choices_words(trial.choices, names))
        )
    return table


def _heading(measured: Quantity) -> str:
    return measured.name.replace(" ", "\n") + (f"\n({measured.unit})" if measured.unit else "")


def _mean(estimate: Estimate | None, measured: Quantity) -> str:
    if estimate is None or estimate.value is None:
        return NOTHING
    if estimate.half is not None:
        return f"{measured.number(estimate.value)} ± {measured.number(estimate.half)}"
    ends = TOO_FEW if estimate.interval is None else measured.ends(estimate.interval)
    return f"{measured.number(estimate.value)}\n{ends}"
