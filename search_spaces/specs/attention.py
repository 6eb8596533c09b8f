"""Encoders that let every frame hear every other one: Conformers (Gulati et al. 2020) and Transformers (Vaswani 2017).

Shapes everywhere: (batch, frames, channels). Neither changes the number of frames. What comes in is brought to
`channels` by a linear layer where it has another width. Each of the `heads` attends with `channels` / `heads` of them.
`positions` "sinusoidal" adds to each frame what tells its place (Vaswani et al. 2017, sines and cosines in turn).
"""

from dataclasses import dataclass
from typing import Literal

from soundproof.search_spaces.specs.canonical import Spec, SpecError
from soundproof.search_spaces.specs.checks import at_least_one, rates

Positions = Literal["none", "sinusoidal"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ConvolutionModule(Spec):
    """The convolution of a Conformer layer: layer norm, a gated linear unit, a convolution of each channel by itself.

    Then a norm, SiLU and a linear layer. `norm` "batch" is over the frames of a batch, "group" over all frames and
    channels of a clip. `first`: ahead of the attention, else behind it.
    """

    kernel_size: int
    norm: Literal["batch", "group"] = "batch"
    first: bool = False

    def _check(self) -> None:
        at_least_one(self, "kernel_size")
        if self.kernel_size % 2 == 0:
            odd = f"use {self.kernel_size - 1} or {self.kernel_size + 1}"
            raise SpecError(f"ConvolutionModule.kernel_size must be odd, got {self.kernel_size}: {odd}")


@dataclass(frozen=True, kw_only=True, slots=True)
class _AttentionLayers(Spec):
    """What both kinds of layers have."""

    layers: int
    channels: int
    heads: int
    feed_forward_units: int
    dropout: float | None

    def _check(self) -> None:
        at_least_one(self, "layers", "channels", "heads", "feed_forward_units")
        rates(self, "dropout")
        if self.channels % self.heads:
            below = self.channels - self.channels % self.heads
            use = f"{below} or {below + self.heads}" if below else f"{self.heads}"
            raise SpecError(
                f"{type(self).__name__}.channels must be a multiple of heads, so that each has as many of them, "
                f"got {self.channels} channels and {self.heads} heads: use {use} channels"
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class ConformerStack(_AttentionLayers):
    """`layers` of half a feed-forward module, attention, the convolution module, another half, and a layer norm.

    Every part is added to what it is given. `convolution` None leaves that module out. A feed-forward module is layer
    norm, a dense layer of `feed_forward_units` with SiLU, and one back to the channels. `dropout` comes after each of
    these layers and modules, and on the weights of the attention.
    """

    convolution: ConvolutionModule | None
    positions: Positions = "none"


@dataclass(frozen=True, kw_only=True, slots=True)
class TransformerStack(_AttentionLayers):
    """`layers` of attention and a feed-forward module, each added to what it is given.

    `norm` "before": a layer norm ahead of each of the two, and one after the last layer (Xiong et al. 2020); "after":
    of each sum (Vaswani et al. 2017). A feed-forward module is a dense layer of `feed_forward_units` with ReLU, and one
    back to the channels. `dropout` comes after each dense layer and the attention, and on the weights of it.
    """

    norm: Literal["before", "after"] = "before"
    positions: Positions = "sinusoidal"


AttentionStack = ConformerStack | TransformerStack
