"""The tables of a study: its variants, and its claims."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import fmean

from soundproof.analysis.notation.bounds import reported_difference
from soundproof.analysis.notation.labels import by_baseline, named_levels
from soundproof.analysis.notation.quantities import Quantity, p_value, quantity
from soundproof.analysis.prose.study import documented_note
from soundproof.analysis.summaries.ablation_path import AblationPath
from soundproof.analysis.summaries.secondary import Secondary
from soundproof.analysis.summaries.study import StudySummary, VariantSummary, odd_statuses
from soundproof.analysis.tables.model import NOTHING, Cell, Column, Table, columns
from soundproof.analysis.verdicts.sentences import percent, sentence
from soundproof.analysis.verdicts.verdicts import ClaimVerdict, ExactVerdict, StatisticalVerdict
from soundproof.common import record
from soundproof.search_spaces.ablation import Ablation


def study_tables(summary: StudySummary) -> tuple[Table, ...]:
    """The variants, and the claims, where there are any."""
    return (variants_table(summary), *([claims_table(summary)] if summary.claims else []))


def variants_table(summary: StudySummary) -> Table:
    """One row for each variant, best first; beside what the documents have numbers of, those."""
    measured = summary.measured
    shown = [secondary for secondary in summary.secondary if secondary.shown]
    parts = [
        _Part(Column(heading="variant", role="name"), lambda variant: _name(variant, summary)),
        _Part(Column(heading="n", full="n"), lambda variant: Cell.count(variant.estimate.n)),
        _Part(
            Column(heading="mean", unit=measured.unit, full=sentence(measured.name), spread="±"),
            lambda variant: Cell.mean(variant.estimate, measured),
        ),
        *_documented(summary, measured),
        _Part(
            Column(
                heading="vs baseline", unit=measured.difference_unit, full="Against the baseline", spread="95% interval"
            ),
            lambda variant: _against_baseline(variant, measured),
        ),
        *(part for further in shown for part in (_further(further), *_documented(summary, further.quantity))),
        _Part(
            Column(heading="parameters", narrow="para-\nmeters", spare="parameters"),
            lambda variant: Cell.count(variant.parameters),
        ),
        *_documented_parameters(summary),
        _Part(
            Column(heading="train", unit="s", full="Training", spare="training seconds", outputs=("terminal", "page")),
            lambda variant: Cell.number(variant.train_seconds),
        ),
        *_documented(summary, quantity(record.TRAIN_SECONDS)),
    ]
    if any(odd_statuses(variant) for variant in summary.variants):
        odd = Column(heading="not completed", role="words", outputs=("terminal", "paper"))
        parts.append(_Part(odd, lambda variant: Cell(text=odd_statuses(variant))))
    documented = documented_note(summary)
    return Table(
        name="variants",
        title=f"{summary.study.id}: {measured.name}, preset {summary.preset}, corpus {summary.corpus}",
        note=(
            "Means ± half of their 95% interval. Against the baseline: mean difference over the seeds that both have, "
            f"with its 95% interval; positive is better. {documented}"
        ).rstrip(),
        paper_note=(
            "Means over n seeds ± half of their 95% interval; against the baseline, the mean difference over the "
            f"seeds that both have (positive is better). {documented}"
        ).rstrip(),
        columns=tuple(part.column for part in parts),
        rows=tuple(tuple(part.cell(variant) for part in parts) for variant in summary.variants),
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """A column, and its cell in the row of a variant."""

    column: Column
    cell: Callable[[VariantSummary], Cell]


def _further(secondary: Secondary) -> _Part:
    column = Column(
        heading=" ".join(secondary.short),
        unit=secondary.quantity.unit,
        narrow="\n".join(secondary.short),
        full="\n".join(secondary.heading),
        spare=secondary.quantity.name,
    )
    return _Part(column, lambda variant: Cell.number(variant.metrics.get(secondary.metric), secondary.quantity))


def _documented(summary: StudySummary, measured: Quantity) -> list[_Part]:
    """The column of what the documents say of a metric, where they say anything of it."""

    def cell(variant: VariantSummary) -> Cell:
        values = variant.documented.values(measured.metric) if variant.documented else ()
        return Cell(text=measured.over_runs(values), value=fmean(values)) if values else Cell()

    return _if_documented(summary, measured.metric, _Part(_documented_column(measured.name, measured.unit), cell))


def _documented_parameters(summary: StudySummary) -> list[_Part]:
    def cell(variant: VariantSummary) -> Cell:
        count = variant.documented and variant.documented.parameters
        return Cell.count(count.total if count else None)

    return _if_documented(summary, record.PARAMETERS, _Part(_documented_column("parameters"), cell))


def _if_documented(summary: StudySummary, metric: str, part: _Part) -> list[_Part]:
    known = any(variant.documented.values(metric) for variant in summary.variants if variant.documented)
    return [part] if known else []


def _documented_column(name: str, unit: str = "") -> Column:
    heading = f"documented {name}"
    return Column(heading=heading, unit=unit, narrow="docu-\nmented", full="Documented", spare=heading)


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
        rows=tuple(_claim(judged) for judged in summary.claims),
        ruled=True,
    )


def _name(variant: VariantSummary, summary: StudySummary) -> Cell:
    levels = [named_levels(variant.levels)] if by_baseline(summary.study) else []
    return Cell(text=variant.label, details=tuple(levels), notes=(variant.id,))


def _against_baseline(variant: VariantSummary, measured: Quantity) -> Cell:
    if variant.difference is None:
        return Cell(text="baseline", value=0.0, emphasis="soft")
    return Cell.difference(variant.difference, measured)


def _claim(judged: ClaimVerdict) -> tuple[Cell, ...]:
    """In papers the difference in the unit of the claim's own metric; of a claim of size, the ratio."""
    needed: tuple[str, ...] = ()
    match judged:
        case StatisticalVerdict(deciding=deciding, endpoint=endpoint):
            measured = endpoint.quantity
            effect, interval, n = NOTHING, NOTHING, deciding.n
            if deciding.effect is not None:
                effect = f"{measured.signed(deciding.effect)} {measured.difference_unit}".rstrip()
            if deciding.interval is not None:
                interval = f"{measured.ends(deciding.interval)} ({percent(deciding.interval.confidence)})"
            adjusted = p_value(judged.adjusted_p_value)
            if judged.seeds_needed is not None:
                needed = (f"~{judged.seeds_needed:,} seeds in", "all would decide")
        case ExactVerdict(ratio=ratio, n=n):
            effect = NOTHING if ratio is None else f"{ratio:.2f} times"
            interval = adjusted = NOTHING
    return (
        Cell(text=judged.claim.text),
        Cell(text=judged.verdict, notes=needed, emphasis=judged.verdict),
        Cell(text=judged.sentence),
        Cell(text=effect),
        Cell(text=interval),
        Cell.count(n),
        Cell(text=adjusted),
    )


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
                Cell.count(number),
                Cell(text=names[step.component]),
                Cell.difference(reported_difference(step.gain, measured), measured),
                Cell.count(step.candidates),
                Cell.count(step.gain.n),
            )
            for number, step in enumerate(path.steps, start=1)
        ),
    )


def _note(path: AblationPath, names: dict[str, str], measured: Quantity) -> str:
    total = Cell.difference(reported_difference(path.total, measured), measured)
    interval = total.interval or "no interval"
    text = f"Improvement in {measured.name} over the whole way: {total.text} ({interval}, n = {path.total.n})."
    if path.unreached:
        text += f" Not reached: {', '.join(names[slug] for slug in path.unreached)}."
    return (
        text + " Each step is the best of its candidates; its interval allows for that, and not for the steps before."
    )
