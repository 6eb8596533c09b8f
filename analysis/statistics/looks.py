"""A mean and its standard error after every seed, however the spread was estimated: what p values and intervals need.

Three estimates of the spread of a contrast Σ w·x over variants, whose weights add up to 0 (of a pair: 1 and -1):

- `paired_looks`: that of the differences themselves, n - 1 degrees of freedom. Always right, and dear where n is small.
- `shared_looks`: that of the values of each variant, moderated toward what the study's variants have in common, less
  what pairing saves as far as the data show that it does.
- `grouped_looks`: that of the means of groups which come again over seeds (speakers, folds): what new groups would do.

Sources: Smyth (2004), Stat. Appl. Genet. Mol. Biol. 3:3, variances moderated by pseudo-degrees of freedom;
Satterthwaite (1946), Biometrics Bulletin 2:110; Welch (1947), Biometrika 34:28, the same of few degrees; Nadeau and
Bengio (2003), Machine Learning 52:239, folds that share what they train on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from soundproof.analysis.statistics.intervals import Estimate, FloatArray, IntegerArray, Interval
from soundproof.analysis.statistics.paired_tests import prefix_moments

FIRST_STAGE = 3
"""Seeds of every variant from which the common spread is taken: fixed, so that later seeds change no earlier look."""

MANY_VARIANTS = 4
"""Variants in a contrast from which on two seeds show a spread to go by, of as many degrees of freedom as variants."""

PSEUDO_DEGREES = 1.25
"""Degrees of freedom that a common spread counts for where it comes from many variants.

Chosen by simulation among 0 to 6: 1.25 keeps 5% with variants whose spreads differ up to thirty times, but for three
fixed seeds of a shared baseline five times as noisy as all others (6%); 2 would make that 8%, and full pooling 40%.
"""

CORRELATION_WEIGHT = 4.0
"""Degrees of freedom that the study's mean correlation between variants counts for beside a contrast's own."""

CORRELATION_POWER = 1.5
"""An estimated correlation r between 0 and 1 is used as r to this power: small ones are mostly chance."""


_ROUNDING = 1e-6
_TINY = 1e-290
"""By what a floor lies lower than it is computed, and from where on it is 0: more than rounding does to either."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Looks:
    """What was seen of one mean after each of n values: arrays (n,), NaN where a look shows no spread.

    (mean - null) / error has, under the null, about Student's distribution with `freedom` degrees of freedom. `counts`
    are the values behind each look, and `numbers` which look it is at a boundary that begins with the third.
    """

    counts: IntegerArray
    means: FloatArray
    errors: FloatArray
    freedom: FloatArray
    early: int = 0

    @property
    def numbers(self) -> IntegerArray:
        """Which look each is: that of as many values, or, of a contrast of many variants, one earlier."""
        return self.counts + self.early

    def __len__(self) -> int:
        return len(self.counts)

    def tails(self, null: float) -> FloatArray:
        """One-sided p values (n,) of each look by itself, of "mean <= null"; 1 where there is no spread to go by."""
        with np.errstate(invalid="ignore", divide="ignore"):
            found: FloatArray = special.stdtr(self.freedom, (null - self.means) / self.errors)
        return np.where(np.isfinite(found) & (self.errors > 0), found, 1.0)

    def floors(self, null: float) -> FloatArray:
        """What `tails` cannot lie below, (n,): the p values if the spread were known. 1 where there is none."""
        with np.errstate(invalid="ignore", divide="ignore"):
            found: FloatArray = special.ndtr(np.minimum((null - self.means) / self.errors, 0.0)) * (1 - _ROUNDING)
        return np.where(np.isfinite(found) & (self.errors > 0), np.where(found < _TINY, 0.0, found), 1.0)

    def at(self, places: IntegerArray) -> "Looks":
        """Some of the looks."""
        return replace(
            self,
            counts=self.counts[places],
            means=self.means[places],
            errors=self.errors[places],
            freedom=self.freedom[places],
        )

    def mirrored(self) -> "Looks":
        """The looks at the mean of the opposite sign."""
        return replace(self, means=-self.means)

    def first(self, n: int) -> "Looks":
        """The first n looks."""
        return replace(
            self, counts=self.counts[:n], means=self.means[:n], errors=self.errors[:n], freedom=self.freedom[:n]
        )


def last_interval(looks: Looks, confidence: float) -> Estimate:
    """The mean of the last look with Student's interval, that of a look which was the only one."""
    if not len(looks):
        return Estimate(value=None, interval=None, n=0)
    mean, error, freedom = float(looks.means[-1]), float(looks.errors[-1]), float(looks.freedom[-1])
    count = int(looks.counts[-1])
    if not error >= 0:
        return Estimate(value=mean if count else None, interval=None, n=count)
    half = -float(special.stdtrit(freedom, (1 - confidence) / 2)) * error
    return Estimate(value=mean, interval=Interval(low=mean - half, high=mean + half, confidence=confidence), n=count)


