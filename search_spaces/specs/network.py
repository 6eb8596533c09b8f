"""Speech networks: convolutions, then recurrent layers or attention, then a head that scores characters per frame.

Shapes everywhere: (batch, frames, channels). Any stack may be absent, but not all of them.
"""

from dataclasses import dataclass
from typing import Literal

from soundproof.search_spaces.specs.attention import AttentionStack
from soundproof.search_spaces.specs.canonical import Spec, SpecError
from soundproof.search_spaces.specs.checks import at_least_one
from soundproof.search_spaces.specs.sublayers import Sublayer
from soundproof.search_spaces.specs.tasks import OfTranscription

Padding = Literal["same", "valid"]
Dilation = Literal["none", "doubling", "reversed"]
Connectivity = Literal["plain", "dense"]
Cell = Literal["simple_rnn", "gru", "lstm"]
Merge = Literal["concat", "sum", "ave", "mul"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ConvStack(Spec):
    """`layers` convolutions over time, each followed by `sublayers`.

    `dilation`: 1 everywhere, doubling (1, 2, 4, ...) or reversed (..., 4, 2, 1). `connectivity` "dense": every layer
    sees the stack's input and all earlier outputs, concatenated (Huang et al. 2017); the stack's output is that of
    its last layer. `padding` "same" keeps the number of frames (divided by the stride), "valid" pads nothing.
    """

    layers: int
    filters: int
    kernel_size: int
    stride: int = 1
    padding: Padding = "same"
    dilation: Dilation = "none"
    connectivity: Connectivity = "plain"
    sublayers: tuple[Sublayer, ...]

    def _check(self) -> None:
        at_least_one(self, "layers", "filters", "kernel_size", "stride")
        if self.padding == "same" and self.kernel_size % 2 == 0:
            odd = f"use {self.kernel_size - 1} or {self.kernel_size + 1}"
            raise SpecError(f'kernel_size must be odd for "same" padding, got {self.kernel_size}: {odd}')
        if self.connectivity == "dense" and (self.padding != "same" or self.stride != 1):
            given = f"got padding {self.padding!r} and stride {self.stride}"
            raise SpecError(f'dense connections need padding "same" and stride 1, so that frames line up: {given}')

    @property
    def dilations(self) -> tuple[int, ...]:
        """The dilation of each layer, first to last."""
        doubling = tuple(2**layer for layer in range(self.layers))
        match self.dilation:
            case "none":
                return (1,) * self.layers
            case "doubling":
                return doubling
            case "reversed":
                return doubling[::-1]


@dataclass(frozen=True, kw_only=True, slots=True)
class RecurrentStack(Spec):
    """`layers` recurrent layers with `sublayers_between` after each but the last.

    The first layer is bidirectional when `merge` says how its two directions are joined, else unidirectional; the
    others are unidirectional. `connectivity` "dense": every layer sees the stack's input and all earlier outputs (after
    their sublayers); the stack's output is that of its last layer. GRU and LSTM cells have two bias vectors a gate,
    the simple cell (tanh) has one.
    """

    cell: Cell
    layers: int
    units: int
    merge: Merge | None = None
    connectivity: Connectivity = "plain"
    sublayers_between: tuple[Sublayer, ...] = ()

    def _check(self) -> None:
        at_least_one(self, "layers", "units")
        if self.layers == 1 and (self.sublayers_between or self.connectivity == "dense"):
            raise SpecError(
                "a single recurrent layer has nothing between its layers and no dense connections, "
                f"got sublayers_between {self.sublayers_between} and connectivity {self.connectivity!r}: leave both out"
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class DenseHead(Spec):
    """`sublayers`, then one dense layer applied to every frame, then a softmax over `outputs` symbols."""

    outputs: int
    sublayers: tuple[Sublayer, ...] = ()

    def _check(self) -> None:
        at_least_one(self, "outputs")


@dataclass(frozen=True, kw_only=True, slots=True)
class BareHead(Spec):
    """A softmax over the channels of the last layer before it, with nothing between: no layer of its own."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SpeechNetwork(OfTranscription):
    """Features in, log-probabilities of characters out; trained with connectionist temporal classification.

    `padding` "unseen": an utterance's output depends on its own frames alone. "seen": what fills up a batch is input
    like any other, as in code without masks. Batch norm counts it, convolutions read what they made of it, and the
    backward direction of a recurrent layer begins in it, frames attend to it. `attention` comes in the place of
    `recurrent`.
    """

    convolution: ConvStack | None
    recurrent: RecurrentStack | None
    head: DenseHead | BareHead
    padding: Literal["unseen", "seen"] = "unseen"
    attention: AttentionStack | None = None

    def _check(self) -> None:
        if self.convolution is None and self.recurrent is None and self.attention is None:
            raise SpecError(
                "a SpeechNetwork needs convolution, recurrent or both, or attention, got none: give one of them"
            )
        if self.recurrent is not None and self.attention is not None:
            raise SpecError(
                "a SpeechNetwork has attention in the place of recurrent layers, got both: set one of them to None"
            )
