"""What a network must keep to, checked by arithmetic before a trial of it costs anything."""

from collections.abc import Iterable
from dataclasses import dataclass

from soundproof.search_spaces import arithmetic
from soundproof.search_spaces.arithmetic.classifiers import (
    classifier_infeasibility,
    count_classifier_multiply_accumulates,
    count_classifier_parameters,
)
from soundproof.search_spaces.specs import (
    CustomNetwork,
    Features,
    Network,
    Spec,
    SpecError,
    SpeechNetwork,
    step_samples,
)
from soundproof.search_spaces.specs.checks import at_least_one
from soundproof.search_spaces.specs.classifiers import DeclaredClassifier
from soundproof.search_spaces.studies import Variant

REFERENCE_SECONDS = 10
"""The utterance on which the multiply-accumulates of a speech network are counted.

Long enough that what "valid" padding takes from its ends hardly matters.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class AtMostParameters(Spec):
    """A limit on all parameters, batch norm's running mean and variance included."""

    total: int

    def _check(self) -> None:
        at_least_one(self, "total")


@dataclass(frozen=True, kw_only=True, slots=True)
class AtMostMultiplyAccumulates(Spec):
    """A limit on the multiply-accumulates of a forward pass, for each second of audio.

    A frame stands for the time until the next one. Speech is counted on `REFERENCE_SECONDS`, a clip as it is.
    """

    per_second: int

    def _check(self) -> None:
        at_least_one(self, "per_second")


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceptiveFieldWithin(Spec):
    """Limits on the audio that one output frame depends on, both included.

    What has no limit of its own, recurrent layers, attention and classifiers, is within them only where `most_seconds`
    is None.
    """

    least_seconds: float
    most_seconds: float | None

    def _check(self) -> None:
        if self.least_seconds < 0:
            raise SpecError(f"ReceptiveFieldWithin.least_seconds must be 0 or more, got {self.least_seconds:g}")
        if self.most_seconds is not None and self.most_seconds < self.least_seconds:
            raise SpecError(
                "ReceptiveFieldWithin.most_seconds must be at least least_seconds "
                f"({self.least_seconds:g}), got {self.most_seconds:g}: exchange them, or use None for no limit"
            )


Constraint = AtMostParameters | AtMostMultiplyAccumulates | ReceptiveFieldWithin


def rejection(
    variant: Variant, constraints: Iterable[Constraint], inputs: Iterable[arithmetic.Extent] | int
) -> str | None:
    """The first reason why `variant` may not or cannot be trained; None when there is none.

    Arguments:
        variant: At the size at which it would be trained.
        constraints: What it has to keep to. They come before feasibility.
        inputs: What it would be trained on: the extents of utterances for a speech network, the frames of the shortest
            clip for a classifier.

    Returns:
        The reason in words, with numbers; None for a network of the user's own that violates nothing, since whether it
        can be built is found out when it is.
    """
    frames_per_clip = inputs if isinstance(inputs, int) else None
    reason = first_violation(constraints, variant, frames_per_clip)
    if reason is not None:
        return reason
    if isinstance(variant.network, CustomNetwork):
        return None  # found out when it is built
    if variant.network.task == "transcription":
        assert not isinstance(inputs, int), "a speech network is trained on utterances"
        return arithmetic.infeasibility(variant.network, inputs)
    return classifier_infeasibility(variant.network, _of_a_clip(frames_per_clip), variant.features.dimensions)


def first_violation(
    constraints: Iterable[Constraint], variant: Variant, frames_per_clip: int | None = None
) -> str | None:
    """The reason of the first constraint that `variant` does not keep to, or None."""
    reasons = (violation(constraint, variant.features, variant.network, frames_per_clip) for constraint in constraints)
    return next((reason for reason in reasons if reason is not None), None)


def violation(
    constraint: Constraint, features: Features, network: Network, frames_per_clip: int | None = None
) -> str | None:
    """Why `network` on `features` does not keep to `constraint`, in words with numbers; None where it does.

    `frames_per_clip` must be given for classifiers, and changes nothing for speech.
    """
    if isinstance(network, CustomNetwork):
        return "what a network of a user's own comes to is not known before it is built: search without constraints"
    match constraint:
        case AtMostParameters(total=most):
            return _too_many("parameters", _parameters(features, network, frames_per_clip), most)
        case AtMostMultiplyAccumulates(per_second=most):
            count = _multiply_accumulates_per_second(features, network, frames_per_clip)
            return _too_many("multiply-accumulates per second of audio", count, most)
        case ReceptiveFieldWithin():
            return _outside(constraint, features, network)


def _parameters(features: Features, network: SpeechNetwork | DeclaredClassifier, frames_per_clip: int | None) -> int:
    if network.task == "transcription":
        return arithmetic.count_parameters(network, features.dimensions).total
    return count_classifier_parameters(network, _of_a_clip(frames_per_clip), features.dimensions).total


def _multiply_accumulates_per_second(
    features: Features, network: SpeechNetwork | DeclaredClassifier, frames_per_clip: int | None
) -> int:
    """Rounded up, so that a count within a whole limit is one within the exact rate."""
    step = step_samples(features)
    if network.task == "transcription":
        frames = REFERENCE_SECONDS * features.sample_rate_hz // step
        count = arithmetic.count_multiply_accumulates(network, frames, features.dimensions)
    else:
        frames = _of_a_clip(frames_per_clip)
        count = count_classifier_multiply_accumulates(network, frames, features.dimensions)
    return -(-count * features.sample_rate_hz // (frames * step))


def _of_a_clip(frames_per_clip: int | None) -> int:
    assert frames_per_clip is not None, "what a classifier costs depends on the frames of a clip"
    return frames_per_clip


def _too_many(what: str, count: int, most: int) -> str | None:
    return None if count <= most else f"{count:,} {what}, at most {most:,} allowed"


def _outside(limits: ReceptiveFieldWithin, features: Features, network: Network) -> str | None:
    seconds = arithmetic.receptive_field_seconds(features, network)
    least, most = limits.least_seconds, limits.most_seconds
    if seconds is None:
        if most is None:
            return None
        return f"covers the whole {_without_limit(network)}, at most {most:g} s at a time allowed"
    covers = f"an output frame covers {arithmetic.receptive_field(network):,} frames ({seconds:g} s)"
    if seconds < least:
        return f"{covers}, at least {least:g} s needed"
    if most is not None and seconds > most:
        return f"{covers}, at most {most:g} s allowed"
    return None


def _without_limit(network: Network) -> str:
    if network.task == "classification":
        return "clip, as classifiers do"
    has_attention = isinstance(network, SpeechNetwork) and network.attention is not None
    return f"utterance, as {'attention does' if has_attention else 'recurrent layers do'}"
