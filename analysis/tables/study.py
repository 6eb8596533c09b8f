"""The tables of a study: its variants, and its claims."""

from collections.abc import Mapping
from statistics import fmean

from soundproof.analysis.notation.bounds import reported_difference
from soundproof.analysis.notation.labels import by_baseline, named_levels
from soundproof.analysis.notation.quantities import Quantity, p_value
from soundproof.analysis.prose.new_clips import disagreement
from soundproof.analysis.prose.questions import warnings
from soundproof.analysis.prose.study import documented_note, improving_networks
from soundproof.analysis.prose.without_listening import without_listening_words
from soundproof.analysis.summaries.ablation_path import AblationPath
from soundproof.analysis.summaries.clip_chance import NewClips
from soundproof.analysis.summaries.documented import BesideOurs
from soundproof.analysis.summaries.study import StudySummary, VariantSummary, odd_statuses
from soundproof.analysis.tables.model import NOTHING, Cell, Column, Table, columns
from soundproof.analysis.verdicts.sentences import percent, sentence
from soundproof.analysis.verdicts.verdicts import ClaimVerdict, ExactVerdict, StatisticalVerdict
from soundproof.common import record
from soundproof.search_spaces.ablation import Ablation


def study_tables(summary: StudySummary) -> tuple[Table, ...]:
    """The variants, what documents say of them, and the claims, where there are any; effects that are estimated."""
    claims = [claims_table(summary)] if summary.claims else []
    return (variants_table(summary), *documented_tables(summary), *claims, *estimates_tables(summary))


def variants_table(summary: StudySummary) -> Table:
    """One row for each variant, best first."""
    measured = summary.measured
    odd_ends = any(odd_statuses(variant) for variant in summary.variants)
    shown = [secondary for secondary in summary.secondary if secondary.shown]
    with_levels = by_baseline(summary.study)
    ours = bool(summary.preset)  # other programs' sources tell neither
    return Table(
        name="variants",
        title=f"{summary.study.id}: {measured.name}, {summary.where}",
        note=_variants_note(summary),
        paper_note=_variants_paper_note(summary),
        columns=(
            Column(heading="variant", role="name"),
            Column(heading="n", full="n"),
            Column(heading="mean", unit=measured.unit, full=sentence(measured.name), spread="±"),
            Column(
                heading="vs baseline", unit=measured.difference_unit, full="Against the baseline", spread="95% interval"
            ),
            *(
                Column(
                    heading=" ".join(secondary.short),
                    unit=secondary.quantity.unit,
                    narrow="\n".join(secondary.short),
                    full="\n".join(secondary.heading),
                    spare=secondary.quantity.name,
                )
                for secondary in shown
            ),
            *([Column(heading="parameters", narrow="para-\nmeters", spare="parameters")] if ours else []),
            *(
                [
                    Column(
                        heading="train",
                        unit="s",
                        full="Training",
                        spare="training seconds",
                        outputs=("terminal", "page"),
                    )
                ]
                if ours
                else []
            ),
            *([Column(heading="not completed", role="words", outputs=("terminal", "paper"))] if odd_ends else []),
        ),
        rows=tuple(
            (
                _name(variant, with_levels=with_levels),
                Cell.count(variant.estimate.n),
                Cell.mean(variant.estimate, measured),
                _against_baseline(variant, measured),
                *(Cell.number(variant.metrics.get(further.metric), further.quantity) for further in shown),
                *([Cell.count(variant.parameters), Cell.number(variant.train_seconds)] if ours else []),
                *([Cell(text=odd_statuses(variant))] if odd_ends else []),
            )
            for variant in summary.variants
        ),
    )


def _variants_note(summary: StudySummary) -> str:
    """What stands below the variants: how to read the numbers, and what would make them less than they look."""
    limits = without_listening_words(summary), improving_networks(summary)
    more = "".join(f" {sentence(told)}." for told in limits if told)
    return (
        "Means ± half of their 95% interval. Against the baseline: mean difference over the seeds that both have, "
        f"with its 95% interval; positive is better.{more}"
    )


def _variants_paper_note(summary: StudySummary) -> str:
    told = without_listening_words(summary)
    return (
        "Means over n seeds ± half of their 95% interval; against the baseline, the mean difference over the "
        f"seeds that both have (positive is better).{f' {sentence(told)}.' if told else ''}"
    )


