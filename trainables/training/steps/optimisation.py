"""Recipes to torch optimisers."""

import math
from collections.abc import Iterable, Mapping

import torch
from torch import Tensor, nn

from soundproof.search_spaces.specs import Adam, Recipe, Sgd


class Optimisation:
    """Clips, steps, and lowers the learning rate as the recipe says."""

    def __init__(self, recipe: Recipe, parameters: Iterable[nn.Parameter]) -> None:
        self.recipe = recipe
        self.parameters = list(parameters)
        self.steps = 0
        self.optimizer = _build(recipe.optimizer, self.parameters)

    def begin_epoch(self, epoch: int) -> None:
        """Set the learning rate of `epoch`, counted from 1, where the recipe has a schedule."""
        if self.recipe.schedule is not None:
            self._set("lr", self.recipe.optimizer.learning_rate * self.recipe.schedule.factor(epoch))

    def _set(self, name: str, value: float) -> None:
        for group in self.optimizer.param_groups:
            group[name] = value

    def step(self) -> None:
        """One update from the gradients that are there; clears them."""
        if self.recipe.clip_norm is not None:
            nn.utils.clip_grad_norm_(self.parameters, self.recipe.clip_norm)
        if isinstance(self.recipe.optimizer, Sgd) and self.recipe.optimizer.decay > 0:
            self._set("lr", self.recipe.optimizer.learning_rate / (1 + self.recipe.optimizer.decay * self.steps))
        match self.recipe.optimizer:
            case Adam(epsilon_added_to="uncorrected root", epsilon=epsilon, second_decay=decay):
                # torch adds to the corrected root, which is larger than the uncorrected one by this factor
                self._set("eps", epsilon / math.sqrt(1 - decay ** (self.steps + 1)))
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.steps += 1

    def tensors(self) -> dict[str, Tensor]:
        """The optimiser's memory of each parameter, by the parameter's place and the name of what is remembered."""
        return {
            f"{place}.{name}": value
            for place, parameter in enumerate(self.parameters)
            for name, value in self.optimizer.state[parameter].items()
            if value is not None
        }

    def restore(self, tensors: Mapping[str, Tensor], steps: int) -> None:
        """Inverse of `tensors`, after `steps` updates. The learning rate follows from the recipe, epoch and steps."""
        self.steps = steps
        for key, value in tensors.items():
            place, name = key.split(".", 1)
            parameter = self.parameters[int(place)]
            # fused updates pair values by their place in memory: a parameter's memory has to be laid out as it is
            laid_out = torch.empty_like(parameter if value.shape == parameter.shape else value, device=parameter.device)
            self.optimizer.state[parameter][name] = laid_out.copy_(value)


def _build(spec: Sgd | Adam, parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
    match spec:
        case Sgd(learning_rate=rate, momentum=momentum, nesterov=nesterov):
            return torch.optim.SGD(parameters, lr=rate, momentum=momentum, nesterov=nesterov, fused=True)
        case Adam(learning_rate=rate, first_decay=first, second_decay=second, epsilon=epsilon):
            return torch.optim.Adam(parameters, lr=rate, betas=(first, second), eps=epsilon, fused=True)
