"""What a classifier knows of a clip before it names a class: the input of the layer that yields its logits."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from soundproof.common.errors import UserError

AT_ONCE = 16_384
"""Pairs whose rows are gathered at the same time."""


class EmbeddingError(UserError):
    """A network has no layer whose input would stand for a clip. The message says what it needs."""


def output_layer(network: nn.Module, classes: int) -> nn.Linear:
    """The last linear layer of `network`, in the order in which its parts were made, with an output for each class.

    Raises `EmbeddingError` where there is none.
    """
    layers = [part for part in network.modules() if isinstance(part, nn.Linear) and part.out_features == classes]
    if not layers:
        raise EmbeddingError(
            "clips of classes that training never saw are compared by the input of the last torch.nn.Linear with an "
            f"output for each of the {classes} classes, and this network has none: let its logits come "
            "from such a layer, or choose a split with every class on all sides"
        )
    return layers[-1]


def embed(network: nn.Module, classes: int, clips: int, ask: Callable[[], object]) -> Tensor:
    """The embeddings of the `clips` that `ask` gives to the network, (clips, features): what its last layer is given.

    Where that layer is given every frame of a clip, its embedding is their mean (Variani et al. 2014). Frames of a clip
    stand together, the clips in their order. Raises `EmbeddingError`, also where the layer is given anything else.
    """
    found: list[Tensor] = []

    def take(_layer: nn.Module, inputs: tuple[Any, ...]) -> None:
        found[:] = [inputs[0].detach()]

    with output_layer(network, classes).register_forward_pre_hook(take):
        ask()
    fits = found and (len(found[0]) == clips or (found[0].dim() == 2 and len(found[0]) % clips == 0))
    if not fits:
        given = f"something of the shape {tuple(found[0].shape)}" if found else "nothing"
        raise EmbeddingError(
            "where validation holds classes that training never saw, the last torch.nn.Linear of a network must be "
            f"given (clips, features) or (clips, frames, features), here of {clips} clips, and was given {given}: let "
            "the logits come from it, and clips stand first"
        )
    by_frame = found[0].reshape(clips, -1, found[0].shape[-1])
    return by_frame[:, 0] if by_frame.shape[1] == 1 else by_frame.mean(dim=1)


def cosines(embeddings: Tensor, first: Tensor, second: Tensor) -> Tensor:
    """The cosine of the angle between rows of `embeddings` (clips, features), by pairs of their numbers, (pairs,).

    One of a row of zeros is 0. In double precision.
    """
    wide = embeddings.double()
    lengths = wide.norm(dim=1, keepdim=True)
    units = wide / torch.where(lengths == 0, 1.0, lengths)
    starts = range(0, len(first), AT_ONCE)
    pieces = ((first[start : start + AT_ONCE], second[start : start + AT_ONCE]) for start in starts)
    return torch.cat([(units[one] * units[other]).sum(dim=1) for one, other in pieces])
