"""Double sampling: would short runs on further seeds save full ones? Theory, simulation, and what real curves give.

    python -m benchmarks.short_runs theory
    python -m benchmarks.short_runs error [--studies N]
    python -m benchmarks.short_runs curves FILE...

A difference of two variants is measured by n full runs each, and by the first epochs alone on n' - n further seeds; the
beginnings of full runs come free. y are differences at the end, x those after the short run, which costs the share c of
a full one; their correlation over seeds is rho. The regression estimator, mean(y) + b (mean'(x) - mean(x)), has
the variance (of normal differences with the variance 1, exactly, with b estimated from n pairs)

    (1 - rho^2) (1/n + (1/n - 1/n') / (n - 3)) + rho^2 / n'        at the cost n + c (n' - n).

With many seeds and the best n'/n, variance times cost is (sqrt((1 - rho^2)(1 - c)) + rho sqrt(c))^2 of that of full
runs alone: cos^2(a - b) where rho = cos a and sqrt(c) = cos b, so that something is saved just where rho^2 > c. (Where
beginnings do not come free it is rho^2 > 4c / (1 + c)^2.) Were epochs independent steps, rho^2 would be c.

Sources: Neyman (1938), JASA 33:101; Cochran (1977), Sampling Techniques, chapter 12.
"""

import argparse
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from benchmarks.short_run_curves import Curves

Floats = NDArray[np.float64]

SEED = 20_261_130
SIZES = (4, 6, 10, 20, 30)
"""Full runs that plain sampling would use."""

MOST_SHORT = 10
"""Short runs for each full one, at most."""


def limit_ratio(rho: float, cost: float) -> float:
    """Cost for the same variance as plain sampling has at the cost 1, with many seeds and the best design."""
    if rho**2 <= cost or rho <= 0:
        return 1.0
    return (math.sqrt((1 - rho**2) * (1 - cost)) + rho * math.sqrt(cost)) ** 2


def variance(rho: float, full: int, short: int) -> float:
    """Of the regression estimator, `short` short runs in all, the variance of a difference being 1."""
    lost = (1 / full - 1 / short) / (full - 3)
    return (1 - rho**2) * (1 / full + lost) + rho**2 / short


def half_width(of_variance: float, freedom: float) -> float:
    """Of the 95% interval by Student's t."""
    return float(stats.t.ppf(0.975, freedom)) * math.sqrt(of_variance)


@dataclass(frozen=True, kw_only=True, slots=True)
class Design:
    """Full and short runs (those that go on included), and what they cost as a share of plain sampling's cost."""

    full: int
    short: int
    ratio: float


def best_design(rho: float, cost: float, plain: int) -> Design:
    """The cheapest design whose 95% interval is expected to be no wider than that of so many full runs alone.

    By the t of n - 2 degrees of freedom, with which `error` finds at most 5%; of plain sampling by that of n - 1.
    """
    goal = half_width(1 / plain, plain - 1)
    best = Design(full=plain, short=plain, ratio=1.0)
    for full in range(4, plain):
        for short in range(full + 1, full * MOST_SHORT + 1):
            ratio = (full + cost * (short - full)) / plain
            if ratio < best.ratio and half_width(variance(rho, full, short), full - 2) <= goal:
                best = Design(full=full, short=short, ratio=ratio)
    return best


def theory() -> Iterator[str]:
    """Costs of the best designs."""
    yield "cost of the same half-width, as a share of full runs alone; in the limit, then at so many full runs"
    yield "  rho    c   " + "".join(f"{size:>9}" for size in ("limit", *SIZES))
    for rho, cost in itertools.product((0.5, 0.7, 0.8, 0.9, 0.95), (0.1, 1 / 6, 1 / 3, 1 / 2)):
        ratios = [limit_ratio(rho, cost), *(best_design(rho, cost, plain).ratio for plain in SIZES)]
        yield f"{rho:5.2f} {cost:5.2f}   " + "".join(f"{ratio:9.2f}" for ratio in ratios)


def regression_test(full_x: Floats, y: Floats, more_x: Floats) -> tuple[Floats, Floats]:
    """The regression estimator (studies,) and its standard error, Cochran's 12.51 with the slope's own error.

    Of x and y (studies, n) and the further x (studies, n' - n).
    """
    n, every = y.shape[1], np.concatenate([full_x, more_x], axis=1)
    centred, outcome = full_x - full_x.mean(1, keepdims=True), y - y.mean(1, keepdims=True)
    squares = np.sum(centred**2, axis=1)
    slope = np.sum(centred * outcome, axis=1) / squares
    shift = every.mean(1) - full_x.mean(1)
    residual = np.sum((outcome - slope[:, None] * centred) ** 2, axis=1) / (n - 2)
    explained = np.maximum(slope**2 * every.var(1, ddof=1), 0.0)
    errors = np.sqrt(residual * (1 / n + shift**2 / squares) + explained / every.shape[1])
    return y.mean(1) + slope * shift, errors


