"""A GPU for machines that have none: tensors that say they are on CUDA, while the CPU does the arithmetic.

What CUDA refuses is refused: operations on tensors of both sides, arrays of tensors that are not the CPU's, random
numbers from a generator of the other side. What makes the CPU wait until the device has done all it was told is
counted. What is slow, or wrong in a kernel, is not seen: that takes a GPU.
"""

import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn.utils import clip_grad
from torch.overrides import TorchFunctionMode
from torch.utils._foreach_utils import _group_tensors_by_device_and_dtype
from torch.utils._python_dispatch import TorchDispatchMode, _disable_current_modes
from torch.utils._pytree import tree_leaves

CUDA, CPU = torch.device("cuda"), torch.device("cpu")

_aten: Any = torch.ops.aten
_ACROSS = {_aten.copy_: 1, _aten.ctc_loss: 2, _aten._ctc_loss: 2, _aten._ctc_loss_backward: 3}
"""Operations that take tensors of both sides: how many of the first have to be on one."""

_BY_LIBRARY = {torch.rnn_tanh, torch.gru, torch.lstm}

_SCATTERED = "RNN module weights are not part of single contiguous chunk of memory."
"""What torch says where it has to copy weights for cuDNN."""

_READS: dict[Any, str] = {
    getattr(Tensor, name): name for name in ("item", "tolist", "__bool__", "__float__", "__int__", "__index__")
}
_ARRAYS = {Tensor.numpy, Tensor.__array__}
_WAITING = {_aten.nonzero.default, _aten.masked_select.default, _aten.repeat_interleave.Tensor}
"""Their shape is known when they are done."""


class OtherDevice:
    """`waits` counts what the CPU has waited for, by name."""

    def __init__(self) -> None:
        self.waits: Counter[str] = Counter()
        self.generators: dict[int, torch.Generator] = {}


@contextmanager
def other_device(monkeypatch: pytest.MonkeyPatch) -> Iterator[OtherDevice]:
    """While it lasts there is a device "cuda"."""
    other = OtherDevice()

    class Generator(torch.Generator):
        def __new__(cls, device: torch.device = CPU) -> "Generator":
            made = super().__new__(cls)
            if device == CUDA:
                other.generators[made._cdata] = made
            return made

    with monkeypatch.context() as patched, _Calls(other), _Operations(other):
        patched.setattr(Tensor, "device", property(_side_or_cpu), raising=False)
        patched.setattr(Tensor, "is_cuda", property(lambda tensor: _side(tensor) == CUDA), raising=False)
        patched.setattr(torch, "Generator", Generator)
        patched.setattr(clip_grad, "_group_tensors_by_device_and_dtype", _grouped)
        patched.setattr(torch.cuda, "mem_get_info", lambda _=None: (2**30, 2**30))
        patched.setattr(torch.cuda, "synchronize", lambda _=None: other.waits.update(["synchronize"]))
        yield other


class _Calls(TorchFunctionMode):
    """What Python asks for: tensors are moved and made, and come back as numbers."""

    def __init__(self, other: OtherDevice) -> None:
        super().__init__()
        self._other = other

    def __torch_function__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        options = dict(kwargs or {})
        if func is Tensor.to or func is Tensor.cpu:
            return self._moved(func, args, options)
        if args and isinstance(args[0], Tensor) and _side(args[0]) == CUDA:
            if func in _ARRAYS:
                raise TypeError("can't convert cuda:0 device type tensor to numpy")
            if func in _READS:
                self._other.waits[_READS[func]] += 1
        asked = options.get("device")
        if asked is not None:
            options["device"] = CPU
            if func is torch.tensor and torch.device(asked) == CUDA:
                self._other.waits["torch.tensor"] += 1
        if func in _BY_LIBRARY:
            inputs, start, weights, *rest = args
            return (_Recurrence.apply(lambda given: func(given[0], start, given[1:], *rest)[0], inputs, *weights),)
        made = func(*args, **options)
        _mark(made, None if asked is None else torch.device(asked))
        return made

    def _moved(self, func: Any, args: Sequence[Any], options: dict[str, Any]) -> Tensor:
        tensor, *rest = args
        given = [*rest, *options.values()]
        before, after = _side_or_cpu(tensor), CPU if func is Tensor.cpu else _side_or_cpu(tensor)
        for value in given:
            if isinstance(value, torch.device | str):
                after = torch.device(value)
        dtype = next((value for value in given if isinstance(value, torch.dtype)), tensor.dtype)
        moved: Tensor = tensor.to(dtype)
        if after == before:
            return moved
        if True not in given:  # it may block
            self._other.waits[f"to {after}"] += 1
        moved = moved.detach().clone()
        _mark(moved, after)
        return moved


