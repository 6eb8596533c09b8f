"""Updates against the formulas of the libraries that documents used."""

import copy
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from soundproof.search_spaces.specs import Adam, AdamW, Recipe, RecurrentStack, Sgd, WarmupCosine
from soundproof.trainables.networks.recurrent import Recurrent
from soundproof.trainables.training.steps.optimisation import Optimisation, undecayed

RATE, EPSILON, STEPS = 0.01, 1e-7, 100
TORCH = Adam(learning_rate=RATE)
KERAS = Adam(learning_rate=RATE, epsilon=EPSILON, epsilon_added_to="uncorrected root")


def _gradients() -> Iterator[np.ndarray]:
    """Of a few parameters, from ones that epsilon hides to large ones."""
    chance = np.random.default_rng(0)
    scales = np.array([0, 1e-9, 1e-7, 1e-6, 1e-4, 1.0, 30.0])
    for _ in range(STEPS):
        yield scales * chance.standard_normal(7)


def _ours(adam: Adam, gradients: Iterable[np.ndarray]) -> list[np.ndarray]:
    parameter = nn.Parameter(torch.zeros(7, dtype=torch.float64))
    optimisation, places = Optimisation(Recipe(optimizer=adam), [parameter]), []
    for gradient in gradients:
        parameter.grad = torch.tensor(gradient)
        optimisation.step()
        places.append(parameter.detach().numpy().copy())
    return places


def test_adam_of_keras() -> None:
    """The update as its documentation writes it: the root of the uncorrected moment, plus epsilon, below."""
    place, first, second = np.zeros(7), np.zeros(7), np.zeros(7)
    ours = _ours(KERAS, _gradients())
    for step, (gradient, updated) in enumerate(zip(_gradients(), ours, strict=True), start=1):
        first, second = 0.9 * first + 0.1 * gradient, 0.999 * second + 0.001 * gradient**2
        rate = RATE * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
        place = place - rate * first / (np.sqrt(second) + EPSILON)
        np.testing.assert_allclose(updated, place, rtol=1e-12)


def test_adam_of_torch() -> None:
    """The library's own, and its epsilon unless another is asked for."""
    parameter = nn.Parameter(torch.zeros(7, dtype=torch.float64))
    library = torch.optim.Adam([parameter], lr=RATE)
    for gradient, updated in zip(_gradients(), _ours(TORCH, _gradients()), strict=True):
        parameter.grad = torch.tensor(gradient)
        library.step()
        np.testing.assert_allclose(updated, parameter.detach().numpy(), rtol=1e-12)


def test_the_two_part_where_gradients_are_small() -> None:
    """One of 1e-6 moves 4.1 times as far at the first step of torch's, one of 1 as far as of Keras's."""
    (torch_step,), (keras_step,) = (_ours(adam, [np.full(7, 1e-6)]) for adam in (TORCH, KERAS))
    assert torch_step[0] / keras_step[0] == pytest.approx(4.12, abs=0.01)
    (torch_step,), (keras_step,) = (_ours(adam, [np.ones(7)]) for adam in (TORCH, KERAS))
    assert torch_step[0] / keras_step[0] == pytest.approx(1, abs=1e-5)


class _Network(nn.Module):
    """A few layers, with every kind of parameter."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv1d(3, 4, 3)
        self.norm = nn.LayerNorm((4, 2))
        self.recurrent = Recurrent(RecurrentStack(cell="gru", layers=1, units=2, merge="concat"), 4)
        self.scale = nn.Parameter(torch.ones(4))


SPARED = {"convolution.bias", "norm.weight", "norm.bias", "scale"} | {
    f"recurrent.layers.0.{name}_bias" for name in ("input", "recurrent")
}


@pytest.mark.parametrize(
    ("spec", "library"),
    [
        (
            AdamW(learning_rate=RATE, weight_decay=0.3),
            lambda groups: torch.optim.AdamW(groups, lr=RATE, weight_decay=0.3),
        ),
        (
            Sgd(learning_rate=RATE, weight_decay=0.3),
            lambda groups: torch.optim.SGD(groups, lr=RATE, momentum=0.9, nesterov=True, weight_decay=0.3),
        ),
    ],
    ids=["AdamW", "Sgd"],
)
@pytest.mark.parametrize("decayed", ["weights", "everything"])
def test_weight_decay_is_that_of_torch(spec: AdamW | Sgd, library: Any, decayed: Any) -> None:
    """Its own optimisers, told which parameters are spared; biases of stacked directions have two dimensions."""
    torch.manual_seed(0)
    network = _Network().double()
    twin = copy.deepcopy(network)
    optimisation = Optimisation(
        Recipe(optimizer=replace(spec, decayed=decayed)), network.parameters(), undecayed=undecayed(network)
    )
    spared = SPARED if decayed == "weights" else set()
    named = dict(twin.named_parameters())
    assert spared < named.keys()
    reference = library(
        [
            {"params": [named[name] for name in named if name not in spared]},
            {"params": [named[name] for name in named if name in spared], "weight_decay": 0.0},
        ]
    )
    for _ in range(5):
        for name, parameter in network.named_parameters():
            gradient = torch.randn_like(parameter)
            parameter.grad, named[name].grad = gradient, gradient.clone()
        optimisation.step()
        reference.step()
    for name, parameter in network.named_parameters():
        torch.testing.assert_close(parameter, named[name], rtol=1e-12, atol=0)


@pytest.mark.parametrize(("steps", "epochs", "warmup"), [(10, 6, 20), (7, 3, 0), (1, 10, 5), (40, 1, 4)])
def test_warm_up_and_cosine_are_those_of_torch(steps: int, epochs: int, warmup: int) -> None:
    """`SequentialLR` of `LinearLR` and `CosineAnnealingLR`, step by step; and the same where an epoch is resumed."""
    total = steps * epochs
    schedule = WarmupCosine(warmup_fraction=warmup / total, final_factor=0.05)
    recipe = Recipe(optimizer=Sgd(learning_rate=RATE), schedule=schedule)
    parameter = nn.Parameter(torch.zeros(1))
    library = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=RATE)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(library, T_max=total - warmup, eta_min=0.05 * RATE)
    expected: Any = cosine
    if warmup:
        rise = torch.optim.lr_scheduler.LinearLR(library, start_factor=1 / warmup, total_iters=warmup - 1)
        expected = torch.optim.lr_scheduler.SequentialLR(library, [rise, cosine], milestones=[warmup])
    for epoch in range(1, epochs + 1):
        optimisation = Optimisation(recipe, [parameter], epochs=epochs)  # as whoever resumes has it
        optimisation.begin_epoch(epoch, steps)
        for _ in range(steps):
            wanted = library.param_groups[0]["lr"]
            parameter.grad = torch.zeros(1)
            optimisation.step()
            assert optimisation.optimizer.param_groups[0]["lr"] == pytest.approx(wanted, rel=1e-9)
            library.step()
            expected.step()
