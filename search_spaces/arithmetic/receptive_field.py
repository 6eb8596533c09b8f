"""How much audio one output depends on."""

from soundproof.search_spaces.specs.features import (
    Features,
    LogSpectrogram,
    MelCepstrum,
    MelSpectrogram,
    Mfcc,
    RawWaveform,
    step_samples,
    window_samples,
)
from soundproof.search_spaces.specs.network import ConvStack, SpeechNetwork
from soundproof.search_spaces.specs.trial import Network


def receptive_field(network: Network) -> int | None:
    """Frames of features from the first to the last that one output frame depends on; None where there is no limit.

    A recurrent layer carries every earlier frame along, so networks with one have no limit. Neither has a classifier:
    each puts out one score for the whole clip, after a mean over all of it, a flattening or a last recurrent state.
    At the ends of an utterance part of the field is padding. Strides longer than the kernel leave gaps, which count.
    """
    if not isinstance(network, SpeechNetwork) or network.recurrent is not None:
        return None
    assert network.convolution is not None
    return _convolution_field(network.convolution)


def receptive_field_seconds(features: Features, network: Network) -> float | None:
    """Seconds of audio that one output frame depends on, the windows of its first and last frame included."""
    frames = receptive_field(network)
    if frames is None:
        return None
    samples = _samples_in_frame(features) + (frames - 1) * samples_between_frames(features)
    return samples / features.sample_rate_hz


def samples_between_frames(features: Features) -> int:
    """Samples from one frame of `features` to the next."""
    match features:
        case LogSpectrogram() | Mfcc():
            return step_samples(features)
        case MelSpectrogram() | MelCepstrum():
            return features.hop_samples
        case RawWaveform():
            return 1


def _samples_in_frame(features: Features) -> int:
    match features:
        case LogSpectrogram() | Mfcc():
            return window_samples(features)
        case MelSpectrogram() | MelCepstrum():
            return features.window_samples
        case RawWaveform():
            return 1


def _convolution_field(stack: ConvStack) -> int:
    """Every layer reaches `dilation * (kernel_size - 1)` of the frames before it further, which lie a stride apart.

    Dense connections only add paths that skip layers, which reach no further than the path through all of them.
    """
    field, apart = 1, 1
    for dilation in stack.dilations:
        field += dilation * (stack.kernel_size - 1) * apart
        apart *= stack.stride
    return field
