"""Hypothesis strategies for the value types of `search_spaces`."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from search_spaces.alphabet import OUTPUTS
from search_spaces.specs import (
    Adam,
    BareHead,
    BatchNorm,
    Budget,
    ConvStack,
    DenseHead,
    Dropout,
    GroupSplit,
    LogSpectrogram,
    Mfcc,
    PlateauStopping,
    Recipe,
    RecurrentStack,
    Relu,
    Sgd,
    SpeechNetwork,
    SyntheticSpeech,
    Trial,
)

rates = st.floats(0.01, 0.9)
sublayers = st.lists(st.one_of(st.just(Relu()), st.just(BatchNorm()), st.builds(Dropout, rate=rates)), max_size=3).map(
    tuple
)


@st.composite
def convolutions(draw: Any) -> ConvStack:
    """Small convolution stacks of every kind."""
    dense = draw(st.booleans())
    padding = "same" if dense else draw(st.sampled_from(["same", "valid"]))
    return ConvStack(
        layers=draw(st.integers(1, 4)),
        filters=draw(st.integers(1, 5)),
        kernel_size=draw(st.sampled_from([1, 3, 5] if padding == "same" else [1, 2, 3, 4])),
        stride=1 if dense else draw(st.integers(1, 3)),
        padding=padding,
        dilation=draw(st.sampled_from(["none", "doubling", "reversed"])),
        connectivity="dense" if dense else "plain",
        sublayers=draw(sublayers),
    )


@st.composite
def recurrences(draw: Any) -> RecurrentStack:
    """Small recurrent stacks of every kind."""
    layers = draw(st.integers(1, 3))
    return RecurrentStack(
        cell=draw(st.sampled_from(["simple_rnn", "gru", "lstm"])),
        layers=layers,
        units=draw(st.integers(1, 5)),
        merge=draw(st.sampled_from([None, "concat", "sum", "ave", "mul"])),
        connectivity="plain" if layers == 1 else draw(st.sampled_from(["plain", "dense"])),
        sublayers_between=() if layers == 1 else draw(sublayers),
    )


@st.composite
def networks(draw: Any) -> SpeechNetwork:
    """Speech networks with at least one stack."""
    recurrent = draw(st.none() | recurrences())
    return SpeechNetwork(
        convolution=draw(convolutions() if recurrent is None else st.none() | convolutions()),
        recurrent=recurrent,
        head=draw(st.just(BareHead()) | st.builds(DenseHead, outputs=st.just(OUTPUTS), sublayers=sublayers)),
    )


features = st.builds(LogSpectrogram, sample_rate_hz=st.sampled_from([8000, 16000])) | st.builds(
    Mfcc, coefficients=st.integers(1, 40)
)
learning_rates = st.floats(1e-6, 10, exclude_min=True)
optimizers = st.builds(Adam, learning_rate=learning_rates) | st.builds(
    Sgd, learning_rate=learning_rates, decay=st.floats(0, 1)
)
recipes = st.builds(
    Recipe,
    optimizer=optimizers,
    batch_size=st.integers(1, 64),
    clip_norm=st.none() | st.floats(0.1, 10),
    stopping=st.none() | st.builds(PlateauStopping, patience_epochs=st.integers(1, 9)),
)
corpora = st.builds(
    SyntheticSpeech,
    train_utterances=st.integers(3, 99),
    validation_utterances=st.integers(3, 99),
    test_utterances=st.integers(3, 99),
    train_speakers=st.integers(1, 3),
    validation_speakers=st.integers(1, 3),
    test_speakers=st.integers(1, 3),
    seed=st.integers(0, 2**40),
)
trials = st.builds(
    Trial,
    corpus=corpora,
    split=st.builds(GroupSplit, validation_fraction=st.floats(0, 0.4), test_fraction=st.floats(0, 0.4)),
    features=features,
    network=networks(),
    recipe=recipes,
    budget=st.builds(Budget, epochs=st.integers(1, 500), preset=st.sampled_from(["smoke", "quick", "documented"])),
    seed=st.integers(0, 2**40),
)
