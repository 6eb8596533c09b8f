"""Recipes to torch optimisers."""

import math
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from soundproof.search_spaces.specs import Adam, AdamW, Recipe, Sgd, WarmupCosine
from soundproof.search_spaces.specs.recipe import Optimizer
from soundproof.trainables.networks.sublayers import BatchNorm

_NORMS = (BatchNorm, nn.modules.batchnorm._NormBase, nn.LayerNorm, nn.GroupNorm, nn.RMSNorm)  # their base


class Optimisation:
    """Clips, steps, and sets the learning rate as the recipe says."""

    def __init__(
        self,
        recipe: Recipe,
        parameters: Iterable[nn.Parameter],
        *,
        undecayed: Collection[nn.Parameter] = (),
        epochs: int = 1,
    ) -> None:
        """`undecayed` are left out of weight decay, see the function of that name; `epochs` are those of the budget."""
        self.recipe = recipe
        self.parameters = list(parameters)
        self.steps = 0
        self.optimizer = _build(recipe.optimizer, self._groups(undecayed))
        self._epochs = epochs
        self._epoch, self._step, self._steps_of_epoch = 1, 0, 1

    def _groups(self, undecayed: Collection[nn.Parameter]) -> list[dict[str, Any]]:
        """One, or where some are decayed and others are not, two."""
        match self.recipe.optimizer:
            case Adam() | Sgd(weight_decay=0):
                return [{"params": self.parameters}]
            case Sgd(weight_decay=decay, decayed=decayed) | AdamW(weight_decay=decay, decayed=decayed):
                spared = {id(parameter) for parameter in undecayed} if decayed == "weights" else set()
        shrunk = [parameter for parameter in self.parameters if id(parameter) not in spared]
        others = [parameter for parameter in self.parameters if id(parameter) in spared]
        groups = [{"params": shrunk, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}]
        return [group for group in groups if group["params"]]

    def begin_epoch(self, epoch: int, steps: int = 1) -> None:
        """Set the learning rate of `epoch`, counted from 1 and of so many `steps`, where the recipe has a schedule.

        One that changes with every step is set by `step`: epoch and steps say where it is, so that whoever resumes a
        trial needs nothing else.
        """
        self._epoch, self._step, self._steps_of_epoch = epoch, 0, steps
        schedule = self.recipe.schedule
        if schedule is not None and not isinstance(schedule, WarmupCosine):
            self._set("lr", self.recipe.optimizer.learning_rate * schedule.factor(epoch))

    def _set(self, name: str, value: float) -> None:
        for group in self.optimizer.param_groups:
            group[name] = value

    def step(self) -> None:
        """One update from the gradients that are there; clears them."""
        if self.recipe.clip_norm is not None:
            nn.utils.clip_grad_norm_(self.parameters, self.recipe.clip_norm)
        if isinstance(self.recipe.optimizer, Sgd) and self.recipe.optimizer.decay > 0:
            self._set("lr", self.recipe.optimizer.learning_rate / (1 + self.recipe.optimizer.decay * self.steps))
        if isinstance(self.recipe.schedule, WarmupCosine):
            factor = self.recipe.schedule.factor(self._step, self._steps_of_epoch, self._epoch, self._epochs)
            self._set("lr", self.recipe.optimizer.learning_rate * factor)
        match self.recipe.optimizer:
            case Adam(epsilon_added_to="uncorrected root", epsilon=epsilon, second_decay=decay):
                # torch adds to the corrected root, which is larger than the uncorrected one by this factor
                self._set("eps", epsilon / math.sqrt(1 - decay ** (self.steps + 1)))
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.steps += 1
        self._step += 1

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


def undecayed(network: nn.Module) -> list[nn.Parameter]:
    """What weight decay spares unless it is to shrink everything: biases, and scales and shifts of normalising layers.

    Known by the last part of a parameter's name, which begins or ends with `bias` (those of stacked directions have two
    dimensions), by its module, or as the one dimension that such things have in networks of users too.
    """
    return [
        parameter
        for module in network.modules()
        for name, parameter in module.named_parameters(recurse=False)
        if parameter.ndim <= 1 or name.startswith("bias") or name.endswith("bias") or isinstance(module, _NORMS)
    ]


def _build(spec: Optimizer, groups: list[dict[str, Any]]) -> torch.optim.Optimizer:
    match spec:
        case Sgd(learning_rate=rate, momentum=momentum, nesterov=nesterov):
            return torch.optim.SGD(groups, lr=rate, momentum=momentum, nesterov=nesterov, fused=True)
        case Adam(learning_rate=rate, first_decay=first, second_decay=second, epsilon=epsilon):
            return torch.optim.Adam(groups, lr=rate, betas=(first, second), eps=epsilon, fused=True)
        case AdamW(learning_rate=rate, first_decay=first, second_decay=second, epsilon=epsilon):
            return torch.optim.AdamW(groups, lr=rate, betas=(first, second), eps=epsilon, fused=True)
