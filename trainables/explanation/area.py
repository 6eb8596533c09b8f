"""Whether answers that rest on a larger area of a clip are right more often: asked over many clips of one network.

The genre notebook saw it in two pairs of saliency maps. Area is the participation ratio of a map's weights: 1 where
they are even, one in n where a single one of n is all there is. That the area of a right answer is larger than that of
a wrong one has the probability that the Mann-Whitney statistic estimates, with the interval of DeLong et al. (1988).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from soundproof.trainables import pictures

_WIDTH, _HEIGHT = 760, 300
_NORMAL_QUANTILE = 1.959963984540054
LEAST_CLIPS = 2
"""On each side, for a spread."""


def attended_area(weights: Tensor) -> float:
    """The participation ratio of weights of 0 or more, of any shape, in 0..1; 0 where all are zero."""
    flat = weights.double().flatten()
    squares = float(flat.square().sum())
    return float(flat.sum()) ** 2 / (len(flat) * squares) if squares > 0 else 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class AreaComparison:
    """The areas (clips,) that right and wrong answers rest on."""

    right: Sequence[float]
    wrong: Sequence[float]

    @property
    def decided(self) -> bool:
        """Whether there are clips enough on both sides for an interval."""
        return min(len(self.right), len(self.wrong)) >= LEAST_CLIPS

    def larger(self) -> tuple[float, float, float]:
        """The probability that a right answer's area is larger than a wrong one's, and its 95% interval."""
        wins = np.sign(np.subtract.outer(self.right, self.wrong)) / 2 + 0.5
        probability = float(wins.mean())
        # each clip's own share of wins, whose spread on either side is that of the estimate
        variances = (wins.mean(axis=1).var(ddof=1) / len(self.right), wins.mean(axis=0).var(ddof=1) / len(self.wrong))
        reach = _NORMAL_QUANTILE * math.sqrt(sum(variances))
        return probability, max(0.0, probability - reach), min(1.0, probability + reach)

    def sentence(self) -> str:
        """What came of it, for people."""
        counts = f"{len(self.right)} clips classified rightly and {len(self.wrong)} wrongly"
        if not self.decided:
            return f"{counts}: too few on one side to compare the areas that answers rest on."
        probability, low, high = self.larger()
        verdict = "undecided"
        if low > 0.5 or high < 0.5:
            verdict = f"right answers rest on {'larger' if low > 0.5 else 'smaller'} areas"
        return (
            f"A right answer rests on a larger area than a wrong one with probability {probability:.2f} (95% interval "
            f"{low:.2f} to {high:.2f}, {counts}): {verdict}. Clips of one recording are taken for independent ones."
        )


def area_picture(compared: AreaComparison, title: str) -> bytes:
    """A PNG: both sides as box plots, each clip a dot."""
    with pictures.picture_style(pictures.ON_WHITE):
        figure, (axes,) = pictures.new_figure(_WIDTH, _HEIGHT)
        chance = np.random.default_rng(0)
        sides: dict[str, NDArray[np.float64]] = {"wrong": np.array(compared.wrong), "right": np.array(compared.right)}
        axes.boxplot(list(sides.values()), orientation="horizontal", tick_labels=list(sides), showfliers=False)
        for place, areas in enumerate(sides.values(), start=1):
            axes.plot(areas, place + chance.uniform(-0.15, 0.15, len(areas)), ".", alpha=0.5)
        axes.set_xlabel("area that the answer rests on (share of the clip's features)")
        axes.set_ylabel("answer")
        pictures.add_title(axes, title)
        return pictures.png(figure, on_white=True)
