"""Gradients of one batch: at once, or where memory does not suffice for that, part by part.

These parts are micro-batches, which change no numbers but by rounding. That one update may be made from several
batches (`Recipe.accumulate_batches`) is another thing, and part of a trial.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from soundproof.trainables.training.data.augmentation import Mixing
from soundproof.trainables.training.data.batches import Batch
from soundproof.trainables.training.tasks.task import Task


def accumulate(
    task: Task,
    network: nn.Module,
    batch: Batch,
    mixing: Mixing | None,
    micro_batch: int | None,
    *,
    of_examples: int | None = None,
    penalised: bool = True,
) -> Tensor:
    """Add the gradients of the mean loss over `batch`, and of the penalty, to those that `network` has.

    The mean is over `of_examples` where one update is made from more than this batch; the penalty is then added with
    one of its batches, to the others with `penalised` False.

    Returns the sum of the losses in nats, detached. With `micro_batch` at most so many examples pass through the
    network at once. The gradients are those of the whole batch up to rounding, except that batch normalisation sees the
    statistics of each part, and that dropout draws for each part.
    """
    penalty = task.penalty(network) if penalised else None
    total = torch.zeros((), device=batch.values.device)
    for losses in _losses(task, network, batch, mixing, micro_batch):
        share = losses.sum() / (of_examples or len(batch.indices))
        (share if penalty is None else share + penalty).backward()  # type: ignore[no-untyped-call]
        penalty = None
        total += losses.detach().sum()
    return total


def _losses(
    task: Task, network: nn.Module, batch: Batch, mixing: Mixing | None, micro_batch: int | None
) -> Iterator[Tensor]:
    if micro_batch is None:
        yield task.losses(network, batch, mixing)
        return
    count = len(batch.indices)
    parts = -(-count // micro_batch)
    bounds = [count * part // parts for part in range(parts + 1)]  # of about equal size: none is a lonely example
    for start, stop in pairwise(bounds):
        yield _part_losses(task, network, batch, mixing, slice(start, stop))


def _part_losses(task: Task, network: nn.Module, batch: Batch, mixing: Mixing | None, chosen: slice) -> Tensor:
    """Losses of the examples at `chosen`, of both their targets where they were mixed: partners lie anywhere."""
    lengths = batch.lengths[chosen]
    values = batch.values[chosen, : int(lengths.max())]
    part = Batch(indices=batch.indices[chosen], values=values, lengths=lengths)
    if mixing is None:
        return task.losses(network, part)
    asked_once = _AskedOnce(network)
    partners = [batch.indices[place] for place in mixing.partners[chosen].tolist()]
    shares = mixing.shares[chosen]
    own = task.losses(asked_once, part)
    others = task.losses(asked_once, replace(part, indices=partners))
    return shares * own + (1 - shares) * others


class _AskedOnce(nn.Module):
    """A network that keeps its first scores, so that two targets are held against the same."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self._network = network
        self._scores: Any = None

    def forward(self, *features: Tensor) -> Any:
        """The scores of the features that were given first."""
        if self._scores is None:
            self._scores = self._network(*features)
        return self._scores
