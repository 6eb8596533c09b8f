"""Convolutions where wanted, a Conformer or a Transformer over the frames, and pooling over time."""

from dataclasses import dataclass
from typing import Literal

from soundproof.search_spaces.specs.attention import AttentionStack
from soundproof.search_spaces.specs.checks import at_least_one, rates
from soundproof.search_spaces.specs.network import ConvStack
from soundproof.search_spaces.specs.tasks import OfClassification

Pooling = Literal["attention", "mean", "maximum"]


@dataclass(frozen=True, kw_only=True, slots=True)
class AttentionClassifier(OfClassification):
    """Features in; what `attention` makes of their frames is pooled over time, and a dense layer names the classes.

    `convolution`, with strides, leaves fewer frames to attend to. `pooling` "attention": the mean over the frames
    weighed by a softmax of a learned score of each (Okabe et al. 2018); "mean": all alike; "maximum": of each channel.
    `dropout` comes before the dense layer. Clips may have any length.
    """

    convolution: ConvStack | None
    attention: AttentionStack
    pooling: Pooling
    dropout: float | None
    classes: int

    def _check(self) -> None:
        at_least_one(self, "classes")
        rates(self, "dropout")
