"""An ablation path as a table."""

from soundproof.analysis.notation.bounds import reported_difference
from soundproof.analysis.notation.quantities import Quantity
from soundproof.analysis.summaries.ablation_path import AblationPath
from soundproof.analysis.tables.model import Cell, Column, Table, count_cell, difference_cell
from soundproof.search_spaces.ablation import Ablation


def path_table(path: AblationPath, ablation: Ablation, measured: Quantity) -> Table:
    """One row for each step, first to last; the note has the whole way and what could not be reached."""
    names = {component.slug: component.present for component in ablation.components}
    start = "the variant without them" if ablation.baseline is None else ablation.baseline.id
    return Table(
        name="path",
        title=f"From {start} to {ablation.target.id}, the most helpful component first",
        note=_note(path, names, measured),
        columns=(
            Column(heading="step"),
            Column(heading="component", role="words"),
            Column(heading="gain", unit=measured.difference_unit),
            Column(heading="of"),
            Column(heading="n"),
        ),
        rows=tuple(
            (
                count_cell(number),
                Cell(text=names[step.component]),
                difference_cell(reported_difference(step.gain, measured), measured),
                count_cell(step.candidates),
                count_cell(step.gain.n),
            )
            for number, step in enumerate(path.steps, start=1)
        ),
    )


def _note(path: AblationPath, names: dict[str, str], measured: Quantity) -> str:
    total = difference_cell(reported_difference(path.total, measured), measured)
    interval = total.interval or "no interval"
    text = f"Improvement in {measured.name} over the whole way: {total.text} ({interval}, n = {path.total.n})."
    if path.unreached:
        text += f" Not reached: {', '.join(names[slug] for slug in path.unreached)}."
    return (
        text + " Each step is the best of its candidates; its interval allows for that, and not for the steps before."
    )