def error(studies: int) -> Iterator[str]:
    """How often a test at 5% rejects where there is no difference, and its power beside plain sampling's."""
    yield f"two-sided tests at 5%, {studies} studies a line; wrong: no difference; found: one of 1 sd; c = 1/3"
    yield "   n   n'   rho  wrong (n-3)  wrong (n-2)  found (n-2)  found by as much plain sampling"
    generator = np.random.default_rng(SEED)
    for full, times, rho in itertools.product((4, 6, 10, 20), (2, 4), (0.0, 0.5, 0.8, 0.95)):
        more = full * (times - 1)
        x = generator.normal(size=(studies, full + more))
        y = rho * x[:, :full] + math.sqrt(1 - rho**2) * generator.normal(size=(studies, full))
        estimate, errors = regression_test(x[:, :full], y, x[:, full:])
        wrong = [_share(abs(estimate / errors) > stats.t.ppf(0.975, full - lost)) for lost in (3, 2)]
        # a difference of 1 moves the estimate by 1: x is centred by its own mean
        found = _share((estimate + 1) / errors > stats.t.ppf(0.975, full - 2))
        plain = power(full + more / 3)
        yield (
            f"{full:4}{full + more:5}{rho:6.2f}  "
            + "  ".join(f"{each:>11}" for each in (*wrong, found))
            + (f"  {plain:.1%}")
        )


def power(runs: float) -> float:
    """Of the t test of so many pairs for a mean of 1 sd, one direction of two; between whole numbers in proportion."""

    def of(n: int) -> float:
        return float(stats.nct.sf(stats.t.ppf(0.975, n - 1), n - 1, math.sqrt(n)))

    low = math.floor(runs)
    return of(low) + (runs - low) * (of(low + 1) - of(low))


def _share(hits: NDArray[np.bool_]) -> str:
    share = float(hits.mean())
    return f"{share:.1%} ± {math.sqrt(share * (1 - share) / len(hits)):.1%}"


def best_so_far(curves: Curves) -> Floats:
    """The lowest loss up to every epoch (variants, seeds, epochs); that of a run that ended early stays.

    Variants that are one function with an earlier one are left out.
    """
    last = max(len(curve) for of_variant in curves.losses for curve in of_variant)
    distinct = list(dict.fromkeys(curves.losses))
    return np.array(
        [
            [np.minimum.accumulate([*curve, *[math.inf] * (last - len(curve))]) for curve in of_variant]
            for of_variant in distinct
        ]
    )


def correlation(x: Floats, y: Floats) -> tuple[float, int]:
    """Of what is left of x and y (variants, seeds) without means of variants and seeds, with its degrees of freedom.

    That is the mean correlation of the differences of all pairs.
    """
    left = [each - each.mean(0) - each.mean(1, keepdims=True) + each.mean() for each in (x, y)]
    products = float(np.sum(left[0] * left[1]))
    return products / math.sqrt(float(np.sum(left[0] ** 2) * np.sum(left[1] ** 2))), (len(x) - 1) * (x.shape[1] - 1)


def interval(rho: float, freedom: int) -> tuple[float, float]:
    """95%, by Fisher's z."""
    middle, half = math.atanh(min(rho, 0.9999)), 1.96 / math.sqrt(max(1, freedom - 2))
    return math.tanh(middle - half), math.tanh(middle + half)


def of_curves(curves: Curves) -> Iterator[str]:
    """The correlation at every epoch but the last, and what it would save."""
    best = best_so_far(curves)
    trained = float(np.mean([len(curve) for of_variant in curves.losses for curve in of_variant]))
    yield f"{curves.study}, {curves.preset}: {len(best)} variants, {best.shape[1]} seeds, {trained:.1f} epochs a run"
    yield "epoch    c     rho   95% interval   rho^2 - c " + "".join(f"{size:>8}" for size in ("limit", 6, 10, 20, 30))
    for epoch in _epochs(best.shape[2]):
        rho, freedom = correlation(best[:, :, epoch - 1], best[:, :, -1])
        cost, (low, high) = epoch / trained, interval(rho, freedom)
        if cost < 1:
            ratios = [limit_ratio(rho, cost), *(best_design(rho, cost, plain).ratio for plain in (6, 10, 20, 30))]
            yield f"{epoch:5} {cost:5.2f}  {rho:6.2f}  {low:5.2f} to {high:4.2f}     {rho * abs(rho) - cost:6.2f} " + (
                "".join(f"{ratio:8.2f}" for ratio in ratios)
            )


def _epochs(last: int) -> Sequence[int]:
    """All of a few epochs, ten of many."""
    return sorted({max(1, round(last * tenth / 10)) for tenth in range(1, 10)} if last > 10 else range(1, last))


def main() -> None:
    """Print what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("theory")
    commands.add_parser("error").add_argument("--studies", type=int, default=100_000)
    commands.add_parser("curves").add_argument("files", type=Path, nargs="+", metavar="FILE")
    given = parser.parse_args()
    if given.command == "curves":
        for path in given.files:
            print("\n".join(of_curves(Curves.read(path))), flush=True)
        return
    for line in theory() if given.command == "theory" else error(given.studies):
        print(line, flush=True)


if __name__ == "__main__":
    main()
