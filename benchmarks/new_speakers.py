"""How often intervals over new speakers hold the truth: a t interval and two bootstraps, with few speakers and many.

    python -m benchmarks.new_speakers [--studies N]

Two networks have accuracies of 75 and 78% on a test split of some speakers, three seeds each, and every speaker has a
difference of its own: 3 points, give or take 6. Effects of speakers are normal, or exponential about the same mean; all
speakers have 20 clips, or between 5 and 60. Printed is the share of studies whose 95% interval holds the 3 points, with
its Monte Carlo standard error.
"""

import argparse
import math
from collections import Counter
from collections.abc import Iterator

import numpy as np
from scipy import stats

from soundproof.analysis.statistics.block_bootstrap import block_bootstrap
from soundproof.analysis.statistics.clustered_ratios import clustered_ratio
from soundproof.analysis.statistics.intervals import FloatArray, Interval

Study = tuple[FloatArray, FloatArray]

TRUE, DEVIATION, SEEDS, DRAWS = 0.03, 0.06, 3, 1000
METHODS = ("t", "percentile", "BCa")


def simulated(speakers: int, generator: np.random.Generator, *, equal: bool, skewed: bool) -> Study:
    """Right answers that the one network has more, and clips, of each speaker, (speakers,) both; means over seeds."""
    clips = np.full(speakers, 20) if equal else generator.integers(5, 61, speakers)
    effects = generator.exponential(DEVIATION, speakers) - DEVIATION if skewed else generator.normal(size=speakers)
    own = effects if skewed else DEVIATION * effects
    chances = (0.75 + TRUE + own / 2, 0.75 - own / 2)
    right = [generator.binomial(SEEDS * clips, np.clip(chance, 0, 1)) / SEEDS for chance in chances]
    return right[0] - right[1], clips.astype(np.float64)


def intervals(sums: FloatArray, sizes: FloatArray, generator: np.random.Generator) -> Iterator[tuple[str, Interval]]:
    """Each method's 95% interval of the ratio of sums."""
    numbers = np.arange(len(sums))
    student, drawn = clustered_ratio(sums, sizes, numbers).interval(), block_bootstrap(sums, sizes, numbers, generator)
    assert student is not None
    assert drawn is not None
    yield "t", student
    yield "percentile", drawn.interval
    yield "BCa", bias_corrected(sums, sizes, generator)


def bias_corrected(sums: FloatArray, sizes: FloatArray, generator: np.random.Generator) -> Interval:
    """Efron's BCa interval (1987, JASA 82:171), by scipy."""
    found = stats.bootstrap(
        (sums, sizes),
        lambda sums, sizes, axis=-1: sums.sum(axis=axis) / sizes.sum(axis=axis),
        paired=True,
        n_resamples=DRAWS,
        rng=generator,
    )
    low, high = found.confidence_interval
    return Interval(low=float(low), high=float(high), confidence=0.95)


def main() -> None:
    """Print a line for each kind of study."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=1000)
    studies = parser.parse_args().studies
    print(f"standard error of a share of 95%: {100 * math.sqrt(0.95 * 0.05 / studies):.1f} points")
    print("speakers  clips    effects     " + "  ".join(f"{method:>10}" for method in METHODS))
    for speakers in (4, 6, 10, 20, 40):
        for equal in (True, False):
            for skewed in (False, True):
                generator, held = np.random.default_rng(speakers), Counter[str]()
                for _ in range(studies):
                    study = simulated(speakers, generator, equal=equal, skewed=skewed)
                    held.update(name for name, found in intervals(*study, generator) if found.low <= TRUE <= found.high)
                kind = f"{'equal' if equal else 'unequal':8} {'exponential' if skewed else 'normal':11}"
                shares = "  ".join(f"{100 * held[method] / studies:9.1f}%" for method in METHODS)
                print(f"{speakers:8}  {kind} {shares}", flush=True)


if __name__ == "__main__":
    main()
