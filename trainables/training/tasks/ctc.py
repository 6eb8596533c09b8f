"""Connectionist temporal classification (Graves et al. 2006): the loss, and greedy decoding."""

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

from soundproof.search_spaces.alphabet import BLANK, Speller, speller_of
from soundproof.trainables.networks import Frames


def ctc_losses(
    packed_scores: Tensor, frames: Frames, targets: Tensor, target_lengths: Tensor, blank: int = BLANK
) -> Tensor:
    """Negative log-likelihood in nats of each utterance, (batch,).

    `packed_scores` (real frames, symbols) are log-probabilities; `targets` (symbols,) all transcripts one after
    another; they and their lengths are on the CPU. `blank` is the symbol of none. Infinite where an
    utterance has too few frames for its transcript.
    """
    if packed_scores.is_cuda:
        return _library_losses(packed_scores, frames.lengths, targets, target_lengths, blank)
    losses: Tensor = _Alignment.apply(packed_scores, frames.lengths, targets, target_lengths, blank)  # type: ignore[no-untyped-call]
    return losses


class _Alignment(torch.autograd.Function):
    """The loss by `alignments`, four to eight times as fast as the library's; by the library where that is not sure."""

    @staticmethod
    def forward(  # noqa: PLR0917  # as torch calls it
        ctx: Any, scores: Tensor, lengths: Tensor, targets: Tensor, target_lengths: Tensor, blank: int
    ) -> Tensor:
        from soundproof.trainables.training.tasks.alignments import align  # noqa: PLC0415  # compiled, and not needed on a GPU

        losses = torch.empty(len(lengths), dtype=torch.double)
        gradients = torch.empty(scores.shape, dtype=torch.double)
        given = (tensor.contiguous().numpy() for tensor in (scores.double(), lengths, targets, target_lengths))
        arguments: Any = (*given, blank, losses.numpy(), gradients.numpy())
        align(*arguments)
        unsure = losses.isnan().nonzero().flatten().tolist()
        if unsure:
            sizes, wanted = lengths.tolist(), ctx.needs_input_grad[0]
            own_scores, own_gradients = torch.split(scores, sizes), torch.split(gradients, sizes)
            own_targets = torch.split(targets, target_lengths.tolist())
        for utterance in unsure:
            length, count = lengths[utterance, None], target_lengths[utterance, None]
            asked = own_scores[utterance].detach().double().requires_grad_(wanted)
            with torch.set_grad_enabled(wanted):
                (loss,) = _library_losses(asked, length, own_targets[utterance], count, blank)
            losses[utterance] = loss.detach()
            if wanted:
                own_gradients[utterance].copy_(torch.autograd.grad(loss, asked)[0])
        ctx.save_for_backward(gradients.to(scores.dtype), lengths)
        return losses.to(scores.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, outer: Tensor) -> tuple[Tensor | None, ...]:
        gradients, lengths = ctx.saved_tensors
        return outer.repeat_interleave(lengths)[:, None] * gradients, None, None, None, None


def _library_losses(
    packed_scores: Tensor, lengths: Tensor, targets: Tensor, target_lengths: Tensor, blank: int
) -> Tensor:
    """See `ctc_losses`."""
    device = packed_scores.device
    scores = Frames(lengths, int(lengths.max()), device).unpack(packed_scores).transpose(0, 1)
    targets = targets.to(device, non_blocking=True)
    return functional.ctc_loss(scores, targets, lengths, target_lengths, blank=blank, reduction="none")


def greedy_texts(packed_scores: Tensor, lengths: Tensor, speller: Speller | None = None) -> list[str]:
    """The text of each utterance: best symbol per frame, repeats merged, blanks dropped.

    `packed_scores` (real frames, symbols) holds the utterances one after another, `lengths` (batch,) the frames of
    each. Symbols beyond the alphabet, which a network without a dense layer has, count as blanks. Without a `speller`,
    symbols are those of the documented alphabet.
    """
    speller = speller or speller_of(None)
    symbols = packed_scores.argmax(dim=1).cpu().numpy()
    counts = lengths.cpu().numpy()
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    changed = np.ones(len(symbols), dtype=bool)
    changed[1:] = symbols[1:] != symbols[:-1]
    changed[starts[counts > 0]] = True
    kept = changed & (symbols < speller.blank)
    return [
        speller.decode(symbols[start : start + count][kept[start : start + count]].tolist())
        for start, count in zip(starts, counts, strict=True)
    ]
