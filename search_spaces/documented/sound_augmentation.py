"""Whether what is done to sounds while a network trains helps it.

The sounds are in decibels and normalised, as the augmentations want them: zero is the mean, and noise has a scale.
"""

from __future__ import annotations

from dataclasses import replace

from soundproof.search_spaces.claims import Better
from soundproof.search_spaces.documented.asr import compared
from soundproof.search_spaces.documented.classifying import ACCURACY, LIKE_FOR_ALL, MARGIN, OTHER_CORPUS, documented
from soundproof.search_spaces.documented.esc_cnn_family import IN_DECIBELS
from soundproof.search_spaces.specs import Augmentation, Mixup, Noise, SpecAugment, TimeShift
from soundproof.search_spaces.studies import Study, Variant

SOURCE = "papers on augmentation, each named by its claim"

_FACTOR = "augmentation"


def _variant(name: str, level: str, augmentation: Augmentation) -> Variant:
    home = IN_DECIBELS
    recipe = replace(home.recipe, augmentations=(augmentation,))
    return documented(
        f"sound-augmentation/{name}",
        {_FACTOR: level},
        home.network,
        features=home.features,
        recipe=recipe,
        epochs=home.epochs,
    )


_NONE = IN_DECIBELS.id
_SPEC_AUGMENT = _variant("spec-augment", "SpecAugment", SpecAugment())
_TIME_SHIFT = _variant("time-shift", "time shift", TimeShift())
_NOISE = _variant("noise", "noise", Noise())
_MIXUP = _variant("mixup", "mixup", Mixup())

SOUND_AUGMENTATION = Study(
    id="sound-augmentation",
    domain="sounds",
    question="Environmental sounds: which augmentation helps a time-distributed CNN?",
    source=SOURCE,
    baseline=_NONE,
    variants=(compared(IN_DECIBELS, {_FACTOR: "none"}), _SPEC_AUGMENT, _TIME_SHIFT, _NOISE, _MIXUP),
    claims=(
        Better(
            text="Masking stripes of time and frequency (SpecAugment) helps.",
            source="Park et al. 2019, on speech recognition",
            pairs=((_SPEC_AUGMENT.id, _NONE),),
        ),
        Better(
            text="Moving sounds in time helps.",
            source="Salamon and Bello 2017, on environmental sounds",
            pairs=((_TIME_SHIFT.id, _NONE),),
        ),
        Better(
            text="Adding noise helps.",
            source="Salamon and Bello 2017, on environmental sounds",
            pairs=((_NOISE.id, _NONE),),
        ),
        Better(
            text="Mixing pairs of sounds (mixup) helps.",
            source="Zhang et al. 2018, on images and spoken commands",
            pairs=((_MIXUP.id, _NONE),),
        ),
    ),
    metric=ACCURACY,
    margin=MARGIN,
    caveats=(
        "the network hears each frame alone and averages: of a sound moved in time it loses what falls off the end, "
        "and nothing else changes for it",
        "all is done to normalised decibels of mel bands; Salamon and Bello work on waveforms",
        "one strength of each augmentation, not tuned",
        LIKE_FOR_ALL,
        OTHER_CORPUS,
    ),
)
