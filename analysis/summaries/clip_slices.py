"""Where on a fixed test split two variants differ: slices of its clips, and the single clips that set them apart."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from soundproof.analysis.notation.quantities import least_deviation, number
from soundproof.analysis.records.predictions import Classified
from soundproof.analysis.statistics.clustered_ratios import ClusteredRatio, cluster_sums, clustered_ratio
from soundproof.analysis.statistics.intervals import FloatArray, IntegerArray
from soundproof.analysis.statistics.multiple_comparisons import holm
from soundproof.analysis.statistics.two_chances import seeds_p_value
from soundproof.analysis.summaries.fixed_split import FixedSplit, numbered

SliceKind = Literal["speaker", "class", "duration", "signal to noise"]

MOST_OF_A_KIND = 60
"""Slices of a kind, those with the most clips: their number is known before any answer is."""
LEAST_CLIPS = 8
"""Clips of which quarters by length or noise are made."""
MOST_CLIPS = 20
MOST_ANSWERS = 3
"""Answers to a clip that are named, the most frequent."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class _Part:
    """The clips of a slice, by their places."""

    kind: SliceKind
    name: str
    chosen: IntegerArray


@dataclass(frozen=True, kw_only=True, slots=True)
class Slice:
    """Some of the clips: the mean of each variant over seeds and clips, and how much better the first is.

    `p_value` is the greater of those over new seeds and over new groups (within a speaker, new recordings or clips), so
    that both have to show the difference; None where either is not known. `adjusted` is Holm's over all slices of the
    pair that have one.
    """

    kind: SliceKind
    name: str
    clips: int
    first: float
    second: float
    effect: float
    p_value: float | None
    adjusted: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ApartClip:
    """A clip on which two variants differ: errors that the first has less, and what each answered how often.

    `effect` is in errors, the mean over seeds: of a class at most 1, of a transcript in words.
    """

    key: str
    target: str
    effect: float
    first: tuple[tuple[str, int], ...]
    second: tuple[tuple[str, int], ...]


def slices(split: FixedSplit, first: str, second: str, *, looked_once: bool) -> tuple[Slice, ...]:
    """The slices of the test split by speaker, class, duration and noise, as far as the record tells them."""
    found = [_slice(split, first, second, part, looked_once=looked_once) for part in _parts(split)]
    tested = [place for place, part in enumerate(found) if part.p_value is not None]
    adjusted = holm(np.array([found[place].p_value for place in tested], dtype=np.float64))
    for place, value in zip(tested, adjusted.tolist(), strict=True):
        found[place] = replace(found[place], adjusted=value)
    return tuple(found)


def clips_apart(split: FixedSplit, first: str, second: str) -> tuple[ApartClip, ...]:
    """Up to 20 clips on which the variants differ most in errors, the greatest difference first."""
    seeds = split.common_seeds(first, second)
    effects = split.differences(first, second).mean(axis=0)
    order = np.argsort(-np.abs(effects), kind="stable")[:MOST_CLIPS].tolist()

    def answers(variant: str, place: int) -> tuple[tuple[str, int], ...]:
        given = Counter(split.answers[variant][seed][place] for seed in seeds)
        return tuple(given.most_common(MOST_ANSWERS))

    return tuple(
        ApartClip(
            key=split.clips[place].key,
            target=split.clips[place].reference,
            effect=float(effects[place]),
            first=answers(first, place),
            second=answers(second, place),
        )
        for place in order
        if effects[place] != 0
    )


def _slice(split: FixedSplit, first: str, second: str, part: _Part, *, looked_once: bool) -> Slice:
    chosen = part.chosen
    sizes, seeds = split.sizes[chosen], split.common_seeds(first, second)
    total = float(sizes.sum())
    differences = split.differences(first, second)[:, chosen]

    def level(variant: str) -> float:
        rate = float(np.mean([split.errors[variant][seed][chosen].sum() for seed in seeds])) / total
        return 1 - rate if split.measured.higher_is_better else rate

    groups = split.groups[chosen]
    if part.kind == "speaker":
        groups = numbered([split.clips[place].facts.recording for place in chosen])
    over_clips = over_groups(differences, sizes, groups)
    over_seeds = seeds_p_value(differences.sum(axis=1) / total, least_deviation(1 / total), looked_once=looked_once)
    p_over_clips = over_clips.p_value()
    return Slice(
        kind=part.kind,
        name=part.name,
        clips=len(chosen),
        first=level(first),
        second=level(second),
        effect=over_clips.value,
        p_value=None if p_over_clips is None else max(over_seeds, p_over_clips),
    )


def over_groups(differences: FloatArray, sizes: FloatArray, groups: IntegerArray) -> ClusteredRatio:
    """The mean over seeds of differences (seeds, clips) in errors, as a rate of `sizes`, with its chance over `groups`.

    Rates of groups deviate at least by what rounding to the coarsest step does: one error of a seed in the smallest.
    """
    _, of_groups = cluster_sums(sizes, sizes, groups)
    step = 1 / (len(differences) * float(of_groups[of_groups > 0].min()))
    return clustered_ratio(differences.mean(axis=0), sizes, groups, least_deviation=least_deviation(step))


def _parts(split: FixedSplit) -> Iterator[_Part]:
    clips = split.clips
    yield from _named(split, "speaker", [clip.facts.speaker for clip in clips])
    if all(isinstance(clip, Classified) for clip in clips):
        yield from _named(split, "class", [clip.reference for clip in clips])
    yield from _quarters(split, "duration", [clip.facts.duration_seconds for clip in clips], "s")
    yield from _quarters(split, "signal to noise", [clip.facts.snr_db for clip in clips], "dB")


def _named(split: FixedSplit, kind: SliceKind, names: Sequence[str | None]) -> Iterator[_Part]:
    """A slice for each name, in the order of names; none where all clips have the same."""
    places: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        if name is not None:
            places.setdefault(name, []).append(place)
    if len(places) < 2:
        return
    largest = sorted(places, key=lambda name: (-len(places[name]), name))[:MOST_OF_A_KIND]
    for name in sorted(largest):
        chosen = np.array(places[name])
        if split.sizes[chosen].any():
            yield _Part(kind=kind, name=name, chosen=chosen)


def _quarters(split: FixedSplit, kind: SliceKind, values: Sequence[float | None], unit: str) -> Iterator[_Part]:
    """Quarters of the clips by value, fewer where many are equal; none where some value is not known."""
    known = np.array([value for value in values if value is not None])
    if len(known) < max(LEAST_CLIPS, len(values)):
        return
    quarter = np.searchsorted(np.unique(np.quantile(known, [0.25, 0.5, 0.75])), known, side="left")
    numbers = np.unique(quarter)
    for place in numbers if len(numbers) > 1 else ():
        chosen = np.flatnonzero(quarter == place)
        if split.sizes[chosen].any():
            name = f"{number(known[chosen].min())} to {number(known[chosen].max())} {unit}"
            yield _Part(kind=kind, name=name, chosen=chosen)
