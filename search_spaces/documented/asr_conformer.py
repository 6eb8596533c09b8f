"""What of a Conformer makes it transcribe well: its convolutions, its heads, or attention at all.

No document of variants asks this: the paper on Conformers does, of networks of another size and corpus.
"""

from dataclasses import replace

from soundproof.search_spaces.alphabet import OUTPUTS
from soundproof.search_spaces.documented.asr import DOCUMENT, RELU
from soundproof.search_spaces.documented.declaring import Document, Source
from soundproof.search_spaces.specs import (
    Adam,
    AttentionStack,
    ConformerStack,
    ConvolutionModule,
    ConvStack,
    DenseHead,
    Recipe,
    RunningStatistics,
    SpeechNetwork,
    TransformerStack,
)
from soundproof.search_spaces.studies import Variant

PAPER = Source("Gulati et al. 2020 (arXiv:2005.08100), on LibriSpeech")

SUBSAMPLING = ConvStack(layers=2, filters=144, kernel_size=3, stride=2, sublayers=(RELU,))
"""A frame of what attends for four of the features."""

CONFORMER = ConformerStack(
    layers=4,
    channels=144,
    heads=4,
    feed_forward_units=576,
    dropout=0.1,
    convolution=ConvolutionModule(kernel_size=31),
    positions="sinusoidal",
)
TRANSFORMER = TransformerStack(layers=4, channels=144, heads=4, feed_forward_units=576, dropout=0.1)

ADAM = Recipe(
    optimizer=Adam(learning_rate=0.001), batch_size=32, clip_norm=5.0, running_statistics=RunningStatistics(kept=0.9)
)

_DOCUMENT = Document(
    PAPER.source,
    features=DOCUMENT.features,
    recipe=ADAM,
    caveats=(
        "one optimiser and learning rate for every variant, not tuned for each, and no warm-up",
        "greedy decoding without a language model",
        "unless a corpus is named, speech is synthesised; the paper trains on LibriSpeech",
    ),
)


def attending(attention: AttentionStack) -> SpeechNetwork:
    """Two strided convolutions, the encoder, one dense layer to the symbols."""
    return SpeechNetwork(convolution=SUBSAMPLING, recurrent=None, attention=attention, head=DenseHead(outputs=OUTPUTS))


def _variant(name: str, encoder: str, attention: AttentionStack) -> Variant:
    levels = {
        "encoder": encoder,
        "heads": str(attention.heads),
    }
    return _DOCUMENT.variant(f"asr-conformer/{name}", levels, attending(attention), epochs=50)


_CONFORMER = _variant("conformer", "Conformer", CONFORMER)
_NO_CONVOLUTION = _variant(
    "without-convolution", "Conformer without its convolution module", replace(CONFORMER, convolution=None)
)
_ONE_HEAD = _variant("1-head", "Conformer", replace(CONFORMER, heads=1))
_TRANSFORMER = _variant("transformer", "Transformer", TRANSFORMER)

ASR_CONFORMER = _DOCUMENT.study(
    "asr-conformer",
    "Does the convolution module of a Conformer matter, and do its heads?",
    baseline=_CONFORMER,
    variants=(_CONFORMER, _NO_CONVOLUTION, _ONE_HEAD, _TRANSFORMER),
    claims=(
        PAPER.better(
            "A Conformer transcribes better with its convolution module than without.", (_CONFORMER, _NO_CONVOLUTION)
        ),
        PAPER.better("More attention heads help a Conformer: four rather than one.", (_CONFORMER, _ONE_HEAD)),
        PAPER.better("A Conformer transcribes better than a Transformer.", (_CONFORMER, _TRANSFORMER)),
    ),
    caveats=(
        "as many layers and channels throughout: without the convolution module there are fewer parameters, and a "
        "Transformer has fewer still, which nothing makes up for",
        "the paper compares four heads with more, in encoders of 16 layers and more, with relative positions in place "
        "of added sines, and transducers in place of connectionist temporal classification",
        "channels and units are named at their sizes here; smaller presets scale all of them alike, channels to a "
        "multiple of the heads",
    ),
)
