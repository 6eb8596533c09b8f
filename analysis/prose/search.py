"""The prose of a search's report: what was found, how it was found, and what to keep in mind about it."""

from collections.abc import Mapping

from soundproof.analysis.notation.quantities import Quantity
from soundproof.analysis.prose.caveats import still_improving
from soundproof.analysis.prose.declared import late_words
from soundproof.analysis.records.spec_parameters import Scalar
from soundproof.analysis.statistics.intervals import Estimate
from soundproof.analysis.summaries.choices import choice_words
from soundproof.analysis.summaries.confirmation import Confirmation, Confirmed
from soundproof.analysis.summaries.costs import duration
from soundproof.analysis.summaries.search import REPEATED, SearchSummary
from soundproof.analysis.verdicts.sentences import percent
from soundproof.common import record
from soundproof.common.counting import counted

HOW_TO_CONFIRM = "To train the best few again, give the command of the search once more, with --confirm 3"


def search_answer(summary: SearchSummary) -> str:
    """What the search found, in a sentence; nothing of its own best number unless fresh seeds stand beside it."""
    winner = summary.confirmation.winner
    if winner is not None:
        return _found(summary, winner)
    if summary.confirmation.variants:
        return (
            "No confirmed variant can be judged: too many of their trials on fresh seeds ended without a comparable "
            "number, and those that survive are a selection."
        )
    return "Nothing is confirmed yet, so there is no result."


def search_reservations(summary: SearchSummary) -> str:
    """What to keep in mind about the answer."""
    winner = summary.confirmation.winner
    if winner is not None:
        return f"{_flattered(summary, winner)} {told_apart(summary.confirmation)}"
    if summary.confirmation.variants:
        return "So there is no result yet."
    return (
        "The best of many noisy numbers is best partly by luck, and only fresh seeds tell by how much. "
        f"{HOW_TO_CONFIRM}."
    )


def told_apart(confirmation: Confirmation) -> str:
    """Whether the winner can be told from the other confirmed variants."""
    pairs = confirmation.against_winner
    looks = "" if confirmation.looked_once else " that hold however often one looks"
    test = f"paired tests over the shared seeds{looks}, Holm's correction over all pairs, 5%"
    alike = [pair for pair in pairs if not pair.apart]
    if not pairs:
        return "No other confirmed variant can be judged beside it."
    if not alike:
        return f"It can be told apart from {_others(len(pairs))} ({test})."
    if len(alike) == len(pairs):
        others = "the other confirmed one" if len(pairs) == 1 else f"any of the {len(pairs)} others confirmed"
        return f"It is not told apart from {others} ({test}): which of them is best remains open."
    return f"It is not told apart from {len(alike)} of the {len(pairs)} others confirmed ({test})."


def search_facts(summary: SearchSummary) -> tuple[str, ...]:
    """What was done, sentence by sentence."""
    saved = summary.savings
    facts = [
        f"Sampler {summary.records.sampler}, scheduler {summary.records.scheduler}, search “{summary.records.search}”.",
        f"{_objectives(summary)}.",
        f"{_trials_ended(summary)}.",
        _rejections(summary.records.rejected),
    ]
    if saved.trials:
        facts.append(
            f"{saved.epochs_trained:,} epochs were trained where {counted(saved.trials, 'trial')} in full would have "
            f"taken {saved.epochs_in_full:,}."
        )
    facts.append(_pruning(summary))
    reused = sum(trial.record.reused for trial in summary.trials)
    if reused:
        facts.append(f"{counted(reused, 'trial')} taken over from elsewhere: no epoch of theirs is counted here.")
    return tuple(facts)


def importance_left_out(summary: SearchSummary) -> str:
    """What the importance of choices does not rest on: `34 pruned trials were left out`."""
    counts = summary.importance.left_out
    if not counts:
        return ""
    parts = [
        counted(count, f"{why} trial")
        if why in record.STATUSES or why == REPEATED
        else f"{counted(count, 'trial')} {why}"
        for why, count in counts.items()
    ]
    return f"{', '.join(parts)} {'was' if sum(counts.values()) == 1 else 'were'} left out."


