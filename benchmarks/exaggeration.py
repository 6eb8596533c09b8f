"""How much effects are overstated by claims that were decided early: simulated studies of the engine as it is.

    python -m benchmarks.exaggeration [--studies N] [--out FILE]

True effects are drawn from a normal distribution of mean 0 and the standard deviation of one difference; values are
normal and independent. A study has one variant against a baseline, the claim that it is better, and the level that
Holm's procedure gives the hardest of so many claims. It is looked at after every seed from the third to the thirtieth,
and ends with the look that shows an improvement or a worsening. The table has, for each number of seeds at that end,
the mean of the effects reported divided by the mean of the true ones, each with the sign of what was decided.
"""

import argparse
import json
import math
from pathlib import Path

import numpy as np

from soundproof.analysis.statistics.intervals import FloatArray, IntegerArray
from soundproof.analysis.statistics.looks import NO_COMMON_SPREAD, Looks, shared_looks
from soundproof.analysis.statistics.sequential import sequential_levels
from soundproof.analysis.verdicts.decisions import FAMILY_ERROR
from soundproof.analysis.verdicts.evidence import FIRST_LOOK
from soundproof.analysis.verdicts.exaggeration import TABLE
from soundproof.analysis.verdicts.pair_rules import claim_shares
from soundproof.search_spaces.claims import BETTER

CLAIMS = (1, 4, 10)
KEPT = 4
"""The number of claims whose level is that of the table; the others are printed beside it, and hardly differ."""

SEEDS = 30
SEED = 20_261_130
FEWEST_STUDIES = 200
"""Of fewer that ended with a look, the ratio is left out."""

VERDICTS = Path(__file__).resolve().parents[1] / "analysis" / "verdicts"


def simulated(generator: np.random.Generator) -> tuple[float, Looks]:
    """The true effect of a study, and the looks at it: a difference has a standard deviation of 1."""
    effect = float(generator.normal())
    values = generator.normal(0, math.sqrt(0.5), (2, SEEDS))
    values[0] += effect
    return effect, shared_looks(values, (1.0, -1.0), NO_COMMON_SPREAD, variants=2)


def ends(looks: Looks, levels: FloatArray) -> tuple[IntegerArray, IntegerArray]:
    """For each level the look, as an index, at which an effect is shown, and its sign; 0 for none."""
    shares = claim_shares(BETTER)
    first, signs = np.full(len(levels), len(looks)), np.zeros(len(levels), dtype=int)
    for sign, share, seen in ((1, shares[0], looks), (-1, shares[1], looks.mirrored())):
        shown = sequential_levels(seen.counts[FIRST_LOOK - 1 :], seen.tails(0.0)[FIRST_LOOK - 1 :]) / share
        for index, level in enumerate(levels.tolist()):
            crossed = np.flatnonzero(shown <= level)
            if len(crossed) and crossed[0] + FIRST_LOOK - 1 < first[index]:
                first[index], signs[index] = crossed[0] + FIRST_LOOK - 1, sign
    return first, signs


def measure(studies: int) -> dict[str, dict[str, dict[str, float]]]:
    """By the number of claims and of seeds: the ratio, its standard error, and the number of studies."""
    generator = np.random.default_rng(SEED)
    levels = np.array([FAMILY_ERROR / claims for claims in CLAIMS])
    seen: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for _ in range(studies):
        effect, looks = simulated(generator)
        first, signs = ends(looks, levels)
        for index, claims in enumerate(CLAIMS):
            if signs[index]:
                reported = float(looks.means[first[index]]) * signs[index]
                seen.setdefault((claims, int(first[index]) + 1), []).append((reported, effect * signs[index]))
    found: dict[str, dict[str, dict[str, float]]] = {str(claims): {} for claims in CLAIMS}
    for (claims, seeds), pairs in sorted(seen.items()):
        if len(pairs) >= FEWEST_STUDIES:
            reported, true = np.array(pairs).T
            ratio = float(reported.mean() / true.mean())
            error = float(np.std(reported - ratio * true, ddof=1) / math.sqrt(len(pairs)) / true.mean())
            cell = {"ratio": round(ratio, 3), "error": round(error, 3), "studies": len(pairs)}
            found[str(claims)][str(seeds)] = cell
    return found


def main() -> None:
    """Write the table, and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=100_000)
    parser.add_argument("--out", type=Path, default=VERDICTS / TABLE)
    given = parser.parse_args()
    found = measure(given.studies)
    table = {
        "made_by": f"python -m benchmarks.exaggeration --studies {given.studies}",
        "claims": KEPT,
        "seeds": found[str(KEPT)],
    }
    given.out.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    print("seeds  " + "  ".join(f"{claims:>2} claims" for claims in CLAIMS))
    for seeds in range(FIRST_LOOK, SEEDS + 1):
        cells = [found[str(claims)].get(str(seeds)) for claims in CLAIMS]
        print(f"{seeds:>5}  " + "  ".join(f"{cell['ratio']:>9.2f}" if cell else f"{'':>9}" for cell in cells))


if __name__ == "__main__":
    main()
