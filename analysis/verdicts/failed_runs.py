"""Runs that did not train, counted and tested as a share of their own, beside the means of those that did."""

from collections.abc import Sequence
from dataclasses import dataclass

from scipy import stats

from soundproof.analysis.notation.quantities import Endpoint
from soundproof.analysis.statistics.intervals import Interval
from soundproof.analysis.statistics.untrained import unseen_share
from soundproof.analysis.verdicts.outcomes import Outcomes

CONFIDENCE = 0.95


@dataclass(frozen=True, kw_only=True, slots=True)
class FailureShare:
    """How many runs of a variant failed to train: `lost` ended without a number, `untrained` far beyond all others.

    `interval` is the exact one of Clopper and Pearson (1934) for the share of new seeds that would.
    """

    variant: str
    lost: int
    untrained: int
    seeds: int
    interval: Interval

    @property
    def failed(self) -> int:
        """Both together."""
        return self.lost + self.untrained


@dataclass(frozen=True, kw_only=True, slots=True)
class FailedRuns:
    """The shares of the variants in a comparison; Fisher's exact two-sided p value that two of them are the same share.

    `unseen` is the share of failures that the seeds without any leave open, at 95%: of the variant with the fewest.
    """

    shares: tuple[FailureShare, ...]
    p_value: float | None
    unseen: float

    @property
    def any(self) -> bool:
        """Whether any run failed."""
        return any(share.failed for share in self.shares)


def failed_runs(outcomes: Outcomes, variants: Sequence[str], endpoint: Endpoint) -> FailedRuns:
    """The failures of the variants over the seeds of each that count."""
    shares = tuple(_share(outcomes, variant, endpoint) for variant in variants)
    clean = min((share.seeds for share in shares if not share.failed), default=0)
    p_value = None
    if len(shares) == 2 and all(share.seeds for share in shares):
        p_value = float(stats.fisher_exact([[share.failed, share.seeds - share.failed] for share in shares]).pvalue)
    return FailedRuns(shares=shares, p_value=p_value, unseen=unseen_share(clean))


def _share(outcomes: Outcomes, variant: str, endpoint: Endpoint) -> FailureShare:
    seeds = outcomes.counted(variant)
    lost = seeds - len(outcomes.values(variant, endpoint.quantity.metric))
    untrained = len(outcomes.untrained(variant, endpoint))
    failed = lost + untrained
    tail = (1 - CONFIDENCE) / 2
    low = float(stats.beta.ppf(tail, failed, seeds - failed + 1)) if failed else 0.0
    high = float(stats.beta.isf(tail, failed + 1, seeds - failed)) if failed < seeds else 1.0
    interval = Interval(low=low, high=high, confidence=CONFIDENCE)
    return FailureShare(variant=variant, lost=lost, untrained=untrained, seeds=seeds, interval=interval)
