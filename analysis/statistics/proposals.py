"""Whether a proposal is kept, dropped or run once more: an error budget over many proposals chosen as one goes.

Each proposal has runs x(1), x(2), ... of its own seeds, and is held against the first runs of the incumbent, the best
configuration so far; the two are not paired. Higher is better. After n runs, d being the difference of the means, in
this order:

- keep, where n is one of `Plan.keep_after` and Welch's t test of "d <= 0" rejects at the proposal's level, shared in
  equal parts among these looks (Bonferroni). A proposal's spread is taken as at least the common one: few runs that
  lie close together by chance are no evidence, and a proposal that varies more is judged by its own spread.
- drop, where d lies `Plan.doubt` standard errors or more below the improvement that is worth finding. A drop costs no
  error, so the standard error may be rough: the common spread stands for both.
- another seed otherwise, and a drop after the last look.

The levels of all proposals add up to `Plan.error` at most (`level_of`), so the probability that any proposal is wrongly
kept is at most that, however the proposals depend on each other and on what was seen before. A kept proposal becomes
the incumbent, and its runs go on as the incumbent's. They were selected, upwards: that makes later proposals look
worse, never better. For "is kept" and "still is the incumbent" rise with each of these runs, "a later proposal beats
them" falls with each, and events of opposite directions are negatively correlated (Harris). For that, how many runs of
the incumbent count must not depend on their values: it follows from the number of proposals that it has outlasted
(`incumbent_runs_for`). It grows, for else an incumbent whose few runs were too good, or too spread, would last: such
ones are met more often than they arise. (The argument is exact where the spread is known, and measured where it is
not: benchmarks/ledger.py.)

Assumed: runs are independent, seeds are not chosen, and means of `keep_after` runs are near enough to normal that a t
test holds at small levels. Not assumed: that spreads are alike.

Sources: Welch (1947), Biometrika 34:28; Satterthwaite (1946), Biometrics Bulletin 2:110; Harris (1960), Proc.
Cambridge Phil. Soc. 56:13; Wald (1945), Ann. Math. Statist. 16:117; Tian and Ramdas (2021), Stat. Methods Med. Res.
30:976, online control of the family-wise error; Javanmard and Montanari (2018), Ann. Statist. 46:526, LOND.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Decision = Literal["keep", "drop", "another seed"]
Guarantee = Literal["family", "fdr"]


_COUNTS = ("proposals", "incumbent_runs", "patience", "every", "most_incumbent_runs")
_MOST = 10**9
"""Of anything that is counted: nobody has made so many runs, and beyond it numbers stop being exact."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What was declared before the first proposal.

    `error` is the probability that any of `proposals` is wrongly kept (`guarantee` "family"), or the expected share of
    wrongly kept among the kept ("fdr"). `worth` is the improvement worth finding, in standard deviations of the
    difference of two runs. A look for dropping comes after `drop_after` runs and at each of `keep_after`; a proposal is
    dropped that lies `doubt` standard errors below what is worth finding, after one run `first_doubt`. An incumbent has
    `incumbent_runs` runs, and one more for `every` proposals that it outlasts beyond the first `patience`.

    The numbers below `guarantee` were chosen by simulation, on normal and on real noise, as those of few runs that keep
    80% of improvements of two standard deviations among a thousand proposals. A smaller worth needs more runs.
    """

    proposals: int = 1000
    error: float = 0.05
    worth: float = 2.0
    guarantee: Guarantee = "family"
    incumbent_runs: int = 12
    patience: int = 25
    every: int = 3
    most_incumbent_runs: int = 20
    drop_after: tuple[int, ...] = (1, 2, 3, 5)
    keep_after: tuple[int, ...] = (8, 12)
    first_doubt: float = 1.3
    doubt: float = 2.2

    def __post_init__(self) -> None:
        """Raise ValueError for what no test can be made of."""
        counts = {name: getattr(self, name) for name in _COUNTS}
        counts |= {
            f"{name}[{at}]": run for name in ("drop_after", "keep_after") for at, run in enumerate(getattr(self, name))
        }
        for name, count in counts.items():
            if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= _MOST:
                raise ValueError(f"a plan expects {name} to be a whole number from 0 to {_MOST:,}, got {count!r}")
        for name in ("first_doubt", "doubt"):
            doubt = getattr(self, name)
            if isinstance(doubt, bool) or not isinstance(doubt, int | float) or not abs(doubt) <= _MOST:
                raise ValueError(f"a plan expects {name} to be a number of standard errors, got {doubt!r}")
        if not (self.proposals >= 1 and 0 < self.error < 0.5 and 0 < self.worth < math.inf):
            raise ValueError(
                "a plan expects 1 proposal or more, an error above 0 and below 0.5, and a positive worth, got "
                f"{self.proposals}, {self.error} and {self.worth}"
            )
        if self.guarantee not in ("family", "fdr"):
            raise ValueError(f'a plan expects the guarantee "family" or "fdr", got {self.guarantee!r}')
        if not self.keep_after or min(self.keep_after) < 2 or max(self.keep_after) > self.incumbent_runs:
            raise ValueError(
                f"keep_after expects numbers of runs from 2 to incumbent_runs ({self.incumbent_runs}), the runs that a "
                f"kept proposal goes on with, got {self.keep_after}"
            )
        if self.every < 1 or self.most_incumbent_runs < self.incumbent_runs:
            raise ValueError(
                f"a plan expects every >= 1 and most_incumbent_runs >= incumbent_runs ({self.incumbent_runs}), got "
                f"{self.every} and {self.most_incumbent_runs}"
            )
        if self.drop_after and not (min(self.drop_after) >= 1 and max(self.drop_after) <= self.most_runs):
            raise ValueError(f"drop_after expects numbers of runs from 1 to {self.most_runs}, got {self.drop_after}")

    @property
    def looks(self) -> tuple[int, ...]:
        """Numbers of runs after which a proposal is looked at."""
        return tuple(sorted({*self.drop_after, *self.keep_after}))

    @property
    def most_runs(self) -> int:
        """Runs after which a proposal is decided at the latest."""
        return max(self.keep_after)


def level_of(plan: Plan, kept_before: int) -> float:
    """The level of a proposal that is made after `kept_before` were kept.

    Family: error / proposals, always. A kept one gives its level back, so `plan.proposals` is how many may be made that
    are not kept: up to the first that is wrongly kept, wrong proposals are among those that were not. Fdr: LOND with
    equal weights, error / proposals · (kept + 1), which holds for independent and positively dependent tests; there
    every proposal counts.
    """
    share = plan.error / plan.proposals
    return share * (kept_before + 1) if plan.guarantee == "fdr" else share


def decide(runs: Sequence[float], incumbent: Sequence[float], plan: Plan, level: float, common: float) -> Decision:
    """What to do with a proposal, given its runs and the incumbent's in the order in which they came, all finite.

    `incumbent` are as many as the proposal is held against (`incumbent_runs_for`), `common` is the variance of a run as
    all incumbents show it (`common_variance`). Runs after the one that decided change nothing.
    """
    mean, variance = moments(incumbent)
    for count in plan.looks:
        if count > len(runs):
            return "another seed"
        own_mean, own_variance = moments(runs[:count])
        difference = own_mean - mean
        if count in plan.keep_after:
            tail = welch_tail(difference, max(own_variance, common), count, variance, len(incumbent))
            if tail <= level / len(plan.keep_after):
                return "keep"
        doubt = plan.first_doubt if count == 1 else plan.doubt
        error = math.sqrt(common * (1 / count + 1 / len(incumbent)))
        if difference <= plan.worth * math.sqrt(2 * common) - doubt * error:
            return "drop"
    return "drop"


def incumbent_runs_for(plan: Plan, outlasted: int) -> int:
    """How many runs of the incumbent a proposal is held against that is made after `outlasted` others."""
    more = max(0, outlasted - plan.patience) // plan.every
    return min(plan.incumbent_runs + more, plan.most_incumbent_runs)


def common_variance(variances: Sequence[float]) -> float:
    """The variance of a run, by those of the incumbents so far, each of as many runs."""
    return math.fsum(variances) / len(variances)


def welch_tail(difference: float, variance: float, count: int, other_variance: float, other_count: int) -> float:
    """One-sided p value of Welch's t test that a difference of two means is at most 0.

    Without any spread it is 0 for a positive difference, else 1.
    """
    from scipy import special

    own, other = variance / count, other_variance / other_count
    if own + other <= 0:
        return 0.0 if difference > 0 else 1.0
    share = own / (own + other)
    freedom = 1 / (share**2 / (count - 1) + (1 - share) ** 2 / (other_count - 1))
    return float(special.stdtr(freedom, -difference / math.sqrt(own + other)))


def fewest_runs(power: float, level: float, effect: float) -> tuple[float, float]:
    """Least mean number of runs of a proposal that changes nothing, and of one that improves, for any sequential test.

    `effect` is the improvement in standard deviations of one run. Wald's inequality: E[n]·I >= kl, where
    I = effect²/2 is what one run tells (normal, known spread, the incumbent's mean known for nothing), and kl the
    divergence of a coin of probability `power` from one of `level`, or the reverse. One run at least is always made.
    """
    information = effect**2 / 2
    return max(1.0, _divergence(level, power) / information), max(1.0, _divergence(power, level) / information)


def _divergence(p: float, q: float) -> float:
    return p * math.log(p / q) + (1 - p) * math.log((1 - p) / (1 - q))


def moments(values: Sequence[float]) -> tuple[float, float]:
    """Mean and variance (n - 1; 0 for one value). Exact for equal values, which have no spread."""
    if min(values) == max(values):
        return values[0], 0.0
    mean = math.fsum(values) / len(values)
    return mean, math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)
