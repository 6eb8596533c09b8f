"""Connectionist temporal classification (Graves et al. 2006): the loss, and greedy decoding."""

from __future__ import annotations

import numpy as np
from torch import Tensor
from torch.nn import functional

from search_spaces.alphabet import BLANK, decode
from trainables.networks import Frames


def ctc_losses(packed_scores: Tensor, frames: Frames, targets: Tensor, target_lengths: Tensor) -> Tensor:
    """Negative log-likelihood in nats of each utterance, (batch,).

    `packed_scores` (real frames, symbols) are log-probabilities; `targets` (characters,) all transcripts one after
    another. Infinite where an utterance has too few frames for its transcript.
    """
    scores = frames.unpack(packed_scores).transpose(0, 1)
    return functional.ctc_loss(scores, targets, frames.lengths, target_lengths, blank=BLANK, reduction="none")


def greedy_texts(packed_scores: Tensor, lengths: Tensor) -> list[str]:
    """The text of each utterance: best symbol per frame, repeats merged, blanks dropped.

    `packed_scores` (real frames, symbols) holds the utterances one after another, `lengths` (batch,) the frames of
    each. Symbols beyond the alphabet, which a network without a dense layer has, count as blanks.
    """
    symbols = packed_scores.argmax(dim=1).cpu().numpy()
    counts = lengths.cpu().numpy()
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    changed = np.ones(len(symbols), dtype=bool)
    changed[1:] = symbols[1:] != symbols[:-1]
    changed[starts[counts > 0]] = True
    kept = changed & (symbols < BLANK)
    return [
        decode(symbols[start : start + count][kept[start : start + count]].tolist())
        for start, count in zip(starts, counts, strict=True)
    ]
