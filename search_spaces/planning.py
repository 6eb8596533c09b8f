"""What a study or a search would train at a preset, as JSON values: known by arithmetic alone."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from soundproof.search_spaces import arithmetic
from soundproof.search_spaces.arithmetic.classifiers import (
    classifier_infeasibility,
    count_classifier_parameters,
    speeds_refused,
)
from soundproof.search_spaces.claims import Claim, Comparative, ConfoundedEffect, Estimated, cautions
from soundproof.search_spaces.documented.numbers import documented_numbers
from soundproof.search_spaces.presets import Preset, check_study, preset_caveats
from soundproof.search_spaces.space_levels import check_space, space_caveats
from soundproof.search_spaces.spaces import SearchSpace
from soundproof.search_spaces.specs import CustomNetwork, Features, frame_count
from soundproof.search_spaces.studies import Absolute, HardlyAnything, Margin, NatsPerCharacter, Study, Variant

CountCustom = Callable[[CustomNetwork, int, int], arithmetic.ParameterCount | None]
"""Parameters of a network of the user's own, by the frames and dimensions of its inputs; None where nobody knows."""


def _nobody_knows(network: CustomNetwork, frames: int, dimensions: int) -> None:
    """Here nothing is built."""


def plan_study(study: Study, preset: Preset, count_custom: CountCustom = _nobody_knows) -> dict[str, Any]:
    """The study with its claims, and its variants at the preset's size.

    Feasibility and output frames of speech are those of the shortest utterances of the documented corpus; classifiers
    have the documented number of classes and are given clips as long as the preset cuts them. What a network of the
    user's own comes to is `count_custom`'s to say. Beside them stands what the documents say of a variant. Raises
    `OneTrialError` where the preset makes one trial of two variants.
    """
    check_study(study, preset)
    preset = preset.fitted(study)
    variants = [_plan_variant(preset.variant(variant), preset, count_custom) for variant in study.variants]
    return {
        "id": study.id,
        "question": study.question,
        "baseline": study.baseline,
        "metric": study.metric,
        "margin": _margin(study.margin),
        "claims": [_plan_claim(claim) for claim in study.claims],
        "estimates": [_plan_estimate(estimate) for estimate in study.estimates],
        "caveats": [*study.caveats, *preset_caveats(study, preset)],
        "variants": variants,
    }


def plan_space(space: SearchSpace, preset: Preset) -> dict[str, Any]:
    """What a search of the space may choose, what it has to keep to, and which choices the preset makes alike.

    Raises `OneTrialError` where it makes one trial of two options.
    """
    check_space(space, preset)
    return {
        "id": space.id,
        "question": space.question,
        "variants": space.count(),
        "epochs": preset.epochs_of(space.epochs),
        "parameters": [asdict(parameter) for parameter in space.parameters()],
        "constraints": [constraint.to_plain() for constraint in space.constraints],
        "caveats": list(space_caveats(space, preset)),
    }


def _plan_claim(claim: Claim) -> dict[str, Any]:
    """A claim in words; what it is confounded with, and what its degree says of the effect, where it has either."""
    degree = claim.degree if isinstance(claim, Comparative) else None
    stated = {"kind": type(claim).__name__, "text": claim.text, "cautions": list(cautions(claim))}
    if isinstance(claim, ConfoundedEffect):
        stated["confounded_with"] = list(claim.confounded_with)
    return stated if degree is None else stated | {"degree": asdict(degree)}


def _plan_estimate(estimate: Estimated) -> dict[str, Any]:
    return {"text": estimate.text, "confounded_with": list(estimate.confounded_with)}


def _margin(margin: Margin) -> dict[str, float]:
    match margin:
        case NatsPerCharacter(nats=nats):
            return {"nats_per_character": nats}
        case Absolute(value=value):
            return {"absolute": value}
        case HardlyAnything():
            return {}


def _plan_variant(variant: Variant, preset: Preset, count_custom: CountCustom) -> dict[str, Any]:
    network = variant.network
    frames: int | None
    count: arithmetic.ParameterCount | None
    if isinstance(network, CustomNetwork):
        frames_per_clip = 0 if network.task == "transcription" else clip_frames(variant.features, preset)
        count = count_custom(network, frames_per_clip, variant.features.dimensions)
        frames = None
    elif network.task == "transcription":
        count = arithmetic.count_parameters(network, variant.features.dimensions)
        extents = arithmetic.reference_extents(variant.features)
        frames = arithmetic.output_frames(network, min(extent.frames for extent in extents))
    else:
        extent = clip_frames(variant.features, preset), variant.features.dimensions
        count, frames = count_classifier_parameters(network, *extent), None
    documented, reason = documented_numbers(variant.id), infeasible_at(variant, preset)
    return {
        "id": variant.id,
        "levels": {level.factor: level.value for level in variant.levels},
        "feasible": reason is None,
        "reason": reason,
        "parameters": None if count is None else asdict(count) | {"total": count.total},
        "output_frames": frames,
        "epochs": variant.epochs,
    } | ({} if documented is None else {"documented": documented.to_plain()})


def infeasible_at(variant: Variant, preset: Preset) -> str | None:
    """Why a variant, as the preset has it, cannot be trained on the documented corpus; None where nothing is known."""
    network = variant.network
    if isinstance(network, CustomNetwork):
        return None
    if network.task == "transcription":
        return arithmetic.infeasibility(network, arithmetic.reference_extents(variant.features))
    if variant.recipe.speeds and (refused := speeds_refused(network)) is not None:
        return refused
    return classifier_infeasibility(network, clip_frames(variant.features, preset), variant.features.dimensions)


def clip_frames(features: Features, preset: Preset) -> int:
    """Frames of a clip as the preset cuts it."""
    assert preset.corpus.task == "classification"
    return frame_count(features, round(preset.corpus.cut.seconds * features.sample_rate_hz))
