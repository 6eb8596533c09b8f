"""Batch norm over whatever a network calls its batch: the frames of utterances, or the pixels of clips."""

import torch
from torch import Tensor, nn
from torch.nn import functional


class BatchNorm(nn.Module):
    """Batch norm: each channel over the batch and all other axes, (batch, channels, ...) to the same shape.

    One value per channel has no variance, so a batch of it is normalised as in evaluation.
    """

    running_mean: Tensor
    running_variance: Tensor

    def __init__(self, channels: int, *, epsilon: float, momentum: float) -> None:
        """`momentum` is the weight of a batch in the running mean and variance."""
        super().__init__()
        self.epsilon, self.momentum = epsilon, momentum
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_variance", torch.ones(channels))

    def forward(self, values: Tensor) -> Tensor:
        """Normalise by the batch while training, by the running statistics otherwise."""
        by_batch = self.training and values.numel() > values.shape[1]
        return functional.batch_norm(
            values,
            self.running_mean,
            self.running_variance,
            self.weight,
            self.bias,
            training=by_batch,
            momentum=self.weight_of_batch() if by_batch else 0.0,
            eps=self.epsilon,
        )

    def weight_of_batch(self) -> float:
        """The weight in the running statistics of the batch that is being normalised. Called once for each."""
        return self.momentum
