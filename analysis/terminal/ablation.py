"""An ablation path as a table for the terminal and as JSON values."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from soundproof.analysis.notation.bounds import TOO_FEW, reported_difference
from soundproof.analysis.notation.quantities import Quantity
from soundproof.analysis.statistics.intervals import Estimate
from soundproof.analysis.summaries.ablation_path import AblationPath
from soundproof.search_spaces.ablation import Ablation


def path_table(path: AblationPath, ablation: Ablation, measured: Quantity) -> Table:
    """One row for each step, first to last; the caption has the whole way and what could not be reached."""
    names = {component.slug: component.present for component in ablation.components}
    start = "the variant without them" if ablation.baseline is None else ablation.baseline.id
    table = Table(
        title=Text(f"From {start} to {ablation.target.id}, the most helpful component first"),
        title_justify="left",
        caption=Text(_caption(path, names, measured)),
        caption_justify="left",
    )
    table.add_column("step", justify="right")
    table.add_column("component", overflow="fold", ratio=1)
    table.add_column(f"gain ({measured.difference_unit})" if measured.unit else "gain", justify="right", no_wrap=True)
    table.add_column("interval", justify="right", no_wrap=True)
    table.add_column("of", justify="right")
    table.add_column("n", justify="right")
    for number, step in enumerate(path.steps, start=1):
        gain, interval = _words(step.gain, measured)
        row = (f"{number}", names[step.component], gain, interval, f"{step.candidates}", f"{step.gain.n}")
        table.add_row(*(Text(cell) for cell in row))
    return table


def _caption(path: AblationPath, names: dict[str, str], measured: Quantity) -> str:
    gain, interval = _words(path.total, measured)
    text = f"Improvement in {measured.name} over the whole way: {gain} ({interval}, n = {path.total.n})."
    if path.unreached:
        text += f" Not reached: {', '.join(names[slug] for slug in path.unreached)}."
    return (
        text + " Each step is the best of its candidates; its interval allows for that, and not for the steps before."
    )


def _words(estimate: Estimate, measured: Quantity) -> tuple[str, str]:
    estimate = reported_difference(estimate, measured)
    gain = "\N{EN DASH}" if estimate.value is None else measured.signed(estimate.value)
    if estimate.interval is None:
        return gain, TOO_FEW if estimate.n else "no interval"
    return gain, measured.ends(estimate.interval, signed=True)