@dataclass(frozen=True, kw_only=True, slots=True)
class CommonSpread:
    """What the first seeds of all compared variants say together: their mean variance and correlation over seeds.

    `degrees` are what the variance counts for, 0 for fewer than three variants: two have nothing to lend each other.
    """

    variance: float
    correlation: float
    degrees: float


NO_COMMON_SPREAD = CommonSpread(variance=0.0, correlation=0.0, degrees=0.0)


def common_spread(values: FloatArray) -> CommonSpread:
    """The common spread of values (variants, seeds), NaN for what is missing; of variants with two values or more.

    The correlation is that of the seeds which all of these variants have: mean covariance over mean product of
    deviations, 0 with fewer than two such seeds.
    """
    measured = values[np.isfinite(values).sum(axis=1) >= 2]
    variants = len(measured)
    if variants < 3:
        return NO_COMMON_SPREAD
    variance = float(np.mean(np.nanvar(measured, axis=1, ddof=1)))
    complete = measured[:, np.isfinite(measured).all(axis=0)]
    correlation = 0.0
    if complete.shape[1] >= 2:
        deviations = complete.std(axis=1, ddof=1)
        products = float(deviations.sum() ** 2 - np.sum(deviations**2))
        shared = float(variants**2 * complete.mean(axis=0).var(ddof=1) - np.sum(deviations**2))
        correlation = shared / products if products > 0 else 0.0
    degrees = PSEUDO_DEGREES * (variants - 2) / (variants - 1)
    return CommonSpread(variance=variance, correlation=correlation, degrees=degrees)


def paired_looks(differences: FloatArray, least_deviation: float = 0.0) -> Looks:
    """Looks at the mean of differences (n,), all finite, by their own spread, taken as at least `least_deviation`."""
    counts = np.arange(1, len(differences) + 1)
    means, deviations = prefix_moments(differences)
    errors = np.maximum(deviations, least_deviation) / np.sqrt(counts)
    return Looks(counts=counts, means=means, errors=errors, freedom=counts.astype(np.float64) - 1)


def shared_looks(
    values: FloatArray,
    weights: Sequence[float],
    common: CommonSpread,
    *,
    variants: int,
    least_deviation: float = 0.0,
    paired: bool = True,
) -> Looks:
    """Looks at the mean of Σ w·x for values (variants in the contrast, n), all finite, and their `weights`.

    With s_v² the variance of a variant after n seeds, moderated to (d·s₀² + (n - 1)·s_v²) / (d + n - 1) by the common
    spread s₀² and its d degrees, the variance of the contrast is Σ w²·s_v², less the share c that pairing saves. c is
    the correlation that contrast and study show, as `CORRELATION_POWER` has it; pairing is not believed to do harm. Of
    values that are not `paired` there is none.

    Two seeds are tested as pairs, but of contrasts of `MANY_VARIANTS` or more, which need no common spread, and whose
    pairing two seeds do not show. Degrees of freedom are Satterthwaite's, less where c was estimated, of two seeds
    Welch's, and cut toward those of the paired test by the share 1 / `variants`, the number that the study compares:
    with two, spreads that differ would make them too many.
    """
    many = len(values) >= MANY_VARIANTS
    common = NO_COMMON_SPREAD if many else common
    weighed = np.asarray(weights, dtype=np.float64)[:, None]
    counts = np.arange(1, values.shape[1] + 1)
    contrast = prefix_moments(np.sum(weighed * values, axis=0))
    own = np.stack([prefix_moments(row)[1] ** 2 for row in values])
    degrees = counts - 1.0
    with np.errstate(invalid="ignore", divide="ignore"):
        moderated = (common.degrees * common.variance + degrees * own) / (common.degrees + degrees)
        parts = weighed**2 * moderated
        unpaired = parts.sum(axis=0)
        if many:
            correlation = _common_correlation(values, own)
        else:
            saved = 1 - contrast[1] ** 2 / np.sum(weighed**2 * own, axis=0)
            weight = CORRELATION_WEIGHT if common.degrees > 0 else 0.0
            correlation = (weight * common.correlation + degrees * np.nan_to_num(saved)) / (weight + degrees)
        believed = np.clip(np.nan_to_num(correlation), 0.0, 0.999) ** CORRELATION_POWER
        saving = np.where((counts >= FIRST_STAGE) & paired, believed, 0.0)
        satterthwaite = unpaired**2 / np.sum(parts**2, axis=0) * (common.degrees + degrees) / (1 + saving**2)
        if many:
            satterthwaite = np.where(counts < FIRST_STAGE, _two_seed_freedom(parts), satterthwaite)
    early = (counts < FIRST_STAGE) & (not many)  # two values tell too little of a spread to share it
    deviations = np.where(early, contrast[1], np.sqrt(unpaired * (1 - saving)))
    # where nothing varies the degrees that were left to estimate are those of the paired test
    more = np.nan_to_num((1 - 1 / max(variants, 2)) * (satterthwaite - degrees))
    freedom: FloatArray = degrees + np.where(early, 0.0, more)
    errors = np.maximum(deviations, least_deviation) / np.sqrt(counts)
    return Looks(counts=counts, means=contrast[0], errors=errors, freedom=freedom, early=int(many))


