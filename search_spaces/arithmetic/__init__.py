"""What follows from a spec without building it: output frames, feasibility, parameters."""

from search_spaces.arithmetic.frames import (
    REFERENCE_EXTENTS,
    Extent,
    frames_needed,
    infeasibility,
    layer_output_frames,
    output_frames,
)
from search_spaces.arithmetic.parameters import (
    ParameterCount,
    count_parameters,
    layer_channels,
    output_channels,
    recurrent_channels,
)

__all__ = [
    "REFERENCE_EXTENTS",
    "Extent",
    "ParameterCount",
    "count_parameters",
    "frames_needed",
    "infeasibility",
    "layer_channels",
    "layer_output_frames",
    "output_channels",
    "output_frames",
    "recurrent_channels",
]
