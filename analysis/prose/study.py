"""The report's prose about a whole study: the answer up front, and what to keep in mind about it."""

from collections.abc import Iterator

from soundproof.analysis.notation.bounds import LEAST_SEEDS
from soundproof.analysis.notation.labels import by_baseline, in_quotes, quoted
from soundproof.analysis.prose.caveats import still_improving
from soundproof.analysis.prose.declared import late_words
from soundproof.analysis.prose.without_listening import without_listening_words
from soundproof.analysis.statistics.paired_tests import smallest_signed_rank_p_value
from soundproof.analysis.summaries.splits import SplitUse
from soundproof.analysis.summaries.study import StudySummary, VariantSummary
from soundproof.analysis.verdicts.evidence import FIRST_LOOK
from soundproof.analysis.verdicts.sentences import seeds_words, sentence
from soundproof.analysis.verdicts.verdicts import Verdict
from soundproof.common.counting import counted
from soundproof.search_spaces.presets import caveats_at
from soundproof.search_spaces.studies import Study

MOST_NAMED = 3
"""The claims of either verdict that the answer names."""


def answer(summary: StudySummary) -> str:
    """The answer to the study's question, in one sentence."""
    return sentence(f"{_leader(summary)}; {_tally(summary)}.")


def method_notes(summary: StudySummary) -> tuple[str, ...]:
    """What limits these results beyond the study's own caveats."""
    improving = improving_networks(summary)
    remarks = (f"of the corpus: {remark}" for remark in summary.corpus_remarks)
    of_trials = (
        *_seed_notes(summary),
        *([improving] if improving else []),
        *_split_notes(summary),
        *_judged_by_test(summary),
    )
    listening = without_listening_words(summary)
    notes = [*([listening] if listening else []), *remarks, *_size_notes(summary), *of_trials]
    missing = sum(
        count
        for variant in summary.variants
        for status, count in variant.statuses.items()
        if status in ("diverged", "failed", "interrupted", "pruned")
    )
    if missing:
        notes.append(
            f"{counted(missing, 'trial')} ended without a comparable number and "
            f"{'are' if missing > 1 else 'is'} left out with the seed's pairs: if the hard seeds are those that end "
            "so, the rest flatters the variant"
        )
    reused = sum(variant.reused for variant in summary.variants)
    if reused:
        taken_over = counted(reused, "trial")
        notes.append(f"{taken_over} taken over from another study or variant with the same specification")
    return tuple(notes)


def documented_note(summary: StudySummary) -> str:
    """Of which data the documented numbers of the study are, which are not those of its trials."""
    found = [variant.documented for variant in summary.variants if variant.documented is not None]
    data = dict.fromkeys(sentence(f"{numbers.corpus}; {numbers.split}") for numbers in found)
    notes = dict.fromkeys(f" {sentence(numbers.note)}." for numbers in found if numbers.note)
    return (
        "Documented values are of single runs at the documented sizes and epochs, on a corpus and a split of the "
        f"documents: {' and '.join(data)}.{''.join(notes)} Ours are means over n seeds ± half of their 95% interval."
    )


def improving_networks(summary: StudySummary) -> str | None:
    """That most trials were still getting better when they ended, where they were."""
    trials = [trial for trial in summary.costs.trials if trial.recipe.get("keep") != "last"]
    ends = [(trial.best_epoch, trial.trained_epochs or None) for trial in trials]
    return still_improving(ends, summary.preset)


def _size_notes(summary: StudySummary) -> tuple[str, ...]:
    """What the preset makes alike of what the study declares to differ."""
    return caveats_at(summary.study, summary.preset) if isinstance(summary.study, Study) else ()


def _seed_notes(summary: StudySummary) -> Iterator[str]:
    count = len(summary.seeds)
    if summary.declared is not None and summary.declared.reasons:
        yield late_words(summary.declared)
    elif not summary.looked_once:
        yield (
            "verdicts hold however often the data were looked at, because seeds were added while results were known or "
            "are still missing; for the same number of seeds this needs clearer differences than seeds fixed beforehand"
        )
    if not summary.looked_once and count < FIRST_LOOK:
        yield f"fewer than {FIRST_LOOK} seeds: nothing can be decided so far"
    elif count < 2:
        yield "fewer than two seeds: nothing can be decided, because one run shows no spread"
    if count == 2:
        yield f"only 2 seeds: too few for intervals, which are shown from {LEAST_SEEDS} on"
    elif LEAST_SEEDS <= count < 6:
        yield (
            f"only {count} seeds: intervals are wide and rest on a rough guess of the spread; a test by the order of "
            "the differences alone, which needs no such guess (Wilcoxon's signed-rank test, beside the comparisons in "
            f"numbers), cannot give less than p = {smallest_signed_rank_p_value(count):.2g}"
        )


