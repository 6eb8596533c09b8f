"""A whole speech network from its spec."""

import torch
from torch import Tensor, nn

from soundproof.search_spaces.arithmetic import ParameterCount, recurrent_channels
from soundproof.search_spaces.specs import BareHead, DenseHead, SpeechNetwork
from soundproof.trainables.networks.convolution import Convolution
from soundproof.trainables.networks.encoder import Encoder
from soundproof.trainables.networks.initialisation import glorot_uniform_
from soundproof.trainables.networks.padded_frames import Frames
from soundproof.trainables.networks.recurrent import Recurrent
from soundproof.trainables.networks.sublayers import Sublayers


class Speech(nn.Module):
    """Features (batch, frames, dimensions) to log-probabilities of symbols (real output frames, symbols).

    Initial weights come from torch's global generator: seed it before building.
    """

    def __init__(self, spec: SpeechNetwork, dimensions: int) -> None:
        super().__init__()
        channels = dimensions
        self.padding = spec.padding
        self.convolution = self.recurrent = self.attention = self.sublayers = self.dense = None
        if spec.convolution is not None:
            self.convolution = Convolution(spec.convolution, channels)
            channels = spec.convolution.filters
        if spec.recurrent is not None:
            self.recurrent = Recurrent(spec.recurrent, channels)
            channels = recurrent_channels(spec.recurrent)
        if spec.attention is not None:
            self.attention = Encoder(spec.attention, channels)
            channels = spec.attention.channels
        match spec.head:
            case DenseHead(outputs=outputs, sublayers=sublayers):
                self.sublayers = Sublayers(sublayers, channels)
                self.dense = nn.Linear(channels, outputs)
                glorot_uniform_(self.dense)
            case BareHead():
                pass

    def forward(self, values: Tensor, lengths: Tensor) -> tuple[Tensor, Frames]:
        """Packed log-probabilities, and where their frames belong. `lengths` (batch,) counts real frames.

        The rest is 0.
        """
        frames = Frames(lengths, values.shape[1], values.device)
        if self.padding == "unseen":
            packed, frames = self._scores(values, frames)
        else:
            everything = torch.full_like(lengths, values.shape[1])
            packed, seen = self._scores(values, Frames(everything, values.shape[1], values.device))
            frames = frames if self.convolution is None else self.convolution.extent(frames)
            packed = frames.pack(seen.unpack(packed))
        return packed.log_softmax(dim=1), frames

    def _scores(self, values: Tensor, frames: Frames) -> tuple[Tensor, Frames]:
        """Packed scores of the frames that come out, and the extent of these."""
        if self.convolution is not None:
            values, frames = self.convolution(values, frames)
        if self.recurrent is not None:
            values = self.recurrent(values, frames)
        if self.attention is not None:
            values = self.attention(values, frames)
        packed = frames.pack(values)
        if self.sublayers is not None and self.dense is not None:
            packed = self.dense(self.sublayers(packed))
        return packed, frames


def measured_parameters(network: nn.Module) -> ParameterCount:
    """Parameters that the module really holds, counted as `search_spaces.arithmetic.count_parameters` does."""
    return ParameterCount(
        trainable=sum(parameter.numel() for parameter in network.parameters()),
        non_trainable=sum(buffer.numel() for buffer in network.buffers()),
    )
