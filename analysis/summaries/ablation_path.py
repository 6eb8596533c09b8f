"""The ablation path from a baseline to a better variant: which component brought how much, in which order.

Fawcett and Hoos (2016), Journal of Heuristics 22:431: from the baseline, flip the component that improves most, then
of those left the one that improves most beside it, until the target is reached. At most 1 + c(c + 1)/2 variants of c
components are trained, instead of 2^c. Unlike leaving one component out, this shows components that help only beside
others, and components that others make superfluous.

Each step keeps the best of several candidates, which chance helps to be the best. The intervals of a step's k
candidates therefore hold together: each has the confidence 1 - (1 - confidence)/k (Bonferroni). They do not know of
the steps before. The path is a search: a gain that matters is worth a claim of its own, on seeds that the path has
not seen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from soundproof.analysis.notation.quantities import least_deviation
from soundproof.analysis.statistics.intervals import Estimate, improvements, mean_interval

Flipped = frozenset[str]
"""The components that are as in the target; the others are as in the baseline."""

Results = Mapping[Flipped, Mapping[int, float]]
"""The metric by seed for every set of flipped components that is done with; no seeds where it cannot be trained."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What has to be trained before the path goes on."""

    sets: tuple[Flipped, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One component flipped, the best of `candidates`.

    `gain` is the paired improvement over the step before (positive: better), its interval simultaneous over the
    candidates.
    """

    component: str
    gain: Estimate
    candidates: int


@dataclass(frozen=True, kw_only=True, slots=True)
class AblationPath:
    """The finished path. `total` is the improvement from the baseline to the last step, over the seeds of both.

    `unreached` are the components that could not be flipped: no variant with one of them more can be trained.
    """

    steps: tuple[Step, ...]
    unreached: tuple[str, ...]
    total: Estimate


def ablation_path(
    components: Sequence[str],
    results: Results,
    *,
    higher_is_better: bool = False,
    confidence: float = 0.95,
    resolution: float = 0.0,
) -> Wanted | AblationPath:
    """The path as far as `results` determine it: the finished path, or the variants wanted next.

    Equal gains go to the component that comes first in `components`. `resolution` is the metric's smallest step r:
    differences are taken to have a variance of at least r²/6, that of rounding.
    """
    start: Flipped = frozenset()
    here, steps, left = start, list[Step](), list(components)
    if start not in results:
        return Wanted(sets=(start,))
    gain = partial(improvements, higher_is_better=higher_is_better)
    estimate = partial(mean_interval, least_deviation=least_deviation(resolution))
    while left and results[here]:
        wanted = tuple(here | {component} for component in left if here | {component} not in results)
        if wanted:
            return Wanted(sets=wanted)
        gains = {component: gain(results[here | {component}], results[here]) for component in left}
        measured = {component: differences for component, differences in gains.items() if len(differences)}
        if not measured:
            break
        best = max(measured, key=lambda component: float(measured[component].mean()))
        here |= {best}
        left.remove(best)
        each = 1 - (1 - confidence) / len(measured)
        steps.append(Step(component=best, gain=estimate(measured[best], each), candidates=len(measured)))
    total = gain(results[here], results[start]) if steps else np.array([])
    return AblationPath(steps=tuple(steps), unreached=tuple(left), total=estimate(total, confidence))
