"""What the documented speech studies share: features, recipe, and the parts that most of their networks are made of.

Source of all of them: a notebook of 113 variants of CTC networks, trained on 2,023 utterances of LibriSpeech, one run
each, compared by validation loss curves drawn on axes from 75 to 200 nats.
"""

from dataclasses import replace

from soundproof.search_spaces.alphabet import OUTPUTS
from soundproof.search_spaces.documented.declaring import Document
from soundproof.search_spaces.specs import (
    BareHead,
    BatchNorm,
    ConvStack,
    DenseHead,
    Dropout,
    LifteredMfcc,
    LogSpectrogram,
    Recipe,
    RecurrentStack,
    Relu,
    Sgd,
    SpeechNetwork,
)

RELU, NORM, DROPOUT = Relu(), BatchNorm(), Dropout(rate=0.2)

SPECTROGRAM, MFCC = LogSpectrogram(), LifteredMfcc()
RECIPE = Recipe(
    optimizer=Sgd(learning_rate=0.02, momentum=0.9, nesterov=True, decay=1e-6), batch_size=32, clip_norm=5.0
)

WIDE_CONVOLUTION = ConvStack(
    layers=1, filters=200, kernel_size=11, stride=2, padding="valid", sublayers=(RELU, DROPOUT, NORM)
)
DEEP_CONVOLUTION = ConvStack(layers=12, filters=200, kernel_size=3, sublayers=(DROPOUT, RELU, NORM))

ONE_LSTM = RecurrentStack(cell="lstm", layers=1, units=200)
TWO_LSTMS = RecurrentStack(cell="lstm", layers=2, units=200, sublayers_between=(DROPOUT,))
TWO_WAY_GRU = RecurrentStack(cell="gru", layers=1, units=200, merge="concat")
FOUR_GRUS = RecurrentStack(cell="gru", layers=4, units=200, merge="concat", sublayers_between=(NORM, RELU, DROPOUT))

HEAD = DenseHead(outputs=OUTPUTS, sublayers=(RELU, NORM, DROPOUT))

TUNED_CONVOLUTION = replace(DEEP_CONVOLUTION, sublayers=(RELU, Dropout(rate=0.25), NORM))
TUNED_HEAD = DenseHead(outputs=OUTPUTS, sublayers=(NORM, RELU, Dropout(rate=0.3)))

COMMUTING = (
    "dropout and relu next to each other commute: relu, dropout and dropout, relu are one function, so that "
    "comparing them asks about nothing"
)
DOCUMENTED_WIDTHS = "filters and units are named at their documented numbers; smaller presets scale all of them alike"

LIKE_ALL_SPEECH = (
    "greedy decoding without a language model",
    "unless a corpus is named, speech is synthesised; the documents train on LibriSpeech",
    "batch norm's running statistics keep 0.99 of what was there at documented sizes alone, as the documents' library "
    "has it; at smaller ones 0.9, because short runs would be judged by where they start",
    "padding is seen by no layer; in the documents, batch norm and the backward direction read it (see asr-padding)",
)

DOCUMENT = Document(
    "CTC speech-recognition notebook, 113 variants, one run each",
    features=SPECTROGRAM,
    recipe=RECIPE,
    caveats=("one optimiser and learning rate for every variant, not tuned for each", *LIKE_ALL_SPEECH),
)


def speech_network(
    convolution: ConvStack | None, recurrent: RecurrentStack | None = TWO_WAY_GRU, head: DenseHead | BareHead = HEAD
) -> SpeechNetwork:
    """Convolutions, where there are any, then one bidirectional GRU layer and the usual head, or others."""
    return SpeechNetwork(convolution=convolution, recurrent=recurrent, head=head)