def _two_seed_freedom(parts: FloatArray) -> FloatArray:
    """Degrees of freedom of the sum of `parts` (variants, n), squared deviations of one degree each, by Welch.

    One degree says so little of a deviation that Satterthwaite's degrees are a third of the true ones where all are
    alike; Welch's are without bias there. From the third seed on they would be too many for one loud variant among
    quiet ones: simulated at up to thirty times the deviation of the others, the error over all looks is then 5.2% for
    three main effects in eight variants, and 4.9% with Welch's at two seeds alone.
    """
    variants = len(parts)
    welch: FloatArray = 3 * parts.sum(axis=0) ** 2 / np.sum(parts**2, axis=0) - 2
    return np.clip(welch, 1, variants)


def _common_correlation(values: FloatArray, variances: FloatArray) -> FloatArray:
    """The mean covariance of all pairs of variants over the mean product of their deviations, after each seed (n,).

    Of values and variances (variants, n). It is known much better than what one contrast's own spread says of it.
    """
    variants, deviations = len(values), np.sqrt(variances)
    between = variants**2 * prefix_moments(values.mean(axis=0))[1] ** 2 - variances.sum(axis=0)
    found: FloatArray = between / (deviations.sum(axis=0) ** 2 - variances.sum(axis=0))
    return found


def blocked_looks(differences: FloatArray, groups: Sequence[str], least_deviation: float = 0.0) -> Looks:
    """Looks at the mean over these groups and no others: what groups differ in is no error, only what seeds within do.

    The mean of n differences (n,) in k groups with the variance within groups pooled, n - k degrees of freedom; nothing
    is shown before a group comes again.
    """
    found: dict[str, list[float]] = {}
    means, errors, freedom = (np.full(len(differences), np.nan) for _ in range(3))
    for look, (difference, group) in enumerate(zip(differences.tolist(), groups, strict=True)):
        found.setdefault(group, []).append(difference)
        degrees = look + 1 - len(found)
        of_groups = [float(np.mean(values)) for values in found.values()]
        means[look], freedom[look] = np.mean(of_groups), degrees
        if degrees > 0:
            within = sum(float(np.var(values)) * len(values) for values in found.values()) / degrees
            spread = max(within, least_deviation**2)
            # each group weighs the same, however many seeds it had
            errors[look] = np.sqrt(spread * np.mean([1 / len(values) for values in found.values()]) / len(found))
    return Looks(counts=np.arange(1, len(differences) + 1), means=means, errors=errors, freedom=freedom)


def grouped_looks(
    differences: FloatArray, groups: Sequence[str], *, least_deviation: float = 0.0, shared_training: float = 0.0
) -> Looks:
    """Looks at the mean over groups of their mean differences (n,): degrees of freedom are the groups seen less one.

    `groups` names each difference's. Where groups are folds whose training sets overlap, `shared_training` is the ratio
    of the sizes of held-out and training set, and the variance of the mean of k folds is (1/k + ratio)·s² (Nadeau and
    Bengio) instead of s²/k.
    """
    names = {name: index for index, name in enumerate(dict.fromkeys(groups))}
    sums, sizes = np.zeros(len(names)), np.zeros(len(names))
    means, errors, freedom = (np.full(len(differences), np.nan) for _ in range(3))
    for look, (difference, group) in enumerate(zip(differences.tolist(), groups, strict=True)):
        sums[names[group]] += difference
        sizes[names[group]] += 1
        seen = sizes > 0
        of_groups = sums[seen] / sizes[seen]
        count = len(of_groups)
        means[look], freedom[look] = of_groups.mean(), count - 1
        if count >= 2:
            # a group's mean of m seeds cannot be sharper than the resolution of one seed over the root of m
            least = least_deviation / np.sqrt(sizes[seen].mean())
            errors[look] = max(float(of_groups.std(ddof=1)), least) * np.sqrt(1 / count + shared_training)
    return Looks(counts=np.arange(1, len(differences) + 1), means=means, errors=errors, freedom=freedom)
