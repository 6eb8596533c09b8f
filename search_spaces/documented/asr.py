"""What the documented speech studies share: features, recipe, and the parts that most of their networks are made of.

Source of all of them: a notebook of 113 variants of CTC networks, trained on 2,023 utterances of LibriSpeech, one run
each, compared by validation loss curves drawn on axes from 75 to 200 nats.
"""

from __future__ import annotations

from search_spaces.alphabet import OUTPUTS
from search_spaces.specs import (
    BatchNorm,
    ConvStack,
    DenseHead,
    Dropout,
    LogSpectrogram,
    Recipe,
    RecurrentStack,
    Relu,
    Sgd,
    SpeechNetwork,
)

SOURCE = "CTC speech-recognition notebook, 113 variants, one run each"

RELU, NORM, DROPOUT = Relu(), BatchNorm(), Dropout(rate=0.2)

SPECTROGRAM = LogSpectrogram()
RECIPE = Recipe(
    optimizer=Sgd(learning_rate=0.02, momentum=0.9, nesterov=True, decay=1e-6), batch_size=32, clip_norm=5.0
)

WIDE_CONVOLUTION = ConvStack(
    layers=1, filters=200, kernel_size=11, stride=2, padding="valid", sublayers=(RELU, DROPOUT, NORM)
)
DEEP_CONVOLUTION = ConvStack(layers=12, filters=200, kernel_size=3, sublayers=(DROPOUT, RELU, NORM))
TWO_WAY_GRU = RecurrentStack(cell="gru", layers=1, units=200, merge="concat")
TWO_LSTMS = RecurrentStack(cell="lstm", layers=2, units=200, sublayers_between=(DROPOUT,))
HEAD = DenseHead(outputs=OUTPUTS, sublayers=(RELU, NORM, DROPOUT))

CNN_12 = SpeechNetwork(convolution=DEEP_CONVOLUTION, recurrent=TWO_WAY_GRU, head=HEAD)
LSTM_2 = SpeechNetwork(convolution=None, recurrent=TWO_LSTMS, head=HEAD)

FIXED_CAVEATS = (
    "one optimiser and learning rate for every variant, not tuned for each",
    "greedy decoding without a language model",
)