def documented_tables(summary: StudySummary) -> tuple[Table, ...]:
    """A row for each number of a document: the values of its runs, and ours; no table where there are none."""
    rows = tuple(_documented(variant, beside) for variant in summary.measured_variants for beside in variant.beside)
    if not rows:
        return ()
    note = documented_note(summary)
    table = Table(
        name="documented",
        title=f"{summary.study.id}: documented and ours, {summary.where}",
        note=note,
        paper_note=note,
        columns=(
            Column(heading="variant", role="name"),
            Column(heading="measured", role="words"),
            Column(heading="documented"),
            Column(heading="ours", spread="±"),
            Column(heading="n", full="n"),
        ),
        rows=rows,
    )
    return (table,)


def _documented(variant: VariantSummary, beside: BesideOurs) -> tuple[Cell, ...]:
    measured, values, ours = beside.measured, beside.documented, beside.ours
    if measured.metric == record.PARAMETERS:
        numbers = Cell.count(round(values[0])), Cell.count(variant.parameters)
    else:
        numbers = Cell(text=measured.over_runs(values), value=fmean(values)), Cell.mean(ours, measured)
    return Cell(text=variant.label), Cell(text=measured.axis), *numbers, Cell.count(ours.n)


def claims_table(summary: StudySummary, clips: NewClips | None = None) -> Table:
    """One row for each claim: in the terminal with the sentence that explains its verdict, in papers with numbers.

    Where `clips` say that a difference is shown for new seeds or new clips alone, a line says so.
    """
    return Table(
        name="claims",
        title=f"{summary.study.id}: claims and verdicts, {summary.where}",
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
        rows=tuple(_claim(judged, summary.labels, clips) for judged in summary.claims),
        ruled=True,
    )


def estimates_tables(summary: StudySummary) -> tuple[Table, ...]:
    """A row for each effect that is estimated and not tested; no table where there are none."""
    if not summary.estimates:
        return ()
    measured = summary.measured
    note = (
        "How much more the first component improves things beside the second than without it. Means with their 95% "
        "intervals, each of which stands alone: what looks clear here is a claim for a study of its own."
    )
    confounded = any(effect.declared.confounded_with for effect in summary.estimates)
    table = Table(
        name="interactions",
        title=f"{summary.study.id}: interactions, estimated and not tested",
        note=note,
        paper_note=note,
        columns=(
            Column(heading="interaction", role="name"),
            Column(heading="effect", unit=measured.difference_unit, spread="95% interval"),
            Column(heading="n", full="n"),
            *([Column(heading="not told from", role="words")] if confounded else []),
        ),
        rows=tuple(
            (
                Cell(text=effect.declared.text),
                Cell.difference(effect.estimate, measured),
                Cell.count(effect.estimate.n),
                *([Cell(text=", ".join(effect.declared.confounded_with) or NOTHING)] if confounded else []),
            )
            for effect in summary.estimates
        ),
    )
    return (table,)


def _name(variant: VariantSummary, *, with_levels: bool) -> Cell:
    levels = [named_levels(variant.levels)] if with_levels else []
    return Cell(text=variant.label, details=tuple(levels), notes=(variant.id,))


def _against_baseline(variant: VariantSummary, measured: Quantity) -> Cell:
    if variant.difference is None:
        return Cell(text="baseline", value=0.0, emphasis="soft")
    return Cell.difference(variant.difference, measured)


def _claim(judged: ClaimVerdict, labels: Mapping[str, str], clips: NewClips | None) -> tuple[Cell, ...]:
    """In papers the difference in the unit of the claim's own metric; of a claim of size, the ratio."""
    needed: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    match judged:
        case StatisticalVerdict(deciding=deciding, endpoint=endpoint):
            measured = endpoint.quantity
            effect, interval, n = NOTHING, NOTHING, deciding.n
            if deciding.effect is not None:
                effect = f"{measured.signed(deciding.effect)} {measured.difference_unit}".rstrip()
            if deciding.interval is not None:
                interval = f"{measured.ends(deciding.interval)} ({percent(deciding.interval.confidence)})"
            adjusted = p_value(judged.adjusted_p_value)
            beside = warnings(judged, labels)
            if judged.seeds_needed is not None:
                needed = (f"~{judged.seeds_needed:,} seeds in", "all would decide")
        case ExactVerdict(ratio=ratio, n=n):
            effect = NOTHING if ratio is None else f"{ratio:.2f} times"
            interval = adjusted = NOTHING
    return (
        Cell(text=judged.claim.text),
        Cell(text=judged.verdict, notes=needed, emphasis=judged.verdict),
        Cell(text=judged.sentence, notes=(*beside, *disagreement(None if clips is None else clips.of(judged), clips))),
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
