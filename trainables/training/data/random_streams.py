"""Random streams of a trial.

Each purpose and epoch has its own, derived from the seed, so that resuming needs no state.
"""

import hashlib
import random
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    import torch

Purpose = Literal["initialisation", "order", "dropout", "augmentation", "split", "pairs", "speed"]


def stream_seed(seed: int, purpose: Purpose, epoch: int = 0) -> int:
    """A 63-bit seed for one purpose in one epoch of the trial with `seed`."""
    digest = hashlib.sha256(f"{seed}/{purpose}/{epoch}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def seed_globals(seed: int, purpose: Purpose, epoch: int = 0) -> None:
    """Seed the global generators for one purpose: torch's, on every device, and those that a user's network may use."""
    import torch  # noqa: PLC0415  # splits are drawn by those who do without

    stream = stream_seed(seed, purpose, epoch)
    torch.manual_seed(stream)
    random.seed(stream)
    np.random.seed(stream % 2**32)  # the one that all of a process share


def numpy_generator(seed: int, purpose: Purpose, epoch: int = 0) -> np.random.Generator:
    """A numpy generator for one purpose."""
    return np.random.default_rng(stream_seed(seed, purpose, epoch))


def torch_generator(seed: int, purpose: Purpose, epoch: int = 0) -> "torch.Generator":
    """A generator of torch on the CPU for one purpose."""
    import torch  # noqa: PLC0415  # as above

    return torch.Generator().manual_seed(stream_seed(seed, purpose, epoch))
