"""Speech networks: convolutions of several kinds or none, recurrent layers, a head; on spectrograms or MFCCs.

The bounds are about those of the documented networks, the largest of which have 12 convolutions of 200 filters and 5
recurrent layers of 300 units. Dropout rates have steps, so that the space is finite. No choice makes the frames too few
for the documented transcripts.
"""

from soundproof.search_spaces.alphabet import OUTPUTS
from soundproof.search_spaces.choices import Build, Ordering, as_node, build, integers, one_of, ordering, reals, subset
from soundproof.search_spaces.documented.asr import DOCUMENT, MFCC, RECIPE, SPECTROGRAM
from soundproof.search_spaces.spaces import SearchSpace
from soundproof.search_spaces.specs import (
    BatchNorm,
    ConvStack,
    DenseHead,
    Dropout,
    Mfcc,
    RecurrentStack,
    Relu,
    SpeechNetwork,
)

SOURCE = f"open search around the networks of the {DOCUMENT.source}"


def _dropout() -> Build:
    return build(Dropout, rate=reals(0.1, 0.5, step=0.05))


def _in_any_order() -> Ordering:
    return ordering(Relu(), BatchNorm(), dropout=_dropout())


_FILTERS = integers(50, 250, step=50)

_CONVOLUTION = one_of(
    none=None,
    strided=build(
        ConvStack,
        layers=1,
        filters=_FILTERS,
        kernel_size=integers(3, 11, step=2),
        stride=2,
        padding=one_of("same", "valid"),
        sublayers=_in_any_order(),
    ),
    shallow=build(
        ConvStack,
        layers=integers(1, 4),
        filters=_FILTERS,
        kernel_size=integers(3, 11, step=2),
        sublayers=_in_any_order(),
    ),
    deep=build(
        ConvStack, layers=integers(5, 12), filters=integers(50, 200, step=50), kernel_size=3, sublayers=_in_any_order()
    ),
    dilated=build(
        ConvStack,
        layers=integers(2, 6),
        filters=_FILTERS,
        kernel_size=3,
        padding="valid",
        dilation=one_of("doubling", "reversed"),
        sublayers=_in_any_order(),
    ),
    dense=build(
        ConvStack,
        layers=integers(2, 12),
        filters=integers(50, 150),
        kernel_size=one_of(3, 5),
        connectivity="dense",
        sublayers=_in_any_order(),
    ),
)

_CELL = one_of("simple_rnn", "gru", "lstm")
_UNITS = integers(100, 300, step=50)
_MERGE = one_of(None, "concat", "sum", "ave", "mul")

_RECURRENT = one_of(
    one=build(RecurrentStack, cell=_CELL, layers=1, units=_UNITS, merge=_MERGE),
    several=build(
        RecurrentStack,
        cell=_CELL,
        layers=integers(2, 5),
        units=_UNITS,
        merge=_MERGE,
        connectivity=one_of("plain", "dense"),
        sublayers_between=subset(BatchNorm(), Relu(), dropout=_dropout()),
    ),
)

SPEECH = SearchSpace(
    id="speech",
    question="Which convolutions, recurrent layers and features transcribe best?",
    source=SOURCE,
    features=one_of(spectrogram=SPECTROGRAM, mfcc=Mfcc(), liftered_mfcc=MFCC),
    network=build(
        SpeechNetwork,
        convolution=_CONVOLUTION,
        recurrent=_RECURRENT,
        head=build(DenseHead, outputs=OUTPUTS, sublayers=(BatchNorm(), Relu(), _dropout())),
    ),
    recipe=as_node(RECIPE),
    epochs=100,
)
