"""The loss of connectionist temporal classification and its gradient, by the forward-backward algorithm, on a CPU.

Graves et al. 2006. Probabilities of the ways through a transcript are scaled in every frame, in double precision; a way
that is less probable than another by more than 300 orders of magnitude is lost. What that costs shows: the likelihood
is the same in whichever frame it is summed, and where it is not, the utterance is left to others.

Compiled when it is first used, once for a machine.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_TOLERANCE, _ROUNDING = 1e-10, 1e-13
"""By which the likelihoods of two frames may differ, in nats, and what rounding adds to that, relative to the loss."""


@njit(cache=True, nogil=True)
def align(  # noqa: PLR0917  # compiled functions take no keywords
    scores: Floats,
    lengths: Integers,
    characters: Integers,
    counts: Integers,
    blank: int,
    losses: Floats,
    gradients: Floats,
) -> None:
    """Fill `losses` (utterances,) in nats, NaN where they are left to others, and their `gradients` by `scores`.

    `scores` (frames of all utterances, symbols) are log-probabilities, `lengths` (utterances,) frames of each;
    `characters` of all transcripts one after another, `counts` (utterances,) of each. `gradients` has the shape of
    `scores`; they are made where nobody wants them, too, since making them shows whether the losses are right.
    """
    symbols = scores.shape[1]
    most_frames, most_states = lengths.max(), 2 * counts.max() + 1
    emitted = np.empty((most_frames, symbols))
    ahead = np.empty((most_frames, most_states))
    reached = np.empty(most_frames)  # logarithm of what the frames up to this one were divided by
    behind, before = np.empty(most_states), np.empty(most_states)
    state_symbols, skips = np.empty(most_states, np.int64), np.empty(most_states, np.bool_)
    frame, character = 0, 0
    for utterance in range(len(lengths)):
        length, states = lengths[utterance], 2 * counts[utterance] + 1
        # a transcript of n characters is walked through in 2n + 1 states: a blank before, between and after them
        for state in range(states):
            state_symbols[state] = blank if state % 2 == 0 else characters[character + state // 2]
            # the blank between two characters may be left out, but for two alike: they would be read as one
            skips[state] = state % 2 == 1 and state > 1 and state_symbols[state] != state_symbols[state - 2]
        for step in range(length):
            for symbol in range(symbols):
                emitted[step, symbol] = np.exp(scores[frame + step, symbol])
        losses[utterance] = _walk_ahead(emitted, length, states, state_symbols, skips, ahead, reached)
        sure = _walk_back(
            emitted, length, states, state_symbols, skips, ahead, reached, behind, before,
            losses[utterance], gradients[frame : frame + length],
        )  # fmt: skip
        if not sure:
            losses[utterance] = np.nan
        frame += length
        character += counts[utterance]


@njit(cache=True, nogil=True)
def _walk_ahead(  # noqa: PLR0917  # see align
    emitted: Floats,
    length: int,
    states: int,
    state_symbols: Integers,
    skips: NDArray[np.bool_],
    ahead: Floats,
    reached: Floats,
) -> float:
    """The loss. Leaves in `ahead` how probable each state is with the frames up to its own, scaled to sum to 1."""
    logarithm = 0.0
    for step in range(length):
        total = 0.0
        for state in range(states):
            if step == 0:
                probability = 1.0 if state < 2 else 0.0  # a way begins with the first blank or the first character
            else:
                probability = ahead[step - 1, state]
                if state > 0:
                    probability += ahead[step - 1, state - 1]
                if skips[state]:
                    probability += ahead[step - 1, state - 2]
            probability *= emitted[step, state_symbols[state]]
            ahead[step, state] = probability
            total += probability
        if not total > 0:  # too few frames for the transcript, or a probability that is not a number
            return np.nan
        logarithm += np.log(total)
        reached[step] = logarithm
        # products of thousands of probabilities would vanish: each frame is scaled, and its logarithm kept
        for state in range(states):
            ahead[step, state] /= total
    end = ahead[length - 1, states - 1]  # a way ends with the last blank or the last character
    if states > 1:
        end += ahead[length - 1, states - 2]
    return -(logarithm + np.log(end)) if end > 0 else np.nan


@njit(cache=True, nogil=True)
def _walk_back(  # noqa: PLR0917  # see align
    emitted: Floats,
    length: int,
    states: int,
    state_symbols: Integers,
    skips: NDArray[np.bool_],
    ahead: Floats,
    reached: Floats,
    behind: Floats,
    before: Floats,
    loss: float,
    gradient: Floats,
) -> bool:
    """Fill `gradient` (frames, symbols). False where frames disagree about the likelihood."""
    logarithm = 0.0  # of what `behind` was divided by
    for state in range(states):
        behind[state] = 1.0 if state >= states - 2 else 0.0
    for step in range(length - 1, -1, -1):
        gradient[step] = 0.0
        total = 0.0
        for state in range(states):
            # the gradient by a log-probability is minus the share of all ways that emit the symbol here
            occupied = ahead[step, state] * behind[state]
            gradient[step, state_symbols[state]] -= occupied
            total += occupied
        # the ways through this frame are all ways there are: their sum is the likelihood that the first walk found
        if not total > 0 or not abs(np.log(total) + reached[step] + logarithm + loss) <= _TOLERANCE + _ROUNDING * abs(
            loss
        ):
            return False
        gradient[step] /= total  # what both walks are scaled by falls out
        scale = 0.0
        for state in range(states):
            behind[state] *= emitted[step, state_symbols[state]]
        for state in range(states):
            probability = behind[state]
            if state + 1 < states:
                probability += behind[state + 1]
            if state + 2 < states and skips[state + 2]:
                probability += behind[state + 2]
            before[state] = probability
            scale += probability
        if not scale > 0:
            return step == 0  # before the first frame nothing is needed any more
        logarithm += np.log(scale)
        for state in range(states):
            behind[state] = before[state] / scale
    return True
