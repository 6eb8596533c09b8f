"""Beside a verdict about the mean of runs that train: what the same runs say of other questions, and of what groups."""

from collections.abc import Iterator, Mapping

from soundproof.analysis.notation.labels import quoted
from soundproof.analysis.notation.quantities import Quantity, p_value
from soundproof.analysis.verdicts.failed_runs import FailedRuns, FailureShare
from soundproof.analysis.verdicts.held_out import GroupView, HeldOutGroups
from soundproof.analysis.verdicts.verdicts import StatisticalVerdict
from soundproof.common.counting import counted

MOST_NAMED = 12
"""Groups that a sentence names; of more, their number."""


def warnings(judged: StatisticalVerdict, labels: Mapping[str, str]) -> tuple[str, ...]:
    """What a reader of the verdict alone would get wrong: failures, and a typical run that says something else."""
    found = []
    if judged.failed_runs.any:
        found.append(_failures(judged.failed_runs, labels))
    if judged.questions_differ:
        found.append(
            f"Of most seeds the opposite holds: for the typical run, failures included, the claim is {judged.typical} "
            "(sign test, which holds for any distribution)."
        )
    return tuple(found)


def notes(judged: StatisticalVerdict, labels: Mapping[str, str]) -> tuple[str, ...]:
    """What the verdict holds for: warnings, the other two questions, and the groups that seeds held out."""
    return (*warnings(judged, labels), *_other_questions(judged), *_groups(judged))


def _failures(failed: FailedRuns, labels: Mapping[str, str]) -> str:
    shares = " and ".join(_share(share, labels) for share in failed.shares if share.failed)
    same = "" if failed.p_value is None else f" That both fail as often has p = {p_value(failed.p_value)}."
    return (
        f"{shares} did not train. They enter no mean: what is shown is about runs that train, and holds, too, where "
        f"they count with what they reached, or as the worst run seen.{same}"
    )


def _share(share: FailureShare, labels: Mapping[str, str]) -> str:
    low, high = share.interval.low, share.interval.high
    of = f"{share.failed} of {counted(share.seeds, 'run')} of {quoted(share.variant, labels)}"
    return f"{of} (95% interval {low:.0%} to {high:.0%})"


def _other_questions(judged: StatisticalVerdict) -> Iterator[str]:
    if judged.verdict == "undecided":
        return
    if not judged.questions_differ:
        as_well = " as well" if judged.typical == judged.verdict else ""
        yield f"For the typical run (better on most seeds, failures included) it is {judged.typical}{as_well}."
    if judged.failed_runs.any:
        return
    unseen = f"{judged.failed_runs.unseen:.0%}"
    if judged.all_runs == judged.verdict:
        yield f"It holds for the mean of all runs, too: a share of failures above {unseen} would have shown by now."
    else:
        yield (
            f"It speaks of runs that train. None failed so far, which leaves a share of failures of up to {unseen} "
            f"open: of the mean of all runs nothing is said before {judged.clean_seeds} clean seeds."
            if judged.all_runs == "undecided"
            else f"It speaks of runs that train; for the mean of all runs it is {judged.all_runs}."
        )


def _groups(judged: StatisticalVerdict) -> Iterator[str]:
    groups = judged.deciding.groups
    if groups is None:
        return
    yield f"Seeds held out {_named(groups, judged.endpoint.quantity)}."
    new = judged.speaks_for == "new groups"
    of = "new ones of the kind" if new else "these and no others"
    yield (
        f"The verdict speaks for {of}. No difference at all would have, for new ones, {_view(groups.new)}; for these "
        f"alone, {_view(groups.these)}; and with every seed taken for an independent sample, {_view(groups.seeds)}."
    )


def _named(groups: HeldOutGroups, measured: Quantity) -> str:
    if len(groups.means) > MOST_NAMED:
        return f"{len(groups.means)} different groups"
    return ", ".join(
        f"“{group}” ({counted(groups.seeds_of[group], 'seed')}: {_effect(mean, measured)})"
        for group, mean in groups.means.items()
    )


def _effect(mean: float, measured: Quantity) -> str:
    return f"{measured.signed(mean)} {measured.difference_unit}".rstrip()


def _view(view: GroupView) -> str:
    if view.estimate.interval is None:
        return "no p value, since no group came twice"
    return f"p = {p_value(view.p_value)} with {view.freedom:.3g} degrees of freedom"
