"""An epoch of several trials at once, step by step: what is too small to fill a processor is computed together.

Each trial keeps its own examples, batches, random numbers, clipping and learning rate. On a CPU its numbers are those
of the trial alone: to the bit where `recurrence.function` says so, up to rounding elsewhere.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter

import torch
from torch import Tensor, nn

from soundproof.trainables.training.data.augmentation import Mixing
from soundproof.trainables.training.data.batches import Batch
from soundproof.trainables.training.steps.accumulation import accumulate
from soundproof.trainables.training.steps.device import wait_for
from soundproof.trainables.training.steps.layer_norms import LayerNorms
from soundproof.trainables.training.steps.optimisation import Optimisation
from soundproof.trainables.training.tasks.task import Task

BatchAndMixing = tuple[Batch, Mixing | None]


@dataclass(kw_only=True, slots=True)
class Pass:
    """One pass of one trial over its training split. `total` is the sum of the losses so far, in nats."""

    task: Task
    network: nn.Module
    optimisation: Optimisation
    batches: Iterator[BatchAndMixing]
    micro_batch: int | None
    norms: LayerNorms | None
    total: Tensor


def run_passes(passes: Sequence[Pass]) -> float:
    """Train until every pass is through its batches. Returns the seconds that each of them took, in equal shares."""
    started = time.perf_counter()
    waiting = list(passes)
    while waiting:
        drawn = [(one, next(one.batches, None)) for one in waiting]
        current = [_Step(one, *batch) for one, batch in drawn if batch is not None]
        for together in _groups(current):
            _take(together)
        waiting = [one for one, batch in drawn if batch is not None]
    wait_for(passes[0].total.device)
    return (time.perf_counter() - started) / len(passes)


@dataclass(frozen=True, slots=True)
class _Step:
    """A pass and its next batch."""

    on: Pass
    batch: Batch
    mixing: Mixing | None

    @property
    def examples(self) -> int:
        return len(self.batch.indices)

    @property
    def frames(self) -> int:
        return self.batch.values.shape[1]

    @property
    def alone(self) -> bool:
        return self.on.micro_batch is not None or self.mixing is not None


def _groups(current: Sequence[_Step]) -> Iterator[list[_Step]]:
    """Steps that can be taken at once: with as many examples each, longest first."""
    yield from ([step] for step in current if step.alone)
    ordered = sorted((step for step in current if not step.alone), key=attrgetter("examples", "frames"), reverse=True)
    for _, together in groupby(ordered, key=attrgetter("examples")):
        yield list(together)


def _take(steps: Sequence[_Step]) -> None:
    """One update of every pass."""
    if len(steps) == 1:
        (step,) = steps
        own = step.on
        own.total += accumulate(own.task, own.network, step.batch, step.mixing, own.micro_batch)
    else:
        networks = [step.on.network for step in steps]
        losses = steps[0].on.task.losses_together(networks, [step.batch for step in steps])
        penalties = [step.on.task.penalty(network) for step, network in zip(steps, networks, strict=True)]
        means = [one.sum() / len(one) for one in losses]
        goals = [mean if extra is None else mean + extra for mean, extra in zip(means, penalties, strict=True)]
        torch.autograd.backward(goals)
        for step, one in zip(steps, losses, strict=True):
            step.on.total += one.detach().sum()
    for step in steps:
        if step.on.norms is not None:
            step.on.norms.note_gradients()
        step.on.optimisation.step()
