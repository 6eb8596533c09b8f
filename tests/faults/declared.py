"""A small study and a small search of the same networks, whose trials take as long as somebody else says.

How long decides no number: undisturbed trials are not held up at all.
"""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor, nn

from soundproof import ClassifierNetwork, make_study
from soundproof.search_spaces.choices import as_node, build, reals
from soundproof.search_spaces.spaces import SearchSpace
from soundproof.search_spaces.specs import Adam, Recipe

PACE = "SOUNDPROOF_FAULTS_PACE"
"""In the environment: a file with the seconds that a pass of training takes at least. Passes are counted beside it."""


class Paced(nn.Module):
    """Passes on what it is given, after a while."""

    def forward(self, values: Tensor) -> Tensor:
        """Of any shape."""
        if self.training and PACE in os.environ:
            pace = Path(os.environ[PACE])
            with pace.with_suffix(".passes").open("ab") as passes:
                passes.write(b".")
            began = time.monotonic()
            while time.monotonic() < began + float(pace.read_text(encoding="ascii")):
                time.sleep(0.1)
        return values


@dataclass(frozen=True)
class Layers(ClassifierNetwork):
    """Fully connected layers."""

    layers: int = 1
    units: int = 16
    rate: float = 0.0

    def build(self, frames: int, dimensions: int, classes: int) -> nn.Module:
        """From features (batch, frames, dimensions) to logits (batch, classes)."""
        parts: list[nn.Module] = [Paced(), nn.Flatten()]
        width = frames * dimensions
        for _ in range(self.layers):
            parts += [nn.Linear(width, self.units), nn.ReLU(), nn.Dropout(self.rate)]
            width = self.units
        return nn.Sequential(*parts, nn.Linear(width, classes))


STUDY = make_study(
    id="faults-study",
    question="Does a second layer help while everything fails?",
    domain="keywords",
    networks={"one": Layers(), "two": Layers(layers=2), "wide": Layers(units=32), "dropped": Layers(rate=0.3)},
)

SPACE = SearchSpace(
    id="faults-search",
    domain="keywords",
    question="Which steps are best while everything fails?",
    source="this file",
    features=as_node(STUDY.variants[0].features),
    network=as_node(Layers().spec()),
    recipe=build(Recipe, optimizer=build(Adam, learning_rate=reals(0.0005, 0.02)), batch_size=32),
    epochs=STUDY.variants[0].epochs,
    metric=STUDY.metric,
    margin=STUDY.margin,
)
