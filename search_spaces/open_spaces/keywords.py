"""Keyword spotting: pairs of convolutions or residual stages, on mel spectrograms or MFCCs of as many dimensions."""

from soundproof.search_spaces.choices import Build, as_node, build, integers, one_of, reals, repeat
from soundproof.search_spaces.documented.speech_commands import DOCUMENT, MEL_CEPSTRUM, MEL_SPECTROGRAM
from soundproof.search_spaces.spaces import SearchSpace
from soundproof.search_spaces.specs.classifiers import MfccVgg, SeResNet, SeStage, VggDense, VggPair

_VGG = build(
    MfccVgg,
    pairs=repeat(
        integers(2, 3),
        build(VggPair, channels=one_of(8, 16, 32), dropout=one_of(None, 0.1, 0.2, 0.3)),
        vary="each",
    ),
    kernel_size=one_of(3, 5),
    dense=repeat(
        integers(1, 2), build(VggDense, units=one_of(128, 256, 512), dropout=one_of(None, 0.2, 0.5)), vary="each"
    ),
    classes=12,
)


def _stage(channels: int, *, pool: bool = True, dropout: float | None = 0.2) -> Build:
    """A stage as wide as the documented one, or half as wide, with one or two blocks."""
    wide = one_of(channels // 2, channels)
    return build(SeStage, channels=wide, blocks=integers(1, 2), pool=pool, dropout=dropout)


_SE_RESNET = build(
    SeResNet,
    stages=(
        _stage(16, pool=False, dropout=None),
        _stage(32, dropout=0.1),
        _stage(64),
        _stage(128),
        build(SeStage, channels=one_of(128, 256), blocks=0, pool=False, dropout=0.2),
    ),
    bottleneck=one_of(8, 16),
    dense=one_of(128, 256),
    dropout=reals(0.1, 0.5, step=0.05),
    classes=12,
)

KEYWORDS = SearchSpace(
    id="keywords",
    domain="keywords",
    question="Keywords: pairs of convolutions or residual stages, how wide, on mel spectrograms or MFCCs?",
    source=f"open search around the networks of the {DOCUMENT.source}",
    features=one_of(mel=MEL_SPECTROGRAM, mfcc=MEL_CEPSTRUM),
    network=one_of(vgg=_VGG, se_resnet=_SE_RESNET),
    recipe=as_node(DOCUMENT.recipe),
    epochs=38,
    metric=DOCUMENT.metric,
    margin=DOCUMENT.margin,
)
