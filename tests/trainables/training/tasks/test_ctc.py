"""CTC and error rates against brute force and hand-checked values."""

import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch import Tensor

from soundproof.search_spaces.alphabet import BLANK, OUTPUTS, encode
from soundproof.trainables.networks import Frames
from soundproof.trainables.training.tasks.ctc import ctc_losses, greedy_texts
from soundproof.trainables.training.tasks.transcription import character_error_rate, word_error_rate


def _collapse(path: tuple[int, ...]) -> list[int]:
    merged = [symbol for symbol, _ in itertools.groupby(path)]
    return [symbol for symbol in merged if symbol != BLANK]


@pytest.mark.parametrize("text", ["a", "ab", "aa", ""])
def test_loss_is_the_sum_over_all_paths(text: str) -> None:
    """Minus the logarithm of the summed probability of every path that spells the text, by enumeration."""
    torch.manual_seed(0)
    symbols = [*encode("ab"), BLANK]
    scores = torch.full((4, OUTPUTS), -30.0)
    scores[:, symbols] = torch.randn(4, 3)
    scores = scores.log_softmax(dim=1)
    paths = itertools.product(symbols, repeat=4)
    total = sum(
        math.exp(sum(float(scores[step, symbol]) for step, symbol in enumerate(path)))
        for path in paths
        if _collapse(path) == encode(text)
    )
    targets = torch.tensor(encode(text), dtype=torch.long)
    loss = ctc_losses(scores, Frames(torch.tensor([4]), 4), targets, torch.tensor([len(text)]))
    assert float(loss) == pytest.approx(-math.log(total), rel=1e-5)


def test_losses_of_a_batch_are_those_of_its_utterances() -> None:
    """Each utterance's loss is its own, whatever lies beside it."""
    torch.manual_seed(0)
    lengths, texts = [9, 6, 7], ["hello", "a b", "it's"]
    scores = torch.randn(sum(lengths), OUTPUTS).log_softmax(dim=1)
    targets = [torch.tensor(encode(text)) for text in texts]
    together = ctc_losses(
        scores, Frames(torch.tensor(lengths), 9), torch.cat(targets), torch.tensor([len(t) for t in targets])
    )
    for row, part in enumerate(scores.split(lengths)):
        frames = Frames(torch.tensor([lengths[row]]), lengths[row])
        alone = ctc_losses(part, frames, targets[row], torch.tensor([len(targets[row])]))
        torch.testing.assert_close(alone[0], together[row])