def _judged_by_test(summary: StudySummary) -> Iterator[str]:
    """Variants whose recipe validates on the test split, as some documents do."""
    named = {trial.variant for trial in summary.costs.trials if trial.recipe.get("validate_on") == "test"}
    if named:
        who = (
            "all variants"
            if len(named) == len(summary.variants)
            else ", ".join(quoted(variant, summary.labels) for variant in summary.labels if variant in named)
        )
        yield (
            f"as documented, {who} validated on the test clips: what is called validation there is the test, by which "
            "epochs were judged too, and flatters"
        )


def _split_notes(summary: StudySummary) -> Iterator[str]:
    labels = summary.labels
    for split in summary.splits:
        of = "" if split.every else " of " + ", ".join(quoted(variant, labels) for variant in split.variants)
        match split.kind:
            case "FoldSplit" | "GroupFoldSplit":
                yield from _fold_notes(summary, split, of)
            case "ClassSplit":
                yield _pairs_note(split, of)
            case "RandomSplit":
                yield (
                    f"the split{of} draws clips one by one, whatever recording or speaker they come from: pieces of "
                    "one recording fall on both sides, which leaks, and the numbers flatter what a network would do "
                    "on recordings that it has never heard"
                )
                if split.drawn_once:
                    yield (
                        f"the split{of} is the same for all seeds: the spread between them does not show what another "
                        "draw would change"
                    )


def _pairs_note(split: SplitUse, of: str) -> str:
    """What was asked of how many pairs; seeds whose validation side has other classes compare other pairs."""
    number = ""
    if split.pairs is not None:
        least, most = split.pairs
        number = f" ({f'{least:,}' if least == most else f'{least:,} to {most:,}'} pairs a seed)"
    return (
        f"the split{of} holds out whole classes: pairs of clips from classes that training never saw are compared by "
        f"the cosine of their embeddings{number}; pairs of a seed share clips, so its equal error rate is less certain "
        "than so many independent pairs would make it"
    )


def _fold_notes(summary: StudySummary, split: SplitUse, of: str) -> Iterator[str]:
    count = "" if split.folds is None else f"{split.folds} "
    yield (
        f"the seeds{of} are turns of a cross-validation by {count}folds: two of them train on clips that they share, "
        "so they are no independent samples, and the spread between them understates the uncertainty (no estimate of "
        "it is free of that: Bengio and Grandvalet, Journal of Machine Learning Research 5, 2004)"
    )
    seeds = len(summary.seeds)
    if split.folds is not None and seeds > split.folds:
        yield (
            f"{seeds} seeds are more than the {split.folds} folds{of}, so folds come again with another "
            "initialisation: further seeds narrow the intervals, and bring no clip that was not tested on before"
        )


def _tally(summary: StudySummary) -> str:
    """Which claims are decided, by name, and how many are not."""
    total = len(summary.claims)
    if total == 0:
        return "the study tests no claims"
    decided: tuple[Verdict, ...] = ("supported", "contradicted", "negligible")
    named = [f"{verdict}: {names}" for verdict in decided if (names := _claims_named(summary, verdict))]
    undecided = sum(claim.verdict == "undecided" for claim in summary.claims)
    if undecided == total:
        return "the one claim under test is undecided" if total == 1 else f"all {total} claims under test are undecided"
    if undecided:
        named.append(f"{undecided} of {total} claims under test {'is' if undecided == 1 else 'are'} undecided")
    return "; ".join(named)


def _claims_named(summary: StudySummary, verdict: Verdict) -> str:
    texts = [in_quotes(judged.claim.text.rstrip(".")) for judged in summary.claims if judged.verdict == verdict]
    more = len(texts) - MOST_NAMED
    return ", ".join(texts[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _leader(summary: StudySummary) -> str:
    measured = summary.measured_variants
    if not measured:
        return "no trial has completed yet"
    best = measured[0]
    name = quoted(best.id, summary.labels)
    if best.difference is None:
        baseline = name if by_baseline(summary.study) else f"the baseline, {name},"
        return f"no variant does better on average than {baseline} on the seeds they share"
    return f"{name} comes first" if best.difference.value is None else f"{name} comes first, {_lead(summary, best)}"


def _lead(summary: StudySummary, best: VariantSummary) -> str:
    difference = best.difference
    assert difference is not None
    assert difference.value is not None
    measured = summary.measured
    word = measured.better if difference.value >= 0 else measured.worse
    runs = seeds_words(difference.n, paired=summary.paired)
    lead = f"{measured.amount(abs(difference.value))} {word} than the baseline on {runs}"
    if measured.is_nothing(difference.value):
        return f"with the same {measured.name} as the baseline to the digits shown, on {runs}"
    interval = difference.interval
    if interval is None:
        return f"{lead}, too few to tell"
    matters = summary.endpoint.what_matters
    if interval.low > 0 and matters is None:
        return f"{lead}, more than chance explains"
    if interval.low > summary.margin:
        return f"{lead}, clearly more than {matters}"
    if interval.low > 0:
        return f"{lead}, though perhaps by less than {matters}"
    return f"{lead}, which chance alone could explain"
