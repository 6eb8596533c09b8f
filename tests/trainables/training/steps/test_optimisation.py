"""Updates against the formulas of the libraries that documents used."""

from collections.abc import Iterable, Iterator

import numpy as np
import pytest
import torch
from torch import nn

from soundproof.search_spaces.specs import Adam, Recipe
from soundproof.trainables.training.steps.optimisation import Optimisation

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
