"""Specs of classifiers as values: the round trip, and what they refuse."""

from collections.abc import Callable

import pytest
from documented_classifiers import DOCUMENTED_CLASSIFIERS

from soundproof.search_spaces.specs import Dropout, SpecError
from soundproof.search_spaces.specs.classifiers import (
    AlphaDropout,
    CrnnBlock,
    FeedForward,
    GenreCrnn,
    MfccBlock,
    SeStage,
    SoundBlock,
    VggPair,
    WaveformVgg,
)


@pytest.mark.parametrize("variant_id", DOCUMENTED_CLASSIFIERS)
def test_round_trip(variant_id: str) -> None:
    """JSON and back gives an equal value with an equal hash."""
    network = DOCUMENTED_CLASSIFIERS[variant_id]
    again = type(network).from_json(network.to_json())
    assert again == network
    assert again.digest() == network.digest()


def test_documented_networks_differ() -> None:
    """No two variants of the documents share a network, so that the difference of two is never in training alone."""
    digests = [network.digest() for key, network in DOCUMENTED_CLASSIFIERS.items() if key[-2:].isdigit()]
    assert len(digests) == 24
    assert len(set(digests)) == len(digests)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: AlphaDropout(rate=1.0), "AlphaDropout.rate must lie between 0 and 1, got 1.0"),
        (lambda: CrnnBlock(filters=1, kernel=(2,), pool=(2, 2), dropout=None), "kernel must be two numbers"),
        (lambda: CrnnBlock(filters=0, kernel=(2, 2), pool=(2, 2), dropout=None), "filters must be at least 1"),
        (lambda: GenreCrnn(blocks=(), gru_units=(1,), dropout=None, dense=1, classes=2), "blocks must hold"),
        (lambda: FeedForward(dense=(4, 0), classes=2), "dense must be at least 1"),
        (lambda: FeedForward(dense=(4,), l2=0.0, classes=2), "l2 must be positive"),
        (lambda: FeedForward(dense=(4,), dropout=0.0, classes=2), "use None for none"),
        (lambda: MfccBlock(filters=1, kernel=(3, 3), pool=(0, 2), dropout=None), "pool must be at least 1"),
        (lambda: SeStage(channels=4, blocks=-1, pool=False, dropout=None), "blocks must be 0 or more"),
        (lambda: SoundBlock(filters=1, kernel_size=0, sublayers=(Dropout(rate=0.5),)), "kernel_size must be at least"),
        (
            lambda: WaveformVgg(pairs=(VggPair(channels=1),), kernel_size=4, dense=(), classes=2),
            "kernel_size must be odd, got 4: use 3 or 5",
        ),
    ],
)
def test_contradictions_are_refused(make: Callable[[], object], words: str) -> None:
    """Every invariant is checked when the value is made, and the message says what was given."""
    with pytest.raises(SpecError, match=words):
        make()
