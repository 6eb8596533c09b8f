"""Invariants of network specs, and what follows from them."""

from collections.abc import Callable

import pytest

from soundproof.search_spaces.specs import (
    BareHead,
    BatchNorm,
    ConvolutionModule,
    ConvStack,
    Dropout,
    RecurrentStack,
    Relu,
    SpecError,
    SpeechNetwork,
    TransformerStack,
    describe_sublayers,
)


def test_even_kernel_needs_no_same_padding() -> None:
    """An even kernel cannot be centred, and the error says which sizes can."""
    with pytest.raises(SpecError, match='odd for "same" padding, got 4: use 3 or 5'):
        ConvStack(layers=1, filters=1, kernel_size=4, sublayers=())


@pytest.mark.parametrize("field", [{"stride": 2}, {"padding": "valid"}])
def test_dense_connections_need_aligned_frames(field: dict[str, object]) -> None:
    """Outputs can be concatenated only when every layer keeps all frames."""
    with pytest.raises(SpecError, match="dense connections need"):
        ConvStack(layers=2, filters=1, kernel_size=3, connectivity="dense", sublayers=(), **field)


def test_single_recurrent_layer_has_nothing_between() -> None:
    """Sublayers between layers exist only where there are two layers."""
    with pytest.raises(SpecError, match="single recurrent layer"):
        RecurrentStack(cell="gru", layers=1, units=4, sublayers_between=(Relu(),))


@pytest.mark.parametrize(
    ("dilation", "expected"),
    [("none", (1, 1, 1, 1)), ("doubling", (1, 2, 4, 8)), ("reversed", (8, 4, 2, 1))],
)
def test_dilations(dilation: str, expected: tuple[int, ...]) -> None:
    """Doubling starts at 1; reversed ends there."""
    stack = ConvStack(layers=4, filters=1, kernel_size=3, padding="valid", dilation=dilation, sublayers=())
    assert stack.dilations == expected


def test_sublayers_are_described_in_order() -> None:
    """Factor levels show order and rates."""
    assert describe_sublayers((BatchNorm(), Relu(), Dropout(rate=0.25))) == "batch norm, relu, dropout 0.25"
    assert describe_sublayers(()) == "none"


def _transformer(**other: int) -> TransformerStack:
    return TransformerStack(
        **{"layers": 1, "channels": 8, "heads": 4, "feed_forward_units": 9, "dropout": None} | other
    )


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: _transformer(channels=10), "multiple of heads, .* got 10 channels and 4 heads: use 8 or 12 channels"),
        (lambda: _transformer(channels=3), "got 3 channels and 4 heads: use 4 channels"),
        (lambda: _transformer(layers=0), "TransformerStack.layers must be at least 1, got 0"),
        (lambda: _transformer(dropout=0), "TransformerStack.dropout must lie between 0 and 1, got 0.0: use None"),
        (lambda: ConvolutionModule(kernel_size=6), "kernel_size must be odd, got 6: use 5 or 7"),
        (
            lambda: SpeechNetwork(
                convolution=None,
                recurrent=RecurrentStack(cell="gru", layers=1, units=4),
                attention=_transformer(),
                head=BareHead(),
            ),
            "attention in the place of recurrent layers, got both: set one of them to None",
        ),
        (
            lambda: SpeechNetwork(convolution=None, recurrent=None, head=BareHead()),
            "needs convolution, recurrent or both, or attention, got none: give one of them",
        ),
    ],
)
def test_what_cannot_attend_is_refused(make: Callable[[], object], words: str) -> None:
    """With what was given, and what would do."""
    with pytest.raises(SpecError, match=words):
        make()
