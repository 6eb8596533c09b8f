"""Constraints: held exactly at the bound, broken one below it, and said in words with numbers."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from documented_classifiers import DOCUMENTED_CLASSIFIERS, documented_extent
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import features, networks

from soundproof.search_spaces import STUDIES, preset_of
from soundproof.search_spaces.arithmetic import (
    REFERENCE_EXTENTS,
    Extent,
    count_multiply_accumulates,
    count_parameters,
    receptive_field_seconds,
    reference_extents,
)
from soundproof.search_spaces.arithmetic.classifiers import (
    count_classifier_multiply_accumulates,
    count_classifier_parameters,
)
from soundproof.search_spaces.constraints import (
    REFERENCE_SECONDS,
    AtMostMultiplyAccumulates,
    AtMostParameters,
    Constraint,
    ReceptiveFieldWithin,
    first_violation,
    rejection,
    violation,
)
from soundproof.search_spaces.planning import clip_frames, plan_study
from soundproof.search_spaces.specs import Features, SpecError, SpeechNetwork, frame_count, step_samples
from soundproof.search_spaces.specs.classifiers import MfccVgg, WaveformVgg
from soundproof.search_spaces.studies import Variant

VARIANTS = {variant.id: variant for study in STUDIES for variant in study.variants}
RECURRENT = VARIANTS["asr-rnn-only/01"]
BY_CONVOLUTION = replace(
    VARIANTS["asr-cnn-sublayer-order/01"],
    network=replace(VARIANTS["asr-cnn-sublayer-order/01"].network, recurrent=None),
)
"""Kernel 11 on windows of 20 ms every 10 ms: an output frame covers 0.12 s."""

constraints = (
    st.builds(AtMostParameters, total=st.integers(1, 10**9))
    | st.builds(AtMostMultiplyAccumulates, per_second=st.integers(1, 10**12))
    | st.builds(ReceptiveFieldWithin, least_seconds=st.floats(0, 1), most_seconds=st.none() | st.floats(1, 9))
)


@given(networks(), features)
def test_a_limit_of_parameters_holds_up_to_itself(network: SpeechNetwork, features: Features) -> None:
    """Exactly as many as there are hold; one fewer, and both numbers are named."""
    total = count_parameters(network, features.dimensions).total
    assume(total > 1)
    assert violation(AtMostParameters(total=total), features, network) is None
    reason = violation(AtMostParameters(total=total - 1), features, network)
    assert reason == f"{total:,} parameters, at most {total - 1:,} allowed"


@given(networks(), features, st.integers(-2, 2))
def test_a_limit_of_multiply_accumulates_is_one_of_the_exact_rate(
    network: SpeechNetwork, features: Features, beside: int
) -> None:
    """A whole limit holds exactly where the rate, as a fraction, is within it."""
    step = step_samples(features)
    frames = REFERENCE_SECONDS * features.sample_rate_hz // step
    rate = Fraction(
        count_multiply_accumulates(network, frames, features.dimensions) * features.sample_rate_hz, frames * step
    )
    limit = int(rate) + beside
    assume(limit >= 1)
    reason = violation(AtMostMultiplyAccumulates(per_second=limit), features, network)
    assert (reason is None) == (rate <= limit)


@given(networks(), features)
def test_limits_of_the_receptive_field_hold_up_to_themselves(network: SpeechNetwork, features: Features) -> None:
    """Both limits may be the field itself; a field without limit is within none from above."""
    seconds = receptive_field_seconds(features, network)
    if seconds is None:
        assert violation(ReceptiveFieldWithin(least_seconds=9, most_seconds=None), features, network) is None
        reason = violation(ReceptiveFieldWithin(least_seconds=0, most_seconds=9), features, network)
        what = "attention does" if network.attention is not None else "recurrent layers do"
        assert reason == f"covers the whole utterance, as {what}, at most 9 s at a time allowed"
        return
    exact = ReceptiveFieldWithin(least_seconds=seconds, most_seconds=seconds)
    assert violation(exact, features, network) is None
    below = violation(ReceptiveFieldWithin(least_seconds=seconds + 0.5, most_seconds=None), features, network)
    assert below is not None
    assert f"at least {seconds + 0.5:g} s needed" in below
    above = violation(ReceptiveFieldWithin(least_seconds=0, most_seconds=seconds / 2), features, network)
    assert above is not None
    assert f"at most {seconds / 2:g} s allowed" in above


@pytest.mark.parametrize("variant_id", DOCUMENTED_CLASSIFIERS)
def test_limits_of_classifiers_are_those_of_a_clip(variant_id: str) -> None:
    """Parameters and multiply-accumulates of the documented clip hold at their own number, and not at one below it."""
    network, features = DOCUMENTED_CLASSIFIERS[variant_id], VARIANTS[variant_id].features
    frames, dimensions = documented_extent(variant_id)
    total = count_classifier_parameters(network, frames, dimensions).total
    assert violation(AtMostParameters(total=total), features, network, frames) is None
    assert violation(AtMostParameters(total=total - 1), features, network, frames) is not None
    seconds = Fraction(frames * step_samples(features), features.sample_rate_hz)
    rate = count_classifier_multiply_accumulates(network, frames, dimensions) / seconds
    limit = -int(-rate // 1)
    assert violation(AtMostMultiplyAccumulates(per_second=limit), features, network, frames) is None
    assert violation(AtMostMultiplyAccumulates(per_second=limit - 1), features, network, frames) == (
        f"{limit:,} multiply-accumulates per second of audio, at most {limit - 1:,} allowed"
    )
    assert violation(ReceptiveFieldWithin(least_seconds=1, most_seconds=None), features, network, frames) is None
    assert violation(ReceptiveFieldWithin(least_seconds=0, most_seconds=1), features, network, frames) == (
        "covers the whole clip, as classifiers do, at most 1 s at a time allowed"
    )


def test_a_second_of_a_waveform_is_a_second() -> None:
    """The documented waveform network covers one second, so the rate that is limited is the count itself."""
    variant = VARIANTS["speech-commands/01"]
    assert isinstance(variant.network, WaveformVgg)
    count = count_classifier_multiply_accumulates(variant.network, 16000, 1)
    exact, below = (AtMostMultiplyAccumulates(per_second=limit) for limit in (count, count - 1))
    assert violation(exact, variant.features, variant.network, 16000) is None
    assert violation(below, variant.features, variant.network, 16000) is not None


def test_a_receptive_field_is_named_in_frames_and_seconds() -> None:
    """Eleven frames of 20 ms every 10 ms are 0.12 s."""
    features, network = BY_CONVOLUTION.features, BY_CONVOLUTION.network
    reason = violation(ReceptiveFieldWithin(least_seconds=0.2, most_seconds=0.5), features, network)
    assert reason == "an output frame covers 11 frames (0.12 s), at least 0.2 s needed"
    reason = violation(ReceptiveFieldWithin(least_seconds=0, most_seconds=0.1), features, network)
    assert reason == "an output frame covers 11 frames (0.12 s), at most 0.1 s allowed"


@given(constraints)
def test_constraints_round_trip(constraint: Constraint) -> None:
    """A constraint is a spec like any: its JSON makes the same constraint again."""
    assert type(constraint).from_json(constraint.to_json()) == constraint


@pytest.mark.parametrize(
    ("kind", "fields", "message"),
    [
        (AtMostParameters, {"total": 0}, "total must be at least 1, got 0"),
        (AtMostMultiplyAccumulates, {"per_second": -5}, "per_second must be at least 1, got -5"),
        (ReceptiveFieldWithin, {"least_seconds": -1, "most_seconds": 1}, "0 or more, got -1"),
        (ReceptiveFieldWithin, {"least_seconds": 2, "most_seconds": 1}, r"at least least_seconds \(2\), got 1"),
    ],
)
def test_limits_that_nothing_can_keep_to_are_refused(
    kind: type[Constraint], fields: dict[str, Any], message: str
) -> None:
    """The field, what it needs and what it got."""
    with pytest.raises(SpecError, match=message):
        kind(**fields)


def test_the_first_obstacle_is_named() -> None:
    """In the order of the constraints, not of how far they are missed; None where all hold."""
    small, slow = AtMostParameters(total=1000), AtMostMultiplyAccumulates(per_second=1000)
    reasons = [first_violation(order, RECURRENT) for order in [(small, slow), (slow, small), ()]]
    assert reasons[0] == "45,400 parameters, at most 1,000 allowed"
    assert (reasons[1] or "").endswith("multiply-accumulates per second of audio, at most 1,000 allowed")
    assert reasons[2] is None


def test_constraints_come_before_feasibility() -> None:
    """The documented infeasible network: for its parameters where these are limited, else for its missing frames."""
    variant = VARIANTS["asr-dilation/7-layers"]
    forbidden = rejection(variant, [AtMostParameters(total=10)], REFERENCE_EXTENTS)
    assert (forbidden or "").endswith("parameters, at most 10 allowed")
    infeasible = rejection(variant, [AtMostParameters(total=10**9)], REFERENCE_EXTENTS)
    assert infeasible == "an utterance of 229 frames leaves 0 output frames, but its transcript needs at least 27"
    assert rejection(variant, [AtMostParameters(total=10**9)], iter([Extent(frames=999, needed=27)])) is None


def test_clips_that_are_used_up_are_rejected() -> None:
    """A classifier of which nothing is left is named with its layer, once its constraints hold."""
    variant = VARIANTS["speech-commands/03"]
    assert isinstance(variant.network, MfccVgg)
    assert rejection(variant, [AtMostParameters(total=10**9)], 101) is None
    reason = rejection(variant, [AtMostParameters(total=10**9), AtMostMultiplyAccumulates(per_second=10**12)], 7)
    assert (reason or "").startswith("7 frames of 40 dimensions leave nothing after layer")


def test_without_constraints_what_is_rejected_is_what_the_plan_calls_infeasible() -> None:
    """Every documented variant at every size, on what `plan` judges it by, gets the reason that `plan` shows."""

    def inputs_of(variant: Variant, study_preset: Any) -> Any:
        of_speech = isinstance(variant.network, SpeechNetwork)
        return reference_extents(variant.features) if of_speech else clip_frames(variant.features, study_preset)

    for study in STUDIES:
        for name in ("smoke", "documented"):
            preset = preset_of(study, name)
            planned = {plan["id"]: plan["reason"] for plan in plan_study(study, preset)["variants"]}
            sized = [preset.variant(variant) for variant in study.variants]
            assert {variant.id: rejection(variant, (), inputs_of(variant, preset)) for variant in sized} == planned


def test_ten_seconds_have_as_many_frames_as_the_reference_but_the_last_window() -> None:
    """The reference counts a frame for every step; a real signal of that length has no room for the last window."""
    features = RECURRENT.features
    frames = REFERENCE_SECONDS * features.sample_rate_hz // step_samples(features)
    assert frame_count(features, REFERENCE_SECONDS * features.sample_rate_hz) == frames - 1
