"""Speech networks that attend: Conformers and Transformers behind strided convolutions, and how they are trained.

Every number of heads divides every number of channels, so that no choice contradicts another.
"""

from typing import Any

from soundproof.search_spaces.alphabet import OUTPUTS
from soundproof.search_spaces.choices import as_node, build, integers, one_of, reals
from soundproof.search_spaces.documented.asr import RELU, SPECTROGRAM
from soundproof.search_spaces.documented.asr_conformer import ADAM, PAPER
from soundproof.search_spaces.spaces import SearchSpace
from soundproof.search_spaces.specs import (
    Adam,
    ConformerStack,
    ConvolutionModule,
    ConvStack,
    DenseHead,
    Recipe,
    SpeechNetwork,
    TransformerStack,
)

_SIZES: dict[str, Any] = {
    "layers": integers(1, 8),
    "channels": integers(96, 240, step=48),
    "heads": one_of(1, 2, 4, 8),
    "feed_forward_units": integers(192, 1152, step=192),
    "dropout": one_of(none=None, some=reals(0.05, 0.3, step=0.05)),
    "positions": one_of("none", "sinusoidal"),
}

_CONVOLUTION = build(
    ConvolutionModule, kernel_size=integers(3, 31, step=4), norm=one_of("batch", "group"), first=one_of(False, True)
)

SPEECH_ATTENTION = SearchSpace(
    id="speech-attention",
    question="Which Conformer or Transformer transcribes best?",
    source=f"open search around the networks of {PAPER.source}",
    features=as_node(SPECTROGRAM),
    network=build(
        SpeechNetwork,
        convolution=build(
            ConvStack,
            layers=integers(1, 2),
            filters=integers(48, 192, step=48),
            kernel_size=3,
            stride=2,
            sublayers=(RELU,),
        ),
        recurrent=None,
        attention=one_of(
            conformer=build(ConformerStack, **_SIZES, convolution=one_of(none=None, module=_CONVOLUTION)),
            transformer=build(TransformerStack, **_SIZES, norm=one_of("before", "after")),
        ),
        head=build(DenseHead, outputs=OUTPUTS),
    ),
    recipe=build(
        Recipe,
        optimizer=build(Adam, learning_rate=reals(3e-4, 3e-3, log=True)),
        clip_norm=ADAM.clip_norm,
        batch_size=ADAM.batch_size,
        running_statistics=as_node(ADAM.running_statistics),
    ),
    epochs=50,
)
