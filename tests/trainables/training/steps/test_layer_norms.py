"""Norms of weights and gradients by layer."""

from collections.abc import Callable

import pytest
import torch
from torch import nn
from training_runs import numbers

from soundproof.search_spaces.specs import Trial
from soundproof.trainables.features import FeatureStore
from soundproof.trainables.training.data.batches import FeatureData
from soundproof.trainables.training.engine import Training
from soundproof.trainables.training.settings import TrainingSettings
from soundproof.trainables.training.steps.layer_norms import LayerNorms

MakeTrial = Callable[..., Trial]
CPU = torch.device("cpu")


class _Scaled(nn.Module):
    """A module with a parameter of its own, one that is never used, and two layers, one with a name of a user's."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.tensor([3.0, 4.0]))
        self.unused = nn.Linear(2, 2)
        self.add_module("<out> é", nn.Linear(2, 1))

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = self.get_submodule("<out> é")(values * self.scale)
        return out


def test_norms_are_those_of_torch() -> None:
    """Of two steps by hand; a name is fit for MLflow, an unused layer has no gradient, and the mean begins anew."""
    network = _Scaled()
    norms = LayerNorms(network)
    lengths = []
    for values in (torch.ones(4, 2), torch.full((4, 2), 5.0)):
        network.zero_grad()
        network(values).sum().backward()
        norms.note_gradients()
        lengths.append(
            nn.utils.get_total_norm([parameter.grad for parameter in network.get_submodule("<out> é").parameters()])
        )
    found = norms.take()
    assert found["norm/weight/network"] == 5.0
    assert found["norm/gradient/_out_ é"] == pytest.approx(float(sum(lengths)) / 2)
    assert found["norm/gradient/unused"] == 0.0
    assert found["norm/weight/unused"] == pytest.approx(float(nn.utils.get_total_norm(network.unused.parameters())))
    assert [name for name in norms.take() if "gradient" in name] == []


def test_a_trial_that_is_watched_trains_as_any_other(store: FeatureStore, make_trial: MakeTrial) -> None:
    """Every layer has its norms, of gradients before they are clipped; the rest is the same."""
    data = FeatureData(store, CPU)
    watched, other = Training(make_trial(), data, TrainingSettings(norms=True)), Training(make_trial(), data)
    watched.run_epoch()
    other.run_epoch()
    (history,) = numbers(watched.history)
    kept = {name: value for name, value in history.items() if not name.startswith("norm/")}
    assert [kept] == numbers(other.history)
    layers = {name for name, module in watched.network.named_modules() if [*module.parameters(recurse=False)]}
    for kind in ("weight", "gradient"):
        found = {name: value for name, value in history.items() if name.startswith(f"norm/{kind}/")}
        assert {name.removeprefix(f"norm/{kind}/") for name in found} == layers
        assert min(found.values()) >= 0.0
        assert max(found.values()) > 0.0
