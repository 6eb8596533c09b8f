"""What a study would train at a preset, as JSON values: levels, parameters, frames and feasibility, by arithmetic."""

from __future__ import annotations

from typing import Any

from search_spaces.arithmetic import REFERENCE_EXTENTS, count_parameters, infeasibility, output_frames
from search_spaces.presets import Preset
from search_spaces.studies import Study, Variant


def plan_study(study: Study, preset: Preset) -> dict[str, Any]:
    """The study with its variants at the preset's size.

    Feasibility and output frames are those of the shortest utterances of the documented corpus.
    """
    variants = [_plan_variant(preset.variant(variant)) for variant in study.variants]
    return {"id": study.id, "question": study.question, "variants": variants}


def _plan_variant(variant: Variant) -> dict[str, Any]:
    count = count_parameters(variant.network, variant.features.dimensions)
    reason = infeasibility(variant.network, REFERENCE_EXTENTS)
    return {
        "id": variant.id,
        "levels": {level.factor: level.value for level in variant.levels},
        "feasible": reason is None,
        "reason": reason,
        "parameters": {"total": count.total, "trainable": count.trainable, "non_trainable": count.non_trainable},
        "output_frames": output_frames(variant.network, min(extent.frames for extent in REFERENCE_EXTENTS)),
        "epochs": variant.epochs,
    }