def _utterances(seed: int, spread: float) -> tuple[Tensor, Frames, Tensor, Tensor]:
    """Scores of a few utterances with transcripts of all lengths that fit, the empty one and repeats among them."""
    chance = np.random.default_rng(seed)
    lengths = torch.from_numpy(chance.integers(1, 40, 5))
    counts = torch.tensor([int(chance.integers(0, int(length) // 2 + 1)) for length in lengths])
    targets = torch.from_numpy(chance.integers(0, 4, int(counts.sum())))
    scores = torch.from_numpy(chance.normal(size=(int(lengths.sum()), OUTPUTS))) * spread
    return scores.requires_grad_(), Frames(lengths, int(lengths.max())), targets, counts


@given(st.integers(0, 2**32), st.sampled_from([0.1, 1.0, 10.0, 100.0, 1000.0]))
@example(121, 100.0)  # ways that are lost in one frame have a part of 7e-9 in the whole
@settings(deadline=None)
def test_losses_and_gradients_are_the_librarys(seed: int, spread: float) -> None:
    """In double precision, from vague scores to ones so sure that most ways are lost in it."""
    scores, frames, targets, counts = _utterances(seed, spread)
    weights = torch.arange(1.0, 1 + len(counts), dtype=torch.double)
    found = ctc_losses(scores.log_softmax(dim=1), frames, targets, counts)
    padded = frames.unpack(scores.log_softmax(dim=1)).transpose(0, 1)
    expected = torch.nn.functional.ctc_loss(padded, targets, frames.lengths, counts, blank=BLANK, reduction="none")
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9)
    with torch.inference_mode():
        evaluated = ctc_losses(scores.log_softmax(dim=1), frames, targets, counts)
    torch.testing.assert_close(evaluated, expected.detach(), rtol=1e-9, atol=1e-9)
    if expected.isfinite().all():
        ours, theirs = (torch.autograd.grad((value * weights).sum(), scores)[0] for value in (found, expected))
        torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-8)


def test_gradients_equal_finite_differences() -> None:
    """Without reference to any other implementation."""
    scores, frames, targets, counts = _utterances(3, 1.0)
    assert torch.autograd.gradcheck(lambda value: ctc_losses(value.log_softmax(dim=1), frames, targets, counts), scores)


def test_too_few_frames_for_a_transcript_are_an_infinite_loss() -> None:
    """And its neighbour is as it is alone."""
    scores = torch.randn(7, OUTPUTS).log_softmax(dim=1)
    losses = ctc_losses(scores, Frames(torch.tensor([2, 5]), 5), torch.tensor(encode("aaab")), torch.tensor([3, 1]))
    assert losses[0] == torch.inf
    alone = ctc_losses(scores[2:], Frames(torch.tensor([5]), 5), torch.tensor(encode("b")), torch.tensor([1]))
    assert losses[1] == alone[0]


def test_scores_that_are_no_numbers_give_a_loss_that_is_none() -> None:
    """In training and in evaluation, where tensors know no gradients: a network that diverges has to be seen to."""
    scores = torch.zeros(9, OUTPUTS)
    scores[3] = torch.nan
    targets, counts = torch.tensor(encode("ab")), torch.tensor([2])
    assert ctc_losses(scores.requires_grad_(), Frames(torch.tensor([9]), 9), targets, counts).isnan().all()
    with torch.inference_mode():
        assert ctc_losses(scores + 0, Frames(torch.tensor([9]), 9), targets, counts).isnan().all()


def test_greedy_decoding_merges_repeats_and_drops_blanks() -> None:
    """Repeats merge, blanks part, utterances do not merge into each other, foreign symbols count as blanks."""
    a, b = encode("ab")
    path = [a, a, BLANK, a, b, b, b, BLANK, 150, a]
    scores = torch.nn.functional.one_hot(torch.tensor(path), 200).float()
    assert greedy_texts(scores, torch.tensor([5, 1, 4])) == ["aab", "b", "ba"]
    assert greedy_texts(scores[:3], torch.tensor([0, 3])) == ["", "a"]


@given(st.lists(st.lists(st.integers(0, BLANK), max_size=12), min_size=1, max_size=4))
def test_greedy_decoding_is_the_definition(paths: list[list[int]]) -> None:
    """The vectorised decoder agrees with grouping symbol by symbol."""
    symbols = torch.tensor([symbol for path in paths for symbol in path], dtype=torch.long)
    scores = torch.nn.functional.one_hot(symbols, OUTPUTS).float().view(-1, OUTPUTS)
    got = greedy_texts(scores, torch.tensor([len(path) for path in paths]))
    assert [encode(text) for text in got] == [_collapse(tuple(path)) for path in paths]


def test_error_rates_by_hand() -> None:
    """One substitution and one deletion in 16 characters; one wrong word in three."""
    references, hypotheses = ["the old sailor", "no"], ["the ald sailo", "no"]
    assert character_error_rate(references, hypotheses) == pytest.approx(2 / 16)
    assert word_error_rate(references, hypotheses) == pytest.approx(2 / 4)
    assert character_error_rate(["ab"], ["abcdef"]) == pytest.approx(2.0)


@given(st.text("ab ", max_size=8), st.text("ab ", min_size=1, max_size=8))
def test_error_rate_is_the_edit_distance(hypothesis: str, reference: str) -> None:
    """The library's distance is the textbook's dynamic programme."""
    table = np.zeros((len(reference) + 1, len(hypothesis) + 1))
    table[:, 0], table[0, :] = range(len(reference) + 1), range(len(hypothesis) + 1)
    for row, column in itertools.product(range(1, len(reference) + 1), range(1, len(hypothesis) + 1)):
        substitution = table[row - 1, column - 1] + (reference[row - 1] != hypothesis[column - 1])
        table[row, column] = min(substitution, table[row - 1, column] + 1, table[row, column - 1] + 1)
    assert character_error_rate([reference], [hypothesis]) == pytest.approx(table[-1, -1] / len(reference))
