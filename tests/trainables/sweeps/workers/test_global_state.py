"""What a trial can change for those that come after it in its process, as far as that can be told."""

import functools
import math
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.modules import module as torch_modules

from soundproof.trainables.sweeps.workers.global_state import GlobalState, SharedState
from soundproof.trainables.sweeps.workers.messages import SpoiledActorError, spoiled
from soundproof.trainables.training.data.random_streams import seed_globals


def _twice(self: nn.Linear, given: torch.Tensor) -> torch.Tensor:
    return 2 * nn.functional.linear(given, self.weight, self.bias)


@functools.wraps(torch.relu)
def _says_it_is_torchs(given: torch.Tensor) -> torch.Tensor:
    return given


SETTINGS: list[tuple[str, Callable[[], object], Callable[[], object]]] = [
    (
        "torch's default type torch.float32 before, torch.float64 after",
        lambda: torch.set_default_dtype(torch.float64),
        lambda: torch.set_default_dtype(torch.float32),
    ),
    (
        "torch's default device cpu before, meta after",
        lambda: torch.set_default_device("meta"),
        lambda: torch.set_default_device(None),
    ),
    ("gradients on before, off after", lambda: torch.set_grad_enabled(False), lambda: torch.set_grad_enabled(True)),
    (
        "torch's smallest numbers kept before, zero after",
        lambda: torch.set_flush_denormal(True),
        lambda: torch.set_flush_denormal(False),
    ),
    (
        "hooks of all modules 0 before, 1 after",
        lambda: torch_modules.register_module_forward_hook(lambda *_: None),
        torch_modules._global_forward_hooks.clear,
    ),
]


@pytest.mark.parametrize(("told", "change", "undo"), SETTINGS)
def test_a_setting_is_told(told: str, change: Callable[[], object], undo: Callable[[], object]) -> None:
    """With what it was and what it is; and not any more, once it is put back."""
    before = GlobalState()
    try:
        change()
        assert told in before.changes()
    finally:
        undo()
    assert before.changes() == []


def test_threads_are_told() -> None:
    """They decide in which order numbers are added."""
    before, threads = GlobalState(), torch.get_num_threads()
    try:
        torch.set_num_threads(threads + 1)
        assert before.changes() == [f"torch's threads {threads} before, {threads + 1} after"]
    finally:
        torch.set_num_threads(threads)


@pytest.mark.parametrize(
    ("owner", "name", "value", "told"),
    [
        (nn.Linear, "forward", _twice, "torch.nn.modules.linear.Linear.forward replaced"),
        (nn.Linear, "__call__", _twice, "torch.nn.modules.linear.Linear.__call__ added"),
        (nn.functional, "relu", torch.tanh, "torch.nn.functional.relu replaced"),
        (torch, "relu", _says_it_is_torchs, "torch.relu replaced"),
        (torch.Tensor, "mean", _twice, "torch.Tensor.mean added"),
        (torch.optim.SGD, "step", _twice, "torch.optim.sgd.SGD.step replaced"),
        (np, "mean", np.median, "numpy.mean replaced"),
        (math, "sqrt", math.exp, "math.sqrt replaced"),
    ],
)
def test_code_that_was_replaced_is_told(
    owner: Any, name: str, value: object, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Methods, methods that were inherited, and functions, also by what says to be the library's own."""
    before = GlobalState()
    with monkeypatch.context() as patched:
        patched.setattr(owner, name, value)
        assert told in before.changes()
    assert before.changes() == []


def test_training_itself_changes_nothing() -> None:
    """Torch wraps an optimiser's step when the first of its class is made, and imports more when it is first used."""
    before = GlobalState()
    network = nn.Linear(2, 1)
    for optimiser in (torch.optim.RMSprop(network.parameters()), torch.optim.Adam(network.parameters())):
        network(torch.ones(1, 2)).sum().backward()
        optimiser.step()
    assert before.changes() == []


_FIRST_OF_ITS_CLASS = """
import torch
from soundproof.trainables.sweeps.workers.global_state import GlobalState

before = GlobalState()
parameter = torch.nn.Parameter(torch.ones(1))
torch.optim.AdamW([parameter])
torch.optim.Adam([parameter])
assert before.changes() == [], before.changes()
own = torch.optim.AdamW.step
torch.optim.AdamW.step = lambda self, closure=None: own(self, closure)
assert before.changes() == ["torch.optim.adamw.AdamW.step added"], before.changes()
"""


def test_a_step_that_is_inherited_may_be_wrapped_by_torch_alone() -> None:
    """AdamW has that of Adam until the first is made, in a new process; somebody else's is a change."""
    subprocess.run([sys.executable, "-c", _FIRST_OF_ITS_CLASS], check=True)


def test_what_a_users_file_sets_is_for_its_own_networks_alone() -> None:
    """Loading it is no change for the next trial of the same file, and one for every other trial."""
    shared = SharedState()
    try:
        torch.set_default_dtype(torch.float64)
        shared.loaded("a file")
        shared.check("one", "a file")
        with pytest.raises(SpoiledActorError) as raised:
            shared.check("one", None)
    finally:
        torch.set_default_dtype(torch.float32)
    with pytest.raises(SpoiledActorError):
        shared.check("one", "a file")
    text = f"traceback\nsome.module.SpoiledActorError: {raised.value}\n"
    found = spoiled(text)
    assert found is not None
    assert found[0] == "one"
    assert found[1].startswith("torch's default type torch.float32 before, torch.float64 after")
    assert spoiled("RuntimeError: something else") is None


def test_every_global_generator_begins_anew() -> None:
    """A network of the user's that draws from NumPy or Python does not depend on the trials before it."""
    import random

    drawn = []
    for _ in range(2):
        seed_globals(3, "initialisation")
        drawn.append((random.random(), float(np.random.random()), float(torch.rand(()))))
    assert drawn[0] == drawn[1]
    seed_globals(4, "initialisation")
    assert random.random() != drawn[0][0]
