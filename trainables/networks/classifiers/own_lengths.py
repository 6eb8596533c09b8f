"""Clips of several lengths in one batch, padded to the longest: (batch, channels, ..., time), time last.

Whatever a network computes, a clip's output depends on its own times alone. What lies beyond them is zero where a
convolution can see it, absent from batch statistics, and in no pool and no mean. A pool takes whole groups of a clip's
own times, as it does where the clip is alone.
"""

import torch
from torch import Tensor, nn

from soundproof.trainables.networks.classifiers.layers import ChannelNorm, SamePad
from soundproof.trainables.networks.padded_frames import Frames


class Times(Frames):
    """The extent in time of every clip of a padded batch."""

    def filled(self, maps: Tensor, value: float = 0.0) -> Tensor:
        """`maps` (batch, ..., time) with `value` beyond the end of each clip."""
        between = (1,) * (maps.dim() - 2)
        beyond = torch.arange(self.padded) >= self.lengths[:, None]
        return maps.masked_fill(beyond.to(maps.device, non_blocking=True).view(len(maps), *between, self.padded), value)

    def counts(self, of: Tensor) -> Tensor:
        """The times of each clip, (batch, 1), on the device and of the type of that tensor."""
        return self.lengths.to(of.device, of.dtype, non_blocking=True)[:, None]

    def mean(self, maps: Tensor) -> Tensor:
        """`maps` (batch, channels, ..., time) to (batch, channels): the mean over each clip's own times."""
        places = self.filled(maps).flatten(2)
        return places.sum(dim=2) / (self.counts(maps) * (places.shape[2] // self.padded))

    def normalised(self, norm: ChannelNorm, maps: Tensor) -> Tensor:
        """`maps` (batch, channels, ..., time) after batch norm that sees the clips' own times alone; zero beyond."""
        turned = (0, *range(maps.dim() - 1, 0, -1))
        by_time = maps.permute(turned)  # (batch, time, ..., channels)
        packed = self.pack(by_time.flatten(2))
        seen: Tensor = norm(packed.reshape(-1, maps.shape[1]))
        return self.unpack(seen.view(packed.shape)).view(by_time.shape).permute(turned)

    def pooled(self, size: int) -> "Times":
        """What is left after a pool of whole groups of `size`."""
        return Times(self.lengths // size, self.padded // size, self.device)

    def last(self, states: Tensor, steps_per_time: int = 1) -> Tensor:
        """`states` (batch, steps, units) to (batch, units): the state after each clip's own last step."""
        places = self.lengths * steps_per_time - 1
        return states[torch.arange(len(states), device=states.device), places.to(states.device, non_blocking=True)]


class TimedLayer(nn.Module):
    """A layer that is given maps and, where clips have several lengths, their `Times`."""


def along(row: nn.Sequential, maps: Tensor, times: Times) -> tuple[Tensor, Times]:
    """The layers of `row` one after another, and the times that are left. Convolutions keep the length."""
    for layer in row:
        match layer:
            case nn.Sequential():
                maps, times = along(layer, maps, times)
            case TimedLayer():
                maps = layer(maps, times)
            case ChannelNorm():
                maps = times.normalised(layer, maps)
            case nn.MaxPool1d() | nn.MaxPool2d():
                maps, times = layer(maps), times.pooled(_along_time(layer))
            case SamePad():
                maps = layer(times.filled(maps))
            case nn.Conv1d() | nn.Conv2d() if any(layer.padding):
                maps = layer(times.filled(maps))
            case _:  # each value by itself, or a convolution whose padding was put there before
                maps = layer(maps)
    return maps, times


def _along_time(pool: nn.MaxPool1d | nn.MaxPool2d) -> int:
    """How many times make a group."""
    assert pool.stride == pool.kernel_size, "groups lie side by side"
    size = pool.kernel_size
    return size[-1] if isinstance(size, tuple) else size
