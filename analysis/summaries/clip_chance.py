"""Two kinds of chance: whether the difference that decides a claim is shown for new seeds, and for new clips.

Verdicts speak of new seeds. Where all seeds test on the same clips, those clips are a sample too: of 6 speakers, say.
For the pair that decides each claim there stands here the interval over new seeds beside the one over new speakers
(recordings, clips), of the same number: how much better the first variant is on the test split.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from soundproof.analysis.notation.bounds import reported_difference
from soundproof.analysis.notation.quantities import Quantity, least_deviation
from soundproof.analysis.records.trials import Results
from soundproof.analysis.statistics.block_bootstrap import Bootstrapped, block_bootstrap
from soundproof.analysis.statistics.clustered_ratios import ClusteredRatio
from soundproof.analysis.statistics.intervals import Estimate, FloatArray, Interval
from soundproof.analysis.statistics.matched_pairs import matched_pairs_test, mcnemar_p_value, segment_errors
from soundproof.analysis.statistics.two_chances import HoldsFor, both_anew, holds_for, seeds_interval, seeds_p_value
from soundproof.analysis.summaries.clip_slices import ApartClip, Slice, clips_apart, over_groups, slices
from soundproof.analysis.summaries.fixed_split import FixedSplit, Grouping, load_fixed_split
from soundproof.analysis.summaries.study import StudySummary
from soundproof.analysis.verdicts.verdicts import ClaimVerdict, StatisticalVerdict
from soundproof.common import record

ERROR = 0.05
"""The chance that any interval of a study's pairs misses, shared out among the pairs; of either kind of chance."""

BOOTSTRAP_SEED = 20_261_122
"""A constant, so that the same records give the same report."""

