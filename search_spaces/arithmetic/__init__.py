"""What follows from a spec without building it: output frames, feasibility, costs, receptive fields."""

from soundproof.search_spaces.arithmetic.costs import (
    count_multiply_accumulates,
    count_parameters,
    layer_channels,
    output_channels,
    recurrent_channels,
)
from soundproof.search_spaces.arithmetic.output_frames import (
    REFERENCE_EXTENTS,
    Extent,
    frames_needed,
    infeasibility,
    layer_output_frames,
    output_frames,
    receptive_field,
    receptive_field_seconds,
    reference_extents,
)
from soundproof.search_spaces.arithmetic.parameter_count import ParameterCount

__all__ = [
    "REFERENCE_EXTENTS",
    "Extent",
    "ParameterCount",
    "count_multiply_accumulates",
    "count_parameters",
    "frames_needed",
    "infeasibility",
    "layer_channels",
    "layer_output_frames",
    "output_channels",
    "output_frames",
    "receptive_field",
    "receptive_field_seconds",
    "recurrent_channels",
    "reference_extents",
]
