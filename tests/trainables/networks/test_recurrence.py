"""Recurrences against the library's layers, and what padding, evaluation and repetition must not change."""

import itertools

import pytest
import torch
from torch import Tensor, nn

from soundproof.search_spaces.arithmetic import count_parameters
from soundproof.search_spaces.specs import BareHead, RecurrentStack, SpeechNetwork
from soundproof.search_spaces.specs.network import Cell, Merge
from soundproof.trainables.networks.padded_frames import Frames
from soundproof.trainables.networks.recurrence import GATES, LayerWeights, compiled, recur
from soundproof.trainables.networks.recurrence.function import BLOCK_FRAMES
from soundproof.trainables.networks.recurrence.recur import run_library
from soundproof.trainables.networks.recurrent import Recurrent

CELLS: tuple[Cell, ...] = ("simple_rnn", "gru", "lstm")
MERGES: tuple[Merge, ...] = ("concat", "sum", "ave", "mul")
LIBRARY = {"simple_rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
CHANNELS, UNITS, BATCH = 7, 5, 3


def weights_for(cell: Cell, members: int, *, dtype: torch.dtype = torch.float64) -> dict[str, Tensor | None]:
    """Weights of order one, so that gates saturate and gradients explode a little."""
    rows = GATES[cell] * UNITS
    shapes = {"input_weight": (rows, CHANNELS), "recurrent_weight": (rows, UNITS), "input_bias": (rows,)}
    shapes["recurrent_bias"] = (rows,)
    weights: dict[str, Tensor | None] = {
        name: torch.randn(members, *shape, dtype=dtype).mul_(0.5).requires_grad_() for name, shape in shapes.items()
    }
    return {**weights, "recurrent_bias": None} if cell == "simple_rnn" else weights


def library_layer(cell: Cell, weights: dict[str, Tensor | None]) -> nn.RNNBase:
    """The library's layer with these weights; its second bias stays zero for the simple cell."""
    members = len(weights["input_weight"])
    layer = LIBRARY[cell](CHANNELS, UNITS, bidirectional=members == 2).to(weights["input_weight"].dtype)
    names = {"input_weight": "weight_ih_l0", "recurrent_weight": "weight_hh_l0", "input_bias": "bias_ih_l0"}
    names["recurrent_bias"] = "bias_hh_l0"
    with torch.no_grad():
        for (ours, theirs), (member, suffix) in itertools.product(
            names.items(), zip(range(members), ("", "_reverse"), strict=False)
        ):
            stacked = weights[ours]
            getattr(layer, theirs + suffix).copy_(0 if stacked is None else stacked[member])
    return layer


def random_stack(spec: RecurrentStack) -> Recurrent:
    """A stack whose biases are not zero."""
    network = Recurrent(spec, CHANNELS)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.normal_(std=0.5)
    return network.double()


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("members", [1, 2])
@pytest.mark.parametrize("frames", [1, 2, BLOCK_FRAMES, 2 * BLOCK_FRAMES + 5])
@pytest.mark.parametrize("cell", CELLS)
def test_states_and_gradients_equal_the_librarys(cell: Cell, frames: int, members: int, dtype: torch.dtype) -> None:
    """Proves the hand-written gradients: of the inputs and every parameter, within, at and over the edge of a block."""
    torch.manual_seed(0)
    weights = weights_for(cell, members, dtype=dtype)
    values = torch.randn(frames, BATCH, CHANNELS, dtype=dtype, requires_grad=True)
    states = recur(cell, torch.stack([values, values.flip(0)][:members]), LayerWeights(**weights))
    ours = torch.cat([states[0], *(state.flip(0) for state in states[1:])], dim=2)
    layer = library_layer(cell, weights)
    theirs = layer(values)[0]
    tolerance = {"rtol": 0, "atol": 1e-10} if dtype == torch.float64 else {"rtol": 1e-4, "atol": 1e-4}
    torch.testing.assert_close(ours, theirs, **tolerance)

    probe = torch.randn_like(ours)
    leaves = [values, *(weight for weight in weights.values() if weight is not None)]
    d_values, *d_weights = torch.autograd.grad(ours, leaves, probe)
    their_values, *their_weights = torch.autograd.grad(theirs, [values, *layer.parameters()], probe)
    torch.testing.assert_close(d_values, their_values, **tolerance)
    for index, gradient in enumerate(d_weights):
        expected = torch.stack(their_weights[index::4])
        scale = float(expected.abs().max().clamp(min=1))
        torch.testing.assert_close(gradient / scale, expected / scale, **tolerance)


@pytest.mark.parametrize("members", [1, 2])
@pytest.mark.parametrize("cell", CELLS)
def test_gradients_equal_finite_differences(cell: Cell, members: int) -> None:
    """Proves the gradients without reference to any other implementation."""
    torch.manual_seed(1)
    weights = weights_for(cell, members)
    inputs = torch.randn(members, 4, 2, CHANNELS, dtype=torch.float64, requires_grad=True)
    names = [name for name, weight in weights.items() if weight is not None]

    def states(values: Tensor, *tensors: Tensor) -> Tensor:
        return recur(cell, values, LayerWeights(**{**weights, **dict(zip(names, tensors, strict=True))}))

    assert torch.autograd.gradcheck(states, (inputs, *(weights[name] for name in names)))


@pytest.mark.parametrize("cell", CELLS)
def test_library_route_equals_the_usual_one(cell: Cell) -> None:
    """Proves the route that CUDA takes, on a CPU: same states from the same weights."""
    torch.manual_seed(2)
    weights = weights_for(cell, 2)
    inputs = torch.randn(2, 9, BATCH, CHANNELS, dtype=torch.float64)
    library = run_library(cell, inputs, LayerWeights(**weights))
    torch.testing.assert_close(library, recur(cell, inputs, LayerWeights(**weights)), rtol=0, atol=1e-12)


@pytest.mark.parametrize("cell", CELLS)
def test_evaluation_equals_training(cell: Cell) -> None:
    """Proves that reusing one block's buffers where no gradient is due changes nothing, over several blocks.

    The library's LSTM takes another kernel in evaluation, equal up to rounding.
    """
    torch.manual_seed(3)
    weights = weights_for(cell, 2, dtype=torch.float32)
    inputs = torch.randn(2, 3 * BLOCK_FRAMES + 1, BATCH, CHANNELS)
    training = recur(cell, inputs, LayerWeights(**weights))
    with torch.no_grad():
        evaluation = recur(cell, inputs, LayerWeights(**weights))
    tolerance = 1e-5 if cell == "lstm" else 0
    torch.testing.assert_close(evaluation, training.detach(), rtol=0, atol=tolerance)


@pytest.mark.parametrize("cell", CELLS)
def test_inputs_that_need_no_gradient_leave_the_others_unchanged(cell: Cell) -> None:
    """Proves that the weights of a first layer learn the same whether or not gradients of the features are asked."""
    torch.manual_seed(4)
    weights = weights_for(cell, 1)
    inputs = torch.randn(1, 6, BATCH, CHANNELS, dtype=torch.float64)
    leaf = weights["recurrent_weight"]
    (without,) = torch.autograd.grad(recur(cell, inputs, LayerWeights(**weights)).sum(), leaf)
    (with_,) = torch.autograd.grad(recur(cell, inputs.requires_grad_(), LayerWeights(**weights)).sum(), leaf)
    assert torch.equal(without, with_)


@pytest.mark.parametrize("cell", CELLS)
def test_twice_the_same_bits(cell: Cell) -> None:
    """Proves that states and gradients are deterministic."""
    torch.manual_seed(5)
    weights = weights_for(cell, 2, dtype=torch.float32)
    inputs = torch.randn(2, 40, BATCH, CHANNELS, requires_grad=True)
    leaves = [inputs, *(weight for weight in weights.values() if weight is not None)]

    def once() -> list[Tensor]:
        states = recur(cell, inputs, LayerWeights(**weights))
        return [states.detach(), *torch.autograd.grad(states.square().sum(), leaves)]

    assert all(torch.equal(first, second) for first, second in zip(once(), once(), strict=True))


@pytest.mark.parametrize("merge", [None, *MERGES])
@pytest.mark.parametrize("cell", CELLS)
def test_an_utterance_alone_equals_itself_in_a_padded_batch(cell: Cell, merge: Merge | None) -> None:
    """Proves that both directions see an utterance's real frames only, whatever the padding holds."""
    torch.manual_seed(6)
    network = random_stack(RecurrentStack(cell=cell, layers=1, units=UNITS, merge=merge))
    lengths = torch.tensor([31, 40, 1])
    batch = torch.randn(3, 40, CHANNELS, dtype=torch.float64)
    together = network(batch, Frames(lengths, 40))
    for row, length in enumerate(lengths.tolist()):
        alone = network(batch[row : row + 1, :length], Frames(lengths[row : row + 1], length))
        torch.testing.assert_close(together[row : row + 1, :length], alone, rtol=0, atol=1e-12)


@pytest.mark.parametrize("merge", MERGES)
def test_merges_join_the_two_directions(merge: Merge) -> None:
    """Proves each merge from the halves of the concatenation."""
    torch.manual_seed(7)
    network = random_stack(RecurrentStack(cell="gru", layers=1, units=UNITS, merge=merge))
    concatenating = Recurrent(RecurrentStack(cell="gru", layers=1, units=UNITS, merge="concat"), CHANNELS).double()
    concatenating.load_state_dict(network.state_dict())
    values, frames = torch.randn(2, 6, CHANNELS, dtype=torch.float64), Frames(torch.tensor([6, 4]), 6)
    concatenation = concatenating(values, frames)
    ahead, behind = concatenation.chunk(2, dim=2)
    expected = {"concat": concatenation, "sum": ahead + behind, "ave": (ahead + behind) / 2, "mul": ahead * behind}
    torch.testing.assert_close(network(values, frames), expected[merge])


@pytest.mark.parametrize("merge", [None, "concat", "sum"])
@pytest.mark.parametrize("cell", CELLS)
def test_parameters_are_those_of_the_arithmetic(cell: Cell, merge: Merge | None) -> None:
    """Proves the documented parameter totals: two bias vectors a gate for GRU and LSTM, one for the simple cell."""
    spec = RecurrentStack(cell=cell, layers=2, units=UNITS, merge=merge, connectivity="dense")
    held = sum(parameter.numel() for parameter in Recurrent(spec, CHANNELS).parameters())
    network = SpeechNetwork(convolution=None, recurrent=spec, head=BareHead())
    assert held == count_parameters(network, CHANNELS).trainable


@pytest.mark.parametrize("cell", CELLS)
def test_initial_weights(cell: Cell) -> None:
    """Orthonormal recurrences and Glorot's bound over all gates at once, in each direction; open forget gates."""
    layer = Recurrent(RecurrentStack(cell=cell, layers=1, units=UNITS, merge="concat"), CHANNELS).layers[0]
    recurrences = layer.recurrent_weight.detach()
    torch.testing.assert_close(recurrences.transpose(-1, -2) @ recurrences, torch.eye(UNITS).expand(2, -1, -1))
    bound = (6 / (CHANNELS + GATES[cell] * UNITS)) ** 0.5
    assert 0.8 * bound < float(layer.input_weight.detach().abs().max()) <= bound
    biases = layer.input_bias.detach().view(2, GATES[cell], UNITS)
    expected = torch.zeros_like(biases)
    if cell == "lstm":
        expected[:, 1] = 1
    assert torch.equal(biases, expected)
    assert layer.recurrent_bias is None or not layer.recurrent_bias.any()


def _as_library_does(cell: Cell, inputs: Tensor, weights: dict[str, Tensor | None]) -> list[Tensor]:
    """States and gradients of everything, by the steps that are calls of the library."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(compiled, "LARGEST_STEP", 0)
        return _states_and_gradients(cell, inputs, weights)


def _states_and_gradients(cell: Cell, inputs: Tensor, weights: dict[str, Tensor | None]) -> list[Tensor]:
    leaves = [inputs, *(weight for weight in weights.values() if weight is not None)]
    states = recur(cell, inputs, LayerWeights(**weights))
    return [states.detach(), *torch.autograd.grad(states.square().sum(), leaves)]


@pytest.mark.parametrize("scale", [0.01, 1.0, 30.0])
@pytest.mark.parametrize("batch", [1, 2, 5, 8])
@pytest.mark.parametrize("units", [1, 4, 5, 48])
def test_compiled_steps_are_those_of_the_library(units: int, batch: int, scale: float) -> None:
    """Odd and even batches, units that no vector divides, and gates from linear to saturated."""
    torch.manual_seed(6)
    rows = 3 * units
    shapes = {"input_weight": (2, rows, 6), "recurrent_weight": (2, rows, units), "input_bias": (2, rows)}
    shapes["recurrent_bias"] = (2, rows)
    scales = dict.fromkeys(shapes, scale / 3) | {"recurrent_weight": 0.7 / units**0.5}  # beyond that it is chaotic
    weights = {name: (torch.randn(shape) * scales[name]).requires_grad_() for name, shape in shapes.items()}
    inputs = torch.randn(2, 37, batch, 6, requires_grad=True)
    for ours, theirs in zip(
        _states_and_gradients("gru", inputs, weights), _as_library_does("gru", inputs, weights), strict=True
    ):
        size = float(theirs.abs().max().clamp(min=1))
        torch.testing.assert_close(ours / size, theirs / size, rtol=0, atol=2e-5)


def test_what_is_no_number_stays_none_in_compiled_steps() -> None:
    """A network that diverges has to be seen to: from the frame on that holds it, and in that row alone."""
    weights = weights_for("gru", 1, dtype=torch.float32)
    inputs = torch.randn(1, 9, BATCH, CHANNELS)
    inputs[0, 4, 1, 0] = torch.nan
    states = recur("gru", inputs, LayerWeights(**weights))
    assert states[0, :4].isfinite().all()
    assert states[0, 4:, 1].isnan().all()
    assert states[0, :, [0, 2]].isfinite().all()


@pytest.mark.parametrize("largest", [0, 1024])
def test_members_do_not_notice_each_other(largest: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three members: the same bits as each alone, by compiled steps and by the library's."""
    monkeypatch.setattr(compiled, "LARGEST_STEP", largest)
    torch.manual_seed(7)
    units, batch = 8, 4
    weights = {
        "input_weight": torch.randn(3, 24, 6),
        "recurrent_weight": torch.randn(3, 24, units),
        "input_bias": torch.randn(3, 24),
        "recurrent_bias": torch.randn(3, 24),
    }
    leaves = {name: weight.requires_grad_() for name, weight in weights.items()}
    inputs = torch.randn(3, 2 * BLOCK_FRAMES + 3, batch, 6)
    together = recur("gru", inputs, LayerWeights(**leaves))
    gradients = torch.autograd.grad(sum(states.square().sum() for states in together), list(leaves.values()))
    for member in range(3):
        own = {name: weight.detach()[member : member + 1].requires_grad_() for name, weight in weights.items()}
        alone = recur("gru", inputs[member : member + 1], LayerWeights(**own))
        assert torch.equal(alone[0], together[member])
        expected = torch.autograd.grad(alone.square().sum(), list(own.values()))
        assert all(torch.equal(one[member], other[0]) for one, other in zip(gradients, expected, strict=True))
