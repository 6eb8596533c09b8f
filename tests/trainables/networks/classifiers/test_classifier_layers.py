"""The layers of classifiers, each against a reference written out by hand."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from soundproof.trainables.networks.classifiers.genre_crnn import lecun_normal_, to_sequence
from soundproof.trainables.networks.classifiers.layers import KERAS_NORM, ChannelNorm, SamePad, same_pool
from soundproof.trainables.networks.classifiers.one_bias import OneBiasGru, OneBiasLstm


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-values))


def _random_weights(layer: nn.Module) -> dict[str, np.ndarray]:
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.normal_(std=0.7)
    return {name: parameter.detach().numpy() for name, parameter in layer.named_parameters()}


def test_one_bias_gru_equals_the_recurrence_by_hand() -> None:
    """States equal Cho's equations in NumPy: the reset gate meets the state before the recurrent product."""
    torch.manual_seed(0)
    layer, values = OneBiasGru(4, 3).double(), torch.randn(2, 9, 4, dtype=torch.float64)
    weights = _random_weights(layer)
    w_reset, w_update, w_new = np.split(weights["input_weight"], 3)
    u_reset, u_update, u_new = np.split(weights["recurrent_weight"], 3)
    b_reset, b_update, b_new = np.split(weights["bias"], 3)
    for clip, states in zip(values.numpy(), layer(values).detach().numpy(), strict=True):
        state = np.zeros(3)
        for frame, given in zip(clip, states, strict=True):
            reset = _sigmoid(w_reset @ frame + b_reset + u_reset @ state)
            update = _sigmoid(w_update @ frame + b_update + u_update @ state)
            new = np.tanh(w_new @ frame + b_new + u_new @ (reset * state))
            state = update * state + (1 - update) * new
            np.testing.assert_allclose(given, state, atol=1e-12)


