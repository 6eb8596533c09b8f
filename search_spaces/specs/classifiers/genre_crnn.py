"""A small convolutional-recurrent genre classifier on mel spectrograms (after Choi et al. 2017, with SELU).

Each block: convolution with "same" padding, SELU (Klambauer et al. 2017), batch norm, max pool, dropout. The feature
maps then become a sequence for recurrent layers, whose last state goes through one dense layer to the classes.
"""

from dataclasses import dataclass
from typing import Literal

from soundproof.search_spaces.specs.canonical import Spec
from soundproof.search_spaces.specs.checks import at_least_one, not_empty, pairs, rates
from soundproof.search_spaces.specs.sublayers import Dropout
from soundproof.search_spaces.specs.tasks import OfClassification

SequenceLayout = Literal["row_major", "time_major"]


@dataclass(frozen=True, kw_only=True, slots=True)
class AlphaDropout(Spec):
    """Values are replaced with probability `rate` while training so that mean and variance stay (Klambauer 2017)."""

    rate: float

    def _check(self) -> None:
        rates(self, "rate")


@dataclass(frozen=True, kw_only=True, slots=True)
class CrnnBlock(Spec):
    """`kernel` and `pool` are sizes along (mel, time). Pools do not overlap and drop what does not fill one."""

    filters: int
    kernel: tuple[int, int]
    pool: tuple[int, int]
    dropout: AlphaDropout | Dropout | None

    def _check(self) -> None:
        at_least_one(self, "filters")
        pairs(self, "kernel", "pool")


@dataclass(frozen=True, kw_only=True, slots=True)
class GenreCrnn(OfClassification):
    """Mel spectrogram in, genre out.

    `sequence` says how feature maps of C channels, F mel positions and T times become a sequence. "time_major": T
    frames of C * F values, the ordinary way. "row_major": the documented one, the array (T, C, F) read row by row as
    (T * F, C), which interleaves frequency into time. `gru_units` has one entry per recurrent layer (one bias vector a
    gate, the reset gate before the recurrent product); all but the last return the sequence.
    """

    blocks: tuple[CrnnBlock, ...]
    sequence: SequenceLayout = "row_major"
    gru_units: tuple[int, ...]
    dropout: AlphaDropout | Dropout | None
    dense: int
    classes: int

    def _check(self) -> None:
        not_empty(self, "blocks", "gru_units")
        at_least_one(self, "gru_units", "dense", "classes")
