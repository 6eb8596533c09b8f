"""What may follow a layer with weights: activation, normalisation, dropout. Their order is the order of a tuple."""

from dataclasses import dataclass

from soundproof.search_spaces.specs.canonical import Spec, SpecError


@dataclass(frozen=True, kw_only=True, slots=True)
class Relu(Spec):
    """max(0, x)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BatchNorm(Spec):
    """Each channel normalised over the frames of a batch (Ioffe and Szegedy 2015), then scaled and shifted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Dropout(Spec):
    """Each value is zeroed with probability `rate` while training, the others scaled by 1 / (1 - rate)."""

    rate: float

    def _check(self) -> None:
        if not 0.0 < self.rate < 1.0:
            raise SpecError(f"Dropout.rate must lie between 0 and 1, got {self.rate}: leave the Dropout out for none")


Sublayer = Relu | BatchNorm | Dropout


def describe_sublayers(sublayers: tuple[Sublayer, ...]) -> str:
    """The order in words, as factor levels show it: ``relu, dropout 0.2, batch norm``."""
    words = []
    for sublayer in sublayers:
        match sublayer:
            case Relu():
                words.append("relu")
            case BatchNorm():
                words.append("batch norm")
            case Dropout(rate=rate):
                words.append(f"dropout {rate:g}")
    return ", ".join(words) or "none"
