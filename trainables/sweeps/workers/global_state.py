"""What all trials of a process share, and code of a trial can change for those that come after it.

Told are the settings of torch and NumPy, and functions, classes and methods of theirs and ours that were replaced.
Seeds are no part of it: every trial sets them anew.
"""

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import FunctionType, ModuleType

import numpy as np
import torch
from torch.nn.modules import module as torch_modules

from soundproof.trainables.sweeps.workers.messages import SpoiledActorError

_HOOKS: list[str] = [name for name, value in vars(torch_modules).items() if re.fullmatch(r"_global_\w+_hooks", name)]
_SETTINGS: Mapping[str, Callable[[], object]] = {
    "torch's default type": torch.get_default_dtype,
    "torch's default device": torch.get_default_device,
    "gradients": torch.is_grad_enabled,
    "torch's inference mode": torch.is_inference_mode_enabled,
    "torch's threads": torch.get_num_threads,
    "torch's deterministic algorithms": torch.are_deterministic_algorithms_enabled,
    "torch's precision of products": torch.get_float32_matmul_precision,
    "torch's autocast on the CPU": lambda: torch.is_autocast_enabled("cpu"),
    "torch's autocast on the GPU": lambda: torch.is_autocast_enabled("cuda"),
    "torch's search for anomalies": torch.is_anomaly_enabled,
    "torch's smallest numbers": lambda: "zero" if _flushes_denormals() else "kept",
    "cuDNN": lambda: torch.backends.cudnn.enabled,
    "cuDNN's benchmarks": lambda: torch.backends.cudnn.benchmark,
    "cuDNN's deterministic algorithms": lambda: torch.backends.cudnn.deterministic,
    "cuDNN's TF32": lambda: torch.backends.cudnn.allow_tf32,
    "oneDNN": lambda: torch.backends.mkldnn.enabled,
    "hooks of all modules": lambda: sum(len(getattr(torch_modules, name)) for name in _HOOKS),
    "NumPy's errors": np.geterr,
}
_WATCHED = re.compile(
    r"(torch|numpy|random|math|torch\.(functional|_tensor|(nn|optim|autograd)(\..+)?)|soundproof\..+)"
)
"""Names of modules. A network's file of the user's own is none of them: it may do with itself what it likes."""
_TORCH = f"{Path(torch.__file__).parent}/"
_SHOWN = 5


class GlobalState:
    """The state of this process at the moment when it is made."""

    def __init__(self) -> None:
        self._settings = {name: setting() for name, setting in _SETTINGS.items()}
        self._code = [_Code(name, owner) for name, owner in _owners()]

    def changes(self) -> list[str]:
        """What is otherwise now, each in a few words. What has only been imported since is no change."""
        changed = []
        for name, before in self._settings.items():
            try:
                after = _SETTINGS[name]()
            except Exception as error:  # whatever was done to it
                after = error
            if after != before:
                changed.append(f"{name} {_plain(before)} before, {_plain(after)} after")
        return changed + [change for code in self._code for change in code.changes()]


class SharedState:
    """What an actor asks between two trials: whether the next would find everything as a new actor would."""

    def __init__(self) -> None:
        self._clean = self._as_loaded = GlobalState()
        self._source: object = None

    def loaded(self, source: object) -> None:
        """A file of the user's has been loaded, which may set what it likes for all trials with networks of it."""
        if source != self._source:
            self._source, self._as_loaded = source, GlobalState()

    def check(self, trial_id: str, source: object) -> None:
        """Raise `SpoiledActorError` where that trial has left something behind for the next, which needs `source`."""
        changes = (self._as_loaded if source == self._source else self._clean).changes()
        if changes:
            raise SpoiledActorError.after(trial_id, _in_words(changes))


class _Code:
    """Functions and classes of a module, or what a class defines. Looked over between trials, so it has to be quick."""

    def __init__(self, name: str, owner: ModuleType | type) -> None:
        self._name, self._names = name, vars(owner)
        self._is_class = isinstance(owner, type)
        self._bases = owner.__mro__[1:] if isinstance(owner, type) else ()
        self._size = len(self._names)
        self._known = {key: value for key, value in list(self._names.items()) if _is_code(value)}

    def changes(self) -> Iterator[str]:
        for key, known in self._known.items():
            value = self._names.get(key)
            if value is not known and not _stems_from(value, known):
                yield f"{self._name}.{key} replaced"
        if self._is_class and len(self._names) != self._size:  # what is new in a module, nobody used before
            for key, value in list(self._names.items()):
                if key not in self._known and _is_code(value) and not self._inherits(key, value):
                    yield f"{self._name}.{key} added"

    def _inherits(self, key: str, value: object) -> bool:
        """Whether torch has put something around what a base class defines: the step of an AdamW, which is Adam's."""
        inherited = next((vars(base)[key] for base in self._bases if key in vars(base)), None)
        return inherited is not None and _innermost(value) is _innermost(inherited)


def _owners() -> Iterator[tuple[str, ModuleType | type]]:
    """The modules that are watched, and their classes, by their full names."""
    for module_name, module in list(sys.modules.items()):
        if isinstance(module, ModuleType) and _WATCHED.fullmatch(module_name):
            yield module_name, module
            for name, value in list(vars(module).items()):
                if isinstance(value, type) and value.__module__ == module_name:
                    yield f"{module_name}.{name}", value


def _is_code(value: object) -> bool:
    return callable(value) or isinstance(value, classmethod | staticmethod | property)


def _in_words(changes: list[str]) -> str:
    """In one line."""
    further = f", and {len(changes) - _SHOWN} more" if len(changes) > _SHOWN else ""
    return ", ".join(changes[:_SHOWN]) + further


def _stems_from(value: object, known: object) -> bool:
    """Whether torch itself put something around it: a profile around an optimiser's step, say, once there is one.

    A wrapper of somebody else's may say that it is torch's (`functools.wraps` does), but its code is in another file.
    """
    while value is not known and _is_of_torch(value):
        value = getattr(value, "__wrapped__", None)
    return value is known


def _innermost(value: object) -> object:
    """What torch has put something around."""
    while _is_of_torch(value) and hasattr(value, "__wrapped__"):
        value = value.__wrapped__
    return value


def _is_of_torch(value: object) -> bool:
    return isinstance(value, FunctionType) and value.__code__.co_filename.startswith(_TORCH)


def _plain(value: object) -> str:
    return {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)


def _flushes_denormals() -> bool:
    return bool((np.array([1e-310]) * 1.0)[0] == 0.0)
