"""Recurrences over stacked, independent members: the directions of a layer.

On a CPU they are faster than the library's layers.

Shapes: inputs (members, frames, batch, channels), states (members, frames, batch, units). Gates are stacked along one
axis of (gates * units), in the library's order. The first state is zero.
"""

import soundproof.common.numba_settings  # noqa: F401  # before numba: where it may write
from soundproof.trainables.networks.recurrence.recur import GATES, LayerWeights, recur

__all__ = ["GATES", "LayerWeights", "recur"]
