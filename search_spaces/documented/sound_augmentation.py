"""Whether what is done to sounds while a network trains helps it.

The sounds are in decibels and normalised, as the augmentations want them: zero is the mean, and noise has a scale.
"""

from dataclasses import replace

from soundproof.search_spaces.documented.classifying import LIKE_FOR_ALL, OTHER_CORPUS
from soundproof.search_spaces.documented.declaring import Source, compared
from soundproof.search_spaces.documented.esc_cnn_family import DOCUMENT, IN_DECIBELS
from soundproof.search_spaces.specs import Augmentation, Mixup, Noise, SpecAugment, TimeShift
from soundproof.search_spaces.studies import Variant

_PAPERS = "papers on augmentation, each named by its claim"
_SALAMON_AND_BELLO = Source("Salamon and Bello 2017, on environmental sounds")

_FACTOR = "augmentation"


def _variant(name: str, level: str, augmentation: Augmentation) -> Variant:
    recipe = replace(IN_DECIBELS.recipe, augmentations=(augmentation,))
    return replace(compared(IN_DECIBELS, {_FACTOR: level}), id=f"sound-augmentation/{name}", recipe=recipe)


_NONE = compared(IN_DECIBELS, {_FACTOR: "none"})
_SPEC_AUGMENT = _variant("spec-augment", "SpecAugment", SpecAugment())
_TIME_SHIFT = _variant("time-shift", "time shift", TimeShift())
_NOISE = _variant("noise", "noise", Noise())
_MIXUP = _variant("mixup", "mixup", Mixup())

SOUND_AUGMENTATION = replace(DOCUMENT, source=_PAPERS, caveats=(LIKE_FOR_ALL, OTHER_CORPUS)).study(
    "sound-augmentation",
    "Environmental sounds: which augmentation helps a time-distributed CNN?",
    baseline=_NONE,
    variants=(_NONE, _SPEC_AUGMENT, _TIME_SHIFT, _NOISE, _MIXUP),
    claims=(
        Source("Park et al. 2019, on speech recognition").better(
            "Masking stripes of time and frequency (SpecAugment) helps.", (_SPEC_AUGMENT, _NONE)
        ),
        _SALAMON_AND_BELLO.better("Moving sounds in time helps.", (_TIME_SHIFT, _NONE)),
        _SALAMON_AND_BELLO.better("Adding noise helps.", (_NOISE, _NONE)),
        Source("Zhang et al. 2018, on images and spoken commands").better(
            "Mixing pairs of sounds (mixup) helps.", (_MIXUP, _NONE)
        ),
    ),
    caveats=(
        "the network is applied to each frame alone and averages: of a sound moved in time it loses what falls off the "
        "end, and nothing else changes for it",
        "all is done to normalised decibels of mel bands; Salamon and Bello work on waveforms",
        "one strength of each augmentation, not tuned",
    ),
)
