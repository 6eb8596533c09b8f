"""The Pareto front: what no other point beats in one objective without losing in another. Pure functions of arrays."""

import numpy as np
from numpy.typing import NDArray

from soundproof.analysis.statistics.intervals import FloatArray


def pareto_front(losses: FloatArray) -> NDArray[np.bool_]:
    """Which of the points (points, objectives), lower is better, are on the front (points,).

    A point is dominated where another is nowhere worse and somewhere better; equal points dominate neither. Points
    with a value that is not finite are missing: never on the front, and dominating nothing.

    >>> pareto_front(np.array([[1.0, 5.0], [2.0, 2.0], [3.0, 3.0]]))
    array([ True,  True, False])
    """
    present = np.asarray(np.isfinite(losses).all(axis=1))
    front: NDArray[np.bool_] = present.copy()
    for index in np.flatnonzero(present):
        no_worse = (losses[present] <= losses[index]).all(axis=1)
        better = (losses[present] < losses[index]).any(axis=1)
        front[index] = not (no_worse & better).any()
    return front
