"""Waveform to features, of any kind."""

from torch import Tensor

from soundproof.search_spaces import specs
from soundproof.trainables.features.centred import extract_centred
from soundproof.trainables.features.speech import extract_speech


def extract(waveform: Tensor, features: specs.Features) -> Tensor:
    """Compute `features` of one signal.

    Arguments:
        waveform: (samples,) at the features' own sampling rate, float32 in -1..1.
        features: Which, and with which windows.

    Returns:
        (frames, dimensions), float32. `frame_count` gives the frames beforehand; a signal shorter than `least_samples`
        has none.
    """
    if len(waveform) < specs.least_samples(features):
        return waveform.new_empty(0, features.dimensions)
    match features:
        case specs.LogSpectrogram() | specs.Mfcc():
            return extract_speech(waveform, features)
        case specs.MelSpectrogram() | specs.MelCepstrum():
            return extract_centred(waveform, features)
        case specs.RawWaveform():
            return waveform[:, None]
