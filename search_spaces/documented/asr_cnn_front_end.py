"""The smallest networks: a recurrent layer alone, with a dense layer after it, with a convolution before it."""

from functools import partial

from soundproof.search_spaces.documented.asr import DOCUMENT, MFCC, ONE_LSTM, WIDE_CONVOLUTION, speech_network
from soundproof.search_spaces.documented.declaring import compared, strongly
from soundproof.search_spaces.specs import BareHead, RecurrentStack

_SIMPLE_RNN = RecurrentStack(cell="simple_rnn", layers=1, units=200)

_variant = partial(DOCUMENT.variant, epochs=20)


def _levels(recurrent: str, features: str, dense: str = "no dense layer") -> dict[str, str]:
    return {"recurrent layer": recurrent, "features": features, "dense layer": dense}


_SIMPLE_ON_MFCC = _variant(
    "asr-rnn-only/01", _levels("simple RNN", "MFCC"), speech_network(None, _SIMPLE_RNN, BareHead()), features=MFCC
)
_SIMPLE_ON_SPECTROGRAM = _variant(
    "asr-rnn-only/02", _levels("simple RNN", "spectrogram"), speech_network(None, _SIMPLE_RNN, BareHead())
)
_LSTM_ALONE = _variant("asr-rnn-only/03", _levels("LSTM", "spectrogram"), speech_network(None, ONE_LSTM, BareHead()))
ONE_LSTM_AND_DENSE = _variant(
    "asr-time-distributed-dense/01", {"after the LSTM": "dense layer at every frame"}, speech_network(None, ONE_LSTM)
)
_CONVOLUTION_FIRST = _variant(
    "asr-cnn-front-end/01",
    {"before the LSTM": "one convolution, kernel 11, stride 2"},
    speech_network(WIDE_CONVOLUTION, ONE_LSTM),
)

ASR_RNN_ONLY = DOCUMENT.study(
    "asr-rnn-only",
    "Can a recurrent layer alone, with no dense layer after it, transcribe speech?",
    baseline=ONE_LSTM_AND_DENSE,
    variants=(
        _SIMPLE_ON_MFCC,
        _SIMPLE_ON_SPECTROGRAM,
        _LSTM_ALONE,
        compared(ONE_LSTM_AND_DENSE, _levels("LSTM", "spectrogram", "dense layer at every frame")),
    ),
    claims=(
        DOCUMENT.better(
            "Neither a simple RNN nor an LSTM is adequate without a dense layer at every frame.",
            *((ONE_LSTM_AND_DENSE, bare) for bare in (_SIMPLE_ON_MFCC, _SIMPLE_ON_SPECTROGRAM, _LSTM_ALONE)),
        ),
    ),
    caveats=(
        "the documents do not say what adequate is: here, as good as the smallest network with a dense layer, "
        "an LSTM on spectrograms, which this study adds",
        "without a dense layer the softmax scores every unit: 200 symbols, of which 29 mean something",
    ),
)

ASR_TIME_DISTRIBUTED_DENSE = DOCUMENT.study(
    "asr-time-distributed-dense",
    "What does a time-distributed dense layer after the recurrent layer add?",
    baseline=_LSTM_ALONE,
    variants=(compared(_LSTM_ALONE, {"after the LSTM": "nothing"}), ONE_LSTM_AND_DENSE),
    claims=(
        DOCUMENT.better(
            "Adding the time-distributed dense layer improves performance drastically.",
            (ONE_LSTM_AND_DENSE, _LSTM_ALONE),
            degree=strongly("drastically"),
        ),
    ),
    caveats=("the dense layer comes with relu, batch norm and dropout before it, and with 29 outputs in place of 200",),
)

ASR_CNN_FRONT_END = DOCUMENT.study(
    "asr-cnn-front-end",
    "What does one convolution before the recurrent layer add?",
    baseline=ONE_LSTM_AND_DENSE,
    variants=(compared(ONE_LSTM_AND_DENSE, {"before the LSTM": "nothing"}), _CONVOLUTION_FIRST),
    claims=(
        DOCUMENT.better(
            "One convolutional layer before the recurrent layer improves performance considerably.",
            (_CONVOLUTION_FIRST, ONE_LSTM_AND_DENSE),
            degree=strongly("considerably"),
        ),
    ),
    caveats=("the convolution comes with relu, dropout and batch norm, and halves the number of frames",),
)
