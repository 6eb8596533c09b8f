"""The tables of a search: what was confirmed, what was done, the Pareto front, and which choices matter."""

from soundproof.analysis.notation.quantities import Quantity, p_value
from soundproof.analysis.prose import search as prose
from soundproof.analysis.summaries.choices import short_names
from soundproof.analysis.summaries.confirmation import Confirmed, ConfirmedPair
from soundproof.analysis.summaries.search import SearchSummary
from soundproof.analysis.tables.importance import importance_table
from soundproof.analysis.tables.model import Cell, Column, Table, columns
from soundproof.analysis.verdicts.sentences import sentence


def search_tables(summary: SearchSummary) -> tuple[Table, ...]:
    """For the terminal: confirmed variants, what was done, the front where there is one, and importance."""
    front = [front_table(summary)] if summary.front else []
    return confirmed_table(summary), _facts_table(summary), *front, importance_table(summary.importance)


def search_paper_tables(summary: SearchSummary) -> tuple[Table, ...]:
    """The confirmed variants on fresh seeds, and their differences, where there are two."""
    return (confirmed_table(summary), *([pairs_table(summary)] if summary.confirmation.pairs else []))


def confirmed_table(summary: SearchSummary) -> Table:
    """One row for each confirmed variant, best first."""
    measured, test, records = summary.measured, summary.confirmation.test_measured, summary.records
    return Table(
        name="confirmed",
        title=f"{records.space}: {measured.name}, preset {records.preset}, corpus {records.corpus}",
        note=f"{prose.search_answer(summary)} {prose.search_reservations(summary)}",
        paper_note=(
            f"Variants that search {records.search} found and fresh seeds confirmed. Means over n fresh seeds ± half "
            "of their 95% interval; the search's own number, by which a variant was picked, is optimistic."
        ),
        columns=(
            Column(heading="variant", role="name", narrow="confirmed variant"),
            Column(heading="choices", role="words", outputs=("paper",)),
            Column(heading="n", full="Fresh\nseeds"),
            Column(heading="mean", unit=measured.unit, narrow="fresh\nseeds", full=sentence(measured.name), spread="±"),
            Column(
                heading="search's own",
                unit=measured.unit,
                narrow="search's own\n(optimistic)",
                full="The search's own\n(optimistic)",
                spare="what the search itself measured",
            ),
            Column(
                heading="too good by",
                unit=measured.difference_unit,
                narrow="too good\nby",
                spare="by how much that was too good",
                outputs=("terminal", "page"),
            ),
            *([] if test is None else [_objective(test, spread="±")]),
        ),
        rows=tuple(_confirmed(confirmed, summary) for confirmed in summary.confirmation.variants),
        ruled=True,
    )


def pairs_table(summary: SearchSummary) -> Table:
    """The paired differences of all confirmed variants that can be judged."""
    return Table(
        name="pairs",
        title=(
            f"{summary.records.space}: differences of the confirmed variants over the fresh seeds that both have "
            "(positive: the first is better), p values after Holm's correction"
        ),
        columns=(
            *columns("first", "second", role="words"),
            Column(
                heading="difference",
                unit=summary.measured.difference_unit,
                full="First is better by",
                spread="95% interval",
            ),
            Column(heading="n", full="n"),
            Column(heading="p", full="p", outputs=("page",)),
            Column(heading="adjusted p", full="p after Holm"),
            Column(heading="told apart", role="words", outputs=("page",)),
        ),
        rows=tuple(_pair(pair, summary.measured) for pair in summary.confirmation.pairs),
    )


def front_table(summary: SearchSummary) -> Table:
    """The trials that no other one dominates, by the search's own numbers."""
    names = short_names(summary.choice_names)
    return Table(
        name="front",
        title="Pareto front, by the search's own numbers (optimistic)",
        columns=(
            Column(heading="trial id", role="trial"),
            *(_objective(measured) for measured in summary.objectives),
            Column(heading="choices", role="words"),
        ),
        rows=tuple(
            (
                Cell(text=trial.record.trial_id, details=(f"trial {trial.record.number}",)),
                *(
                    Cell.number(value, measured)
                    for measured, value in zip(summary.objectives, trial.values, strict=True)
                ),
                Cell(text=prose.choices_words(trial.record.choices, names)),
            )
            for trial in summary.front
        ),
    )


def _confirmed(confirmed: Confirmed, summary: SearchSummary) -> tuple[Cell, ...]:
    measured, test = summary.measured, summary.confirmation.test_measured
    choices = prose.choices_words(confirmed.choices, short_names(summary.choice_names))
    odd_ends = [
        f"{count} {status.replace('_', ' ')}" for status, count in confirmed.statuses.items() if status != "completed"
    ]
    unfit = ("not judged, because too many of its trials have no number",) if confirmed.unfit else ()
    return (
        Cell(
            text=confirmed.variant,
            notes=(choices, *unfit),
            details=(", ".join([f"trial {confirmed.trial_id}", *odd_ends]),),
        ),
        Cell(text=choices),
        Cell.count(confirmed.estimate.n),
        Cell.mean(confirmed.estimate, measured),
        Cell.number(confirmed.own, measured, emphasis="soft"),
        Cell()
        if confirmed.optimism is None
        else Cell(text=measured.signed(confirmed.optimism), value=confirmed.optimism),
        *([] if test is None else [Cell.mean(confirmed.test, test)]),
    )


def _pair(pair: ConfirmedPair, measured: Quantity) -> tuple[Cell, ...]:
    return (
        Cell(text=pair.first),
        Cell(text=pair.second),
        Cell.difference(pair.effect, measured),
        Cell.count(pair.effect.n),
        Cell(text=p_value(pair.p_value)),
        Cell(text=p_value(pair.adjusted_p_value)),
        Cell(text="yes" if pair.apart else "no"),
    )


def _facts_table(summary: SearchSummary) -> Table:
    left_out = prose.importance_left_out(summary)
    facts = [*prose.search_facts(summary), *([f"Importance of choices: {left_out}"] if left_out else [])]
    return Table(
        name="facts",
        title="What was done",
        columns=columns("", role="words"),
        rows=tuple((Cell(text=fact),) for fact in facts),
    )


def _objective(measured: Quantity, *, spread: str = "") -> Column:
    narrow = measured.name.replace(" ", "\n")
    return Column(heading=measured.name, unit=measured.unit, narrow=narrow, full=sentence(measured.name), spread=spread)
