"""Loss and error rates of a network on one partition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from trainables.networks import Speech
from trainables.training.ctc import ctc_losses, greedy_texts
from trainables.training.data import SpeechData, bucketed_batches
from trainables.training.error_rates import character_error_rate, word_error_rate


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluation:
    """Mean loss in nats per utterance, error rates, and a hypothesis per utterance, in the order asked for."""

    loss: float
    cer: float
    wer: float
    hypotheses: Sequence[str]


def evaluate(
    network: Speech,
    data: SpeechData,
    indices: Sequence[int],
    normalisation: tuple[Tensor, Tensor],
    *,
    batch_size: int,
) -> Evaluation:
    """Evaluation mode: no dropout, running statistics. What an utterance scores does not depend on its batch."""
    network.eval()
    total = torch.zeros((), dtype=torch.float64, device=data.device)
    hypotheses: dict[int, str] = {}
    with torch.inference_mode():
        for chosen in bucketed_batches(data.store.lengths, indices, batch_size, chance=None):
            batch = data.batch(chosen, *normalisation)
            scores, frames = network(batch.values, batch.lengths)
            total += ctc_losses(scores, frames, batch.targets, batch.target_lengths).double().sum()
            hypotheses.update(zip(chosen, greedy_texts(scores, frames.lengths), strict=True))
    references = [data.texts[index] for index in indices]
    ordered = [hypotheses[index] for index in indices]
    return Evaluation(
        loss=float(total) / len(indices),
        cer=character_error_rate(references, ordered),
        wer=word_error_rate(references, ordered),
        hypotheses=ordered,
    )
