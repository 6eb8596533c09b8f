"""A study of as many variants as the environment says, of a network that is hardly one: what `benchmarks.load` trains.

LOAD_VARIANTS=2000 python run_search.py report load --file benchmarks/load_study.py
"""

import os
from dataclasses import dataclass

from torch import nn

from soundproof import ClassifierNetwork, make_study


@dataclass(frozen=True)
class Wide(ClassifierNetwork):
    """One hidden layer."""

    units: int = 1

    def build(self, frames: int, dimensions: int, classes: int) -> nn.Module:
        """From features (batch, frames, dimensions) to logits (batch, classes)."""
        hidden = nn.Linear(frames * dimensions, self.units)
        return nn.Sequential(nn.Flatten(), hidden, nn.ReLU(), nn.Linear(self.units, classes))


STUDY = make_study(
    id=os.environ.get("LOAD_STUDY", "load"),
    question="How much can be recorded and reported?",
    domain="keywords",
    networks={f"{units} units": Wide(units) for units in range(1, 1 + int(os.environ.get("LOAD_VARIANTS", "2")))},
)