class _Recurrence(torch.autograd.Function):
    """One operation, as it is on a GPU, and not the hundreds that the library makes of it elsewhere."""

    @staticmethod
    def forward(ctx: Any, run: Callable[[Sequence[Tensor]], Tensor], *given: Tensor) -> Tensor:
        """The states; `given` are inputs and weights."""
        side = _common_side("recurrence", given)
        warnings.warn(_SCATTERED, stacklevel=1)
        ctx.given = [value.detach().requires_grad_() for value in given]
        with _disable_current_modes(), torch.enable_grad():
            ctx.states = run(ctx.given)
        _mark(ctx.states, side)
        return ctx.states.detach()

    @staticmethod
    def backward(ctx: Any, *outer: Tensor) -> tuple[Tensor | None, ...]:
        """On the side of the gradient."""
        side = _common_side("gradient of the recurrence", [ctx.states, *outer])
        with _disable_current_modes():
            gradients = torch.autograd.grad(ctx.states, ctx.given, outer)
        _mark(gradients, side)
        return None, *gradients


class _Operations(TorchDispatchMode):
    """What is computed, gradients included."""

    def __init__(self, other: OtherDevice) -> None:
        super().__init__()
        self._other = other

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        given = [leaf for leaf in tree_leaves((args, kwargs or {})) if isinstance(leaf, Tensor)]
        side = _common_side(func, given)
        generator = (kwargs or {}).get("generator")
        if generator is not None and side and (generator._cdata in self._other.generators) != (side == CUDA):
            raise RuntimeError(f"{func}: the generator is on another device than {_described(given)}")
        if func in _WAITING and side == CUDA:
            self._other.waits[str(func)] += 1
        made = func(*args, **(kwargs or {}))
        for leaf in tree_leaves(made):
            if side and isinstance(leaf, Tensor) and _side(leaf) is None:
                _mark(leaf, side)
        return made


def _common_side(func: Any, given: Sequence[Tensor]) -> torch.device | None:
    """Where `given` are, and what comes of them. Single numbers of the CPU are read anywhere, but not written."""
    written = given[0] if given and getattr(func, "_schema", None) and func._schema.name.endswith("_") else None
    bound = given[: _ACROSS.get(getattr(func, "overloadpacket", None))]
    sides = {_side(tensor) for tensor in bound if tensor.dim() > 0 or _side(tensor) == CUDA or tensor is written} - {
        None
    }
    if len(sides) > 1:
        raise RuntimeError(f"{func}: expected all tensors to be on the same device, got {_described(given)}")
    return CUDA if CUDA in sides else next(iter(sides), None)


def _side(tensor: Tensor) -> torch.device | None:
    """Where it is; None for what the library has made for itself, which would be where it is needed."""
    with torch._C.DisableTorchFunction():
        side: torch.device | None = getattr(tensor.untyped_storage(), "side", None)
        return side


def _side_or_cpu(tensor: Tensor) -> torch.device:
    return _side(tensor) or CPU


def _mark(made: Any, side: torch.device | None) -> None:
    """Note that what was made is on `side`; with None, on the CPU where it is nowhere yet."""
    for value in made if isinstance(made, tuple | list) else [made]:
        if isinstance(value, Tensor) and (side is not None or _side(value) is None):
            with torch._C.DisableTorchFunction():
                value.untyped_storage().side = side or CPU  # type: ignore[attr-defined]


def _grouped(lists: Sequence[Sequence[Tensor]], *options: Any) -> dict[Any, Any]:
    """As the library groups them, which looks past what Python says of a device."""
    groups: dict[Any, Any] = _group_tensors_by_device_and_dtype(lists, *options)
    return {(_side_or_cpu(group[0][0][0]), dtype): group for (_, dtype), group in groups.items()}


def _described(tensors: Sequence[Tensor]) -> str:
    return ", ".join(f"{tuple(tensor.shape)} on {_side_or_cpu(tensor)}" for tensor in tensors)