def search_caveats(summary: SearchSummary) -> tuple[str, ...]:
    """What limits these results."""
    confirmation, records = summary.confirmation, summary.records
    notes = [
        f"corpus {records.corpus}, preset {records.preset}: other data and other sizes may answer differently",
        "a search finds what is good among what it tried; that nothing better is in the space, it cannot show",
        "the search trained every variant on the same seed, so its own numbers carry the luck of that seed; they are "
        "called optimistic wherever they are shown",
        *(f"of the corpus: {remark}" for remark in records.corpus_remarks),
    ]
    compared = [
        (trial.record.best_epoch, trial.record.trained_epochs)
        for trial in summary.compared
        if trial.record.recipe.get("keep") != "last"
    ]
    improving = still_improving(compared, records.preset)
    if improving is not None:
        notes.append(improving)
    fit = [variant for variant in confirmation.variants if not variant.unfit]
    if len(fit) > 1:
        notes.append(
            f"the first of {len(fit)} confirmed variants is picked by the mean over its fresh seeds, which flatters it "
            "a little still, the more the less they can be told apart"
        )
    if records.declared is not None and records.declared.reasons and confirmation.pairs:
        notes.append(f"of the number of fresh seeds: {late_words(records.declared)}")
    if len({variant.estimate.n for variant in fit}) > 1:
        notes.append("confirmed variants have unequally many seeds: their means are not over the same ones")
    if summary.savings.pruned:
        notes.append(
            "trials that the scheduler stopped have no value: their numbers on the way enter no statistic and no figure"
        )
    return tuple(notes)


def choices_words(choices: Mapping[str, Scalar], names: Mapping[str, str]) -> str:
    """An assignment on one line: `layers 3 · cell gru`; `names` shortens what it knows."""
    return " · ".join(f"{names.get(name, name)} {choice_words(value)}" for name, value in sorted(choices.items()))


def _found(summary: SearchSummary, winner: Confirmed) -> str:
    count = len(summary.confirmation.variants)
    among = "The one confirmed variant" if count == 1 else f"The best of {count} confirmed variants"
    return f"{among}, {winner.variant}, has a {summary.measured.name} of {_mean(winner.estimate, summary.measured)}."


def _mean(estimate: Estimate, measured: Quantity) -> str:
    assert estimate.value is not None
    seeds = counted(estimate.n, "fresh seed")
    if estimate.interval is None:
        few = "which shows no spread" if estimate.n < 2 else "too few for an interval"
        return f"{measured.level(estimate.value)} on {seeds}, {few}"
    ends = f"{measured.ends(estimate.interval)}{'' if measured.is_share else ' '}{measured.unit}".rstrip()
    confidence = percent(estimate.interval.confidence)
    return f"{measured.level(estimate.value)} on average over {seeds} ({confidence} interval {ends})"


def _flattered(summary: SearchSummary, winner: Confirmed) -> str:
    measured = summary.measured
    if winner.own is None or winner.optimism is None:
        return "The search's own number for it is not in the record."
    seen = f"The search itself had seen {measured.level(winner.own)}"
    if winner.optimism > 0:
        return f"{seen}, too good by {measured.amount(winner.optimism)}: the luck that it was picked for."
    return f"{seen}, which fresh seeds bear out: they are {measured.amount(-winner.optimism)} better on average."


def _objectives(summary: SearchSummary) -> str:
    named = [f"{measured.name} ({measured.direction})" for measured in summary.objectives]
    if len(named) == 1:
        return f"Objective: {named[0]}"
    return f"Objectives: {', '.join(named)}; confirmed variants are ranked by the first"


def _trials_ended(summary: SearchSummary) -> str:
    wanted = summary.records.asked
    asked = "a number of trials not recorded" if wanted is None else counted(wanted, "trial")
    ended = ", ".join(f"{count:,} {status.replace('_', ' ')}" for status, count in summary.statuses.items())
    return f"Asked for {asked}; ended: {ended or 'none'}"


def _rejections(rejected: Mapping[str, int]) -> str:
    total = sum(rejected.values())
    if not total:
        return "No sample was turned down by a constraint."
    reasons = "; ".join(f"{reason} ({count:,})" for reason, count in rejected.items())
    return f"{counted(total, 'sample')} turned down before costing anything: {reasons}."


def _pruning(summary: SearchSummary) -> str:
    saved = summary.savings
    if not saved.pruned:
        return "No trial was stopped by the scheduler."
    text = f"Stopping {counted(saved.pruned, 'trial')} early saved {saved.epochs_pruned:,} epochs"
    if saved.share_pruned is not None:
        text += f", {100 * saved.share_pruned:.0f}% of all"
    if saved.seconds_pruned_estimated is None:
        return f"{text}; no epoch of theirs has a recorded time, so the seconds cannot be estimated."
    untimed = (
        f" ({counted(saved.pruned_without_time, 'trial')} without a recorded time left out)"
        if saved.pruned_without_time
        else ""
    )
    return (
        f"{text}; that is about {duration(saved.seconds_pruned_estimated)} of training, taking each trial's remaining "
        f"epochs to last as long as its own did on average{untimed}."
    )


def _others(count: int) -> str:
    return "the other confirmed one" if count == 1 else f"each of the {count} others confirmed"