Pair = tuple[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class SeedTest:
    """The field's own test of the two runs of one seed: matched pairs of segments, of classes McNemar's."""

    seed: int
    p_value: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipChance:
    """One pair on the test split. `effect` is the improvement of the first variant over the second.

    `over_seeds` and `over_clips` are its intervals, each with the other kind of chance held as it is; `over_both` has
    both anew. p values are two-sided, of no difference at all. `degrees_of_freedom` are those of the
    interval over clips. Neither the tests of single seeds nor the bootstrap decide anything.
    """

    first: str
    second: str
    seeds: tuple[int, ...]
    effect: float
    over_seeds: Interval | None
    p_over_seeds: float | None
    over_clips: Interval | None
    p_over_clips: float | None
    degrees_of_freedom: float | None
    over_both: Interval | None
    holds_for: HoldsFor
    seed_tests: tuple[SeedTest, ...]
    bootstrap: Bootstrapped | None
    slices: tuple[Slice, ...]
    clips_apart: tuple[ApartClip, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class NewClips:
    """The pairs that decide the claims of a study, on the test split that its trials have in common.

    `measured` is what they are compared by, `grouping` what a new split would have others of, `groups` their number
    among `clips`, `alone` of them being single clips of which it is not known. All intervals have one `confidence`.
    """

    measured: Quantity
    grouping: Grouping
    groups: int
    alone: int
    clips: int
    confidence: float
    looked_once: bool
    pairs: Mapping[Pair, ClipChance]

    def of(self, judged: ClaimVerdict) -> ClipChance | None:
        """What there is of the pair that decides a claim."""
        if not isinstance(judged, StatisticalVerdict):
            return None
        return self.pairs.get((judged.deciding.first, judged.deciding.second))


def new_clips(summary: StudySummary, records: Results) -> NewClips | None:
    """Read the predictions of the variants that decide claims; None where trials have no test clips in common.

    Claims that a contrast of many variants decides are left out: its sides are no variants.
    """
    judged = [claim for claim in summary.claims if isinstance(claim, StatisticalVerdict)]
    decided = dict.fromkeys((claim.deciding.first, claim.deciding.second) for claim in judged)
    pairs = tuple(pair for pair in decided if summary.labels.keys() >= set(pair))
    split = load_fixed_split(records, tuple(dict.fromkeys(variant for pair in pairs for variant in pair)))
    return None if split is None else compare_on_clips(split, pairs, looked_once=summary.looked_once)


def compare_on_clips(split: FixedSplit, pairs: tuple[Pair, ...], *, looked_once: bool) -> NewClips | None:
    """The pairs of variants that have two seeds or more in common; None where none has.

    `looked_once` says that the number of seeds was fixed before any data: else the interval over seeds is one that is
    valid however often it was looked at. The clips were there from the start.
    """
    wanted = [pair for pair in pairs if len(split.common_seeds(*pair)) >= 2]
    if not wanted:
        return None
    confidence = 1 - ERROR / len(wanted)
    return NewClips(
        measured=split.measured,
        grouping=split.grouping,
        groups=split.group_count,
        alone=split.alone,
        clips=len(split.clips),
        confidence=confidence,
        looked_once=looked_once,
        pairs={pair: clip_chance(split, *pair, confidence, looked_once=looked_once) for pair in wanted},
    )


def clip_chance(split: FixedSplit, first: str, second: str, confidence: float, *, looked_once: bool) -> ClipChance:
    """One pair of variants with at least two seeds in common."""
    seeds, differences = split.common_seeds(first, second), split.differences(first, second)
    least = least_deviation(1 / float(split.sizes.sum()))
    by_seed = differences.sum(axis=1) / split.sizes.sum()
    found = seeds_interval(by_seed, confidence, least, looked_once=looked_once)
    over_seeds = reported_difference(found, split.measured).interval
    ratio = over_groups(differences, split.sizes, split.groups)
    over_new_clips = _possible(ratio, split.measured, confidence)
    over_both = None
    if over_seeds is not None and over_new_clips is not None:
        over_both = both_anew(ratio.value, over_seeds, over_new_clips)
    return ClipChance(
        first=first,
        second=second,
        seeds=seeds,
        effect=ratio.value,
        over_seeds=over_seeds,
        p_over_seeds=seeds_p_value(by_seed, least, looked_once=looked_once),
        over_clips=over_new_clips,
        p_over_clips=ratio.p_value(),
        degrees_of_freedom=None if ratio.standard_error is None else ratio.degrees_of_freedom,
        over_both=over_both,
        holds_for=holds_for(over_seeds, over_new_clips, over_both),
        seed_tests=_seed_tests(split, first, second),
        bootstrap=_bootstrap(split, differences, confidence),
        slices=slices(split, first, second, looked_once=looked_once),
        clips_apart=clips_apart(split, first, second),
    )


def _possible(ratio: ClusteredRatio, measured: Quantity, confidence: float) -> Interval | None:
    """The interval over new groups, within what differences can be."""
    estimate = Estimate(value=ratio.value, interval=ratio.interval(confidence), n=max(3, ratio.clusters))
    return reported_difference(estimate, measured).interval


def _seed_tests(split: FixedSplit, first: str, second: str) -> tuple[SeedTest, ...]:
    test = _mcnemar if split.measured.metric.endswith(record.ACCURACY) else _matched_pairs
    return tuple(
        SeedTest(seed=seed, p_value=test(split, first, second, seed)) for seed in split.common_seeds(first, second)
    )


def _mcnemar(split: FixedSplit, first: str, second: str, seed: int) -> float | None:
    differences = split.errors[second][seed] - split.errors[first][seed]
    return mcnemar_p_value(int((differences > 0).sum()), int((differences < 0).sum()))


def _matched_pairs(split: FixedSplit, first: str, second: str, seed: int) -> float | None:
    answers = zip(split.clips, split.answers[first][seed], split.answers[second][seed], strict=True)
    segments = [pair for clip, one, other in answers for pair in segment_errors(clip.reference, one, other)]
    return matched_pairs_test(np.array([one - other for one, other in segments], dtype=np.int64)).p_value


def _bootstrap(split: FixedSplit, differences: FloatArray, confidence: float) -> Bootstrapped | None:
    """Of word errors alone, where it is what the field reports."""
    if split.measured.metric.endswith(record.ACCURACY):
        return None
    generator = np.random.default_rng(BOOTSTRAP_SEED)
    return block_bootstrap(differences.mean(axis=0), split.sizes, split.groups, generator, confidence)
