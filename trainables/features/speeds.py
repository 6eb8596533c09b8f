"""Recordings at other speeds, as another version of each example: longer and lower, or shorter and higher."""

import numpy as np
import torch
from numpy.typing import NDArray

from soundproof.search_spaces.specs.augmentation import speed_ratio
from soundproof.trainables.audio_maths import recording_resampler


def at_speed(waveform: NDArray[np.float32], speed: float) -> NDArray[np.float32]:
    """`waveform` (samples,) played at `speed`, (samples / speed,), rounded up; at 1, itself.

    Tempo and pitch change together, as those of a tape do: it is resampled, and heard at the rate that it had. Nothing
    is cut off where it exceeds 1.
    """
    if speed == 1:
        return waveform
    made: NDArray[np.float32] = recording_resampler(1 / speed_ratio(speed))(torch.from_numpy(waveform)).numpy()
    return made
