"""The smallest networks: a recurrent layer alone, with a dense layer after it, with a convolution before it."""

from soundproof.search_spaces.documented.asr import (
    DOCUMENT,
    FIXED_CAVEATS,
    HEAD,
    MFCC,
    ONE_LSTM,
    WIDE_CONVOLUTION,
    documented,
    speech_study,
    without_convolution,
)
from soundproof.search_spaces.documented.declaring import compared
from soundproof.search_spaces.specs import BareHead, RecurrentStack, SpeechNetwork

_SIMPLE_RNN = RecurrentStack(cell="simple_rnn", layers=1, units=200)

_SIMPLE_ON_MFCC = documented(
    "asr-rnn-only/01",
    {"recurrent layer": "simple RNN", "features": "MFCC", "dense layer": "no dense layer"},
    SpeechNetwork(convolution=None, recurrent=_SIMPLE_RNN, head=BareHead()),
    features=MFCC,
    epochs=20,
)
_SIMPLE_ON_SPECTROGRAM = documented(
    "asr-rnn-only/02",
    {"recurrent layer": "simple RNN", "features": "spectrogram", "dense layer": "no dense layer"},
    SpeechNetwork(convolution=None, recurrent=_SIMPLE_RNN, head=BareHead()),
    epochs=20,
)
_LSTM_ALONE = documented(
    "asr-rnn-only/03",
    {"recurrent layer": "LSTM", "features": "spectrogram", "dense layer": "no dense layer"},
    SpeechNetwork(convolution=None, recurrent=ONE_LSTM, head=BareHead()),
    epochs=20,
)
ONE_LSTM_AND_DENSE = documented(
    "asr-time-distributed-dense/01",
    {"after the LSTM": "dense layer at every frame"},
    without_convolution(ONE_LSTM),
    epochs=20,
)
_CONVOLUTION_FIRST = documented(
    "asr-cnn-front-end/01",
    {"before the LSTM": "one convolution, kernel 11, stride 2"},
    SpeechNetwork(convolution=WIDE_CONVOLUTION, recurrent=ONE_LSTM, head=HEAD),
    epochs=20,
)

ASR_RNN_ONLY = speech_study(
    id="asr-rnn-only",
    question="Can a recurrent layer alone, with no dense layer after it, transcribe speech?",
    baseline=ONE_LSTM_AND_DENSE.id,
    variants=(
        _SIMPLE_ON_MFCC,
        _SIMPLE_ON_SPECTROGRAM,
        _LSTM_ALONE,
        compared(
            ONE_LSTM_AND_DENSE,
            {"recurrent layer": "LSTM", "features": "spectrogram", "dense layer": "dense layer at every frame"},
        ),
    ),
    claims=(
        DOCUMENT.better(
            "Neither a simple RNN nor an LSTM is adequate without a dense layer at every frame.",
            (ONE_LSTM_AND_DENSE.id, _SIMPLE_ON_MFCC.id),
            (ONE_LSTM_AND_DENSE.id, _SIMPLE_ON_SPECTROGRAM.id),
            (ONE_LSTM_AND_DENSE.id, _LSTM_ALONE.id),
        ),
    ),
    caveats=(
        "the documents do not say what adequate is: here, as good as the smallest network with a dense layer, "
        "an LSTM on spectrograms, which this study adds",
        "without a dense layer the softmax scores every unit: 200 symbols, of which 29 mean something",
        *FIXED_CAVEATS,
    ),
)

ASR_TIME_DISTRIBUTED_DENSE = speech_study(
    id="asr-time-distributed-dense",
    question="What does a time-distributed dense layer after the recurrent layer add?",
    baseline=_LSTM_ALONE.id,
    variants=(compared(_LSTM_ALONE, {"after the LSTM": "nothing"}), ONE_LSTM_AND_DENSE),
    claims=(
        DOCUMENT.better(
            "Adding the time-distributed dense layer improves performance drastically.",
            (ONE_LSTM_AND_DENSE.id, _LSTM_ALONE.id),
        ),
    ),
    caveats=(
        "the dense layer comes with relu, batch norm and dropout before it, and with 29 outputs in place of 200",
        *FIXED_CAVEATS,
    ),
)

ASR_CNN_FRONT_END = speech_study(
    id="asr-cnn-front-end",
    question="What does one convolution before the recurrent layer add?",
    baseline=ONE_LSTM_AND_DENSE.id,
    variants=(compared(ONE_LSTM_AND_DENSE, {"before the LSTM": "nothing"}), _CONVOLUTION_FIRST),
    claims=(
        DOCUMENT.better(
            "One convolutional layer before the recurrent layer improves performance considerably.",
            (_CONVOLUTION_FIRST.id, ONE_LSTM_AND_DENSE.id),
        ),
    ),
    caveats=(
        "the convolution comes with relu, dropout and batch norm, and halves the number of frames",
        *FIXED_CAVEATS,
    ),
)