def test_one_bias_gru_gradients() -> None:
    """Gradients of the inputs and every parameter equal finite differences."""
    torch.manual_seed(1)
    layer = OneBiasGru(3, 2).double()
    names = [name for name, _ in layer.named_parameters()]

    def states(values: torch.Tensor, *parameters: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = torch.func.functional_call(layer, dict(zip(names, parameters, strict=True)), (values,))
        return result

    values = torch.randn(2, 4, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(states, (values, *layer.parameters()))


def test_one_bias_lstm_equals_the_recurrence_by_hand() -> None:
    """States equal the equations in NumPy, and no second bias is held."""
    torch.manual_seed(2)
    layer, values = OneBiasLstm(4, 3).double(), torch.randn(2, 9, 4, dtype=torch.float64)
    weights = _random_weights(layer)
    for clip, states in zip(values.numpy(), layer(values).detach().numpy(), strict=True):
        state, cell = np.zeros(3), np.zeros(3)
        for frame, given in zip(clip, states, strict=True):
            gates = weights["input_weight"] @ frame + weights["bias"] + weights["recurrent_weight"] @ state
            enter, forget, new, out = np.split(gates, 4)
            cell = _sigmoid(forget) * cell + _sigmoid(enter) * np.tanh(new)
            state = _sigmoid(out) * np.tanh(cell)
            np.testing.assert_allclose(given, state, atol=1e-12)
    assert sum(parameter.numel() for parameter in layer.parameters()) == 4 * (3 * (4 + 3) + 3)


def test_row_major_layout_interleaves_frequency_into_time() -> None:
    """Steps of the documented layout mix channels and frequencies of one time; the ordinary one has a time a step."""
    channels, mels, times = 4, 3, 5
    maps = torch.arange(channels * mels * times).view(1, channels, mels, times)
    permuted = maps[0].numpy().transpose(2, 0, 1)
    row_major, time_major = to_sequence(maps, "row_major"), to_sequence(maps, "time_major")
    np.testing.assert_array_equal(row_major[0].numpy(), permuted.reshape(times * mels, channels))
    np.testing.assert_array_equal(time_major[0].numpy(), permuted.reshape(times, channels * mels))
    first_step = [(index // (mels * times), index // times % mels, index % times) for index in row_major[0, 0].tolist()]
    assert first_step == [(0, 0, 0), (0, 1, 0), (0, 2, 0), (1, 0, 0)]  # (channel, mel, time)


@pytest.mark.parametrize("length", [4, 5, 13, 16])
@pytest.mark.parametrize(("size", "stride"), [(2, 2), (3, 2), (2, 1), (4, 1)])
def test_same_pool_matches_windows_by_hand(length: int, size: int, stride: int) -> None:
    """The number of windows is ceil(length / stride), and each is placed as Keras places it."""
    values = -torch.rand(1, 1, length) - 1
    count = math.ceil(length / stride)
    before = max(0, (count - 1) * stride + size - length) // 2
    starts = [index * stride - before for index in range(count)]
    expected = [values[0, 0, max(0, start) : start + size].max() for start in starts]
    torch.testing.assert_close(nn.Sequential(*same_pool((size,), (stride,)))(values)[0, 0], torch.stack(expected))


def test_even_kernels_are_padded_more_at_the_end() -> None:
    """A kernel of 2 adds nothing before and one zero after; one of 4 adds one before and two after, on both axes."""
    values = torch.ones(1, 1, 3, 5)
    two, four = SamePad((2, 2), (1, 1), 0.0)(values), SamePad((4, 2), (1, 1), 0.0)(values)
    assert two.shape == (1, 1, 4, 6)
    assert two[0, 0, :3, :5].all()
    assert four.shape == (1, 1, 6, 6)
    assert four[0, 0, 1:4, :5].all()
    assert four.sum() == values.sum()


def test_channel_norm_equals_the_librarys_without_its_beginning() -> None:
    """The same outputs in training; running statistics are the library's, less what is left of its 0 and 1.

    What was learned goes on from a saved state as if it had never stopped.
    """
    torch.manual_seed(3)
    ours, theirs = ChannelNorm(3), nn.BatchNorm2d(3, eps=KERAS_NORM.epsilon, momentum=KERAS_NORM.momentum)
    for step in range(1, 8):
        if step == 4:
            state, ours = ours.state_dict(), ChannelNorm(3)
            ours.load_state_dict(state)
        values = torch.randn(4, 3, 5, 2) * 3 + step
        torch.testing.assert_close(ours(values), theirs(values))
        assert theirs.running_mean is not None
        assert theirs.running_var is not None
        begun = (1 - KERAS_NORM.momentum) ** step
        torch.testing.assert_close(ours.running_mean, theirs.running_mean / (1 - begun))
        torch.testing.assert_close(ours.running_variance, (theirs.running_var - begun) / (1 - begun))
    normalised = (values - ours.running_mean[:, None, None]) / (ours.running_variance[:, None, None] + 1e-3).sqrt()
    torch.testing.assert_close(ours.eval()(values), normalised)
    assert ours.train()(torch.randn(1, 3)).isfinite().all()


def test_selu_and_alpha_dropout_keep_mean_and_variance() -> None:
    """Through ten SELU layers with LeCun-normal weights and alpha dropout, in training, values stay about standard."""
    torch.manual_seed(4)
    values = torch.randn(64, 64, 4, 4)
    for _ in range(10):
        layer = nn.Conv2d(64, 64, 1)
        lecun_normal_(layer)
        values = nn.AlphaDropout(0.1).train()(nn.functional.selu(layer(values))).detach()
    assert abs(float(values.mean())) < 0.15
    assert 0.75 < float(values.var()) < 1.25


def test_lecun_normal_has_the_variance_of_its_fan_in() -> None:
    """Variance 1 / fan in after the cut, and nothing beyond the cut; bias zero."""
    torch.manual_seed(5)
    layer = nn.Conv2d(16, 256, 3)
    lecun_normal_(layer)
    weights = layer.weight.detach()
    assert float(weights.var()) == pytest.approx(1 / (16 * 9), rel=0.03)
    assert float(weights.abs().max()) <= 2 * math.sqrt(1 / (16 * 9)) / 0.8796
    assert not layer.bias.any()
