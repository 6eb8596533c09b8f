"""`AttentionClassifier`: features (batch, frames, dimensions) to logits (batch, classes)."""

import math
from typing import assert_never

import torch
from torch import Tensor, nn

from soundproof.search_spaces.specs.classifiers import AttentionClassifier, Pooling
from soundproof.trainables.networks.classifiers.layers import dropout_modules
from soundproof.trainables.networks.classifiers.own_lengths import Times
from soundproof.trainables.networks.convolution import Convolution
from soundproof.trainables.networks.encoder import Encoder
from soundproof.trainables.networks.padded_frames import Frames
from soundproof.trainables.networks.sublayers import BatchNorm


class AttentionClassifierNetwork(nn.Module):
    """Convolutions, where there are any, the encoder, a pool over time, and a dense layer."""

    def __init__(self, spec: AttentionClassifier, dimensions: int) -> None:
        super().__init__()
        channels, self.convolution = dimensions, None
        if spec.convolution is not None:
            self.convolution = Convolution(spec.convolution, dimensions)
            channels = spec.convolution.filters
        self.encoder = Encoder(spec.attention, channels)
        self.pool = TimePool(spec.pooling, spec.attention.channels)
        self.head = nn.Sequential(*dropout_modules(spec.dropout), nn.Linear(spec.attention.channels, spec.classes))
        for module in self.modules():
            if isinstance(module, BatchNorm):  # as in every classifier, unless a recipe says otherwise
                module.corrected_start = True

    def forward(self, features: Tensor, lengths: Tensor | None = None) -> Tensor:
        """(batch, frames, dimensions) to (batch, classes); `lengths` (batch,) where these are of several lengths."""
        batch, padded, _ = features.shape
        real = torch.full((batch,), padded) if lengths is None else lengths
        values, frames = features, Frames(real, padded, features.device)
        values = frames.unpack(frames.pack(values)) if frames.beyond is not None else values
        if self.convolution is not None:
            values, frames = self.convolution(values, frames)
        pooled = self.pool(self.encoder(values, frames), Times(frames.lengths, frames.padded, frames.device))
        logits: Tensor = self.head(pooled)
        return logits


class TimePool(nn.Module):
    """(batch, frames, channels) to (batch, channels), over each clip's own frames. See `AttentionClassifier`."""

    def __init__(self, pooling: Pooling, channels: int) -> None:
        super().__init__()
        self.pooling = pooling
        self.score = nn.Linear(channels, 1) if pooling == "attention" else None

    def forward(self, values: Tensor, times: Times) -> Tensor:
        """By attention, the mean or the maximum."""
        by_channel = values.transpose(1, 2)
        match self.pooling:
            case "attention":
                assert self.score is not None
                scores = times.filled(self.score(values).transpose(1, 2), -math.inf)  # (batch, 1, frames)
                return (scores.softmax(dim=2) @ values).squeeze(1)
            case "mean":
                return times.mean(by_channel)
            case "maximum":
                return times.filled(by_channel, -math.inf).amax(dim=2)
            case _:
                assert_never(self.pooling)
