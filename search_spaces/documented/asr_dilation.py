"""Dilated convolutions over spectrogram frames."""

from __future__ import annotations

from search_spaces.claims import Infeasible, NotBetter
from search_spaces.documented.asr import (
    CNN_12,
    DROPOUT,
    FIXED_CAVEATS,
    HEAD,
    NORM,
    RECIPE,
    RELU,
    SOURCE,
    SPECTROGRAM,
    TWO_WAY_GRU,
)
from search_spaces.specs import ConvStack, SpeechNetwork
from search_spaces.studies import Level, Study, Variant


def _dilated(variant_id: str, layers: int) -> Variant:
    convolution = ConvStack(
        layers=layers,
        filters=200,
        kernel_size=3,
        padding="valid",
        dilation="doubling",
        sublayers=(DROPOUT, RELU, NORM),
    )
    return Variant(
        id=variant_id,
        levels=(Level(factor="dilations", value=", ".join(str(dilation) for dilation in convolution.dilations)),),
        features=SPECTROGRAM,
        network=SpeechNetwork(convolution=convolution, recurrent=TWO_WAY_GRU, head=HEAD),
        recipe=RECIPE,
        epochs=100,
    )


_ID = "asr-dilation"
_UNDILATED = "asr-cnn-depth/03"
_DILATED = tuple(f"{_ID}/{number:02d}" for number in range(1, 6))
_SEVEN_LAYERS = f"{_ID}/7-layers"

ASR_DILATION = Study(
    id=_ID,
    question="Do doubling dilations (1, 2, 4, ...) help on spectrograms?",
    source=SOURCE,
    baseline=_UNDILATED,
    variants=(
        *(_dilated(variant_id, layers) for layers, variant_id in enumerate(_DILATED, start=2)),
        _dilated(_SEVEN_LAYERS, 7),
        Variant(
            id=_UNDILATED,
            levels=(Level(factor="dilations", value="none, 12 layers, same padding"),),
            features=SPECTROGRAM,
            network=CNN_12,
            recipe=RECIPE,
            epochs=100,
        ),
    ),
    claims=(
        NotBetter(
            text="Dilations do not help at all on spectrograms.",
            source=SOURCE,
            pairs=tuple((variant_id, _UNDILATED) for variant_id in _DILATED),
        ),
        Infeasible(
            text="More than 6 layers with doubling dilation and no padding cannot be trained: "
            "the output becomes shorter than the transcripts.",
            source=SOURCE,
            variants=(_SEVEN_LAYERS,),
        ),
    ),
    caveats=("kernel 3, no padding with dilation, one bidirectional GRU layer behind", *FIXED_CAVEATS),
)
