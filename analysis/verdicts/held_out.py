"""The groups that seeds held out, and what they make of a difference: for new ones, for these, and over seeds alone."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from soundproof.analysis.statistics.intervals import Estimate
from soundproof.analysis.statistics.looks import Looks, blocked_looks, grouped_looks, last_interval, paired_looks
from soundproof.analysis.verdicts.evidence import Evidence

CONFIDENCE = 0.95


@dataclass(frozen=True, kw_only=True, slots=True)
class GroupView:
    """One question put to the same differences: mean with its 95% interval, two-sided p value of no difference.

    As for a single look; `freedom` are its degrees of freedom.
    """

    estimate: Estimate
    p_value: float
    freedom: float


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldOutGroups:
    """What validated the differences of a pair: mean difference and number of seeds of each group, by its name.

    `new` asks about groups that might as well have been held out, `these` about those that were, `seeds` takes every
    seed for an independent sample, as if groups did not come again.
    """

    means: Mapping[str, float]
    seeds_of: Mapping[str, int]
    new: GroupView
    these: GroupView
    seeds: GroupView


def held_out_groups(evidence: Evidence) -> HeldOutGroups | None:
    """The groups of a pair's evidence; None where no seed held out another than the rest."""
    if not evidence.groups:
        return None
    differences, least = evidence.differences, evidence.least_deviation
    by_group: dict[str, list[float]] = {}
    for group, difference in zip(evidence.groups, differences.tolist(), strict=True):
        by_group.setdefault(group, []).append(difference)
    return HeldOutGroups(
        means={group: float(np.mean(values)) for group, values in by_group.items()},
        seeds_of={group: len(values) for group, values in by_group.items()},
        new=_view(
            grouped_looks(differences, evidence.groups, least_deviation=least, shared_training=evidence.shared_training)
        ),
        these=_view(blocked_looks(differences, evidence.groups, least)),
        seeds=_view(paired_looks(differences, least)),
    )


def _view(looks: Looks) -> GroupView:
    below, above = float(looks.tails(0.0)[-1]), float(looks.mirrored().tails(0.0)[-1])
    p_value = min(1.0, 2 * min(below, above))
    return GroupView(estimate=last_interval(looks, CONFIDENCE), p_value=p_value, freedom=float(looks.freedom[-1]))
