"""What is done to a batch's features before a network trains on them, each example on its own draw.

Random numbers come from a generator on the CPU, so that a trial augments alike on every device; they are moved to where
the features are. B batch, N stripes, T frames, D dimensions.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from soundproof.search_spaces.custom import Augmenter, CustomFileError
from soundproof.search_spaces.specs import (
    Augmentation,
    CustomAugmentation,
    Mixup,
    Noise,
    Recipe,
    SpecAugment,
    SpeedPerturbation,
    TimeShift,
)
from soundproof.trainables.training.data.batches import Batch


@dataclass(frozen=True, kw_only=True, slots=True)
class Mixing:
    """Which example was mixed into which. What holds for example i counts `shares[i]`, of its partner the rest.

    `partners` (batch,) places in the batch; `shares` (batch,) in 0..1.
    """

    partners: Tensor
    shares: Tensor

    def of_both(self, own: Tensor, others: Tensor) -> Tensor:
        """What an example's `own` target and its partner's count together, each (batch,)."""
        return self.shares * own + (1 - self.shares) * others


def versions_of(recipe: Recipe, examples: int, chance: np.random.Generator) -> NDArray[np.int64] | None:
    """Which version of each of so many examples is heard in an epoch; None where each has only the plain one."""
    factors, speeds = recipe.speed_factors, recipe.speeds
    if not factors:
        return None
    versions = np.array([0 if factor == 1 else 1 + speeds.index(factor) for factor in factors])
    return versions[chance.integers(len(factors), size=examples)]


def augmented(
    batch: Batch, augmentations: Sequence[Augmentation], generator: torch.Generator
) -> tuple[Batch, Mixing | None]:
    """`batch` after all of `augmentations`, and how its examples were mixed, where they were."""
    mixup = next((found for found in augmentations if isinstance(found, Mixup)), None)
    others = [found for found in augmentations if not isinstance(found, Mixup)]
    values, lengths, mixing = batch.values, batch.lengths, None
    if others:
        values = augment(values, lengths, others, generator)
    if mixup is not None:
        values, mixing = mix(values, mixup, generator)
        values, lengths = heard_of_both(values, lengths, mixing)
    return replace(batch, values=values, lengths=lengths), mixing


def augment(
    values: Tensor, lengths: Tensor, augmentations: Sequence[Augmentation], generator: torch.Generator
) -> Tensor:
    """`values` (batch, frames, dimensions) after `augmentations`, one after another; the given tensor stays as it was.

    `lengths` (batch,) counts the real frames; those beyond are zeros and stay so. A `Mixup` is left to `mix`, since it
    changes targets too, and speeds were chosen with the examples.
    """
    lengths = lengths.to(values.device, non_blocking=True)
    for augmentation in augmentations:
        match augmentation:
            case SpecAugment():
                values = _mask(values, lengths, augmentation, generator)
            case TimeShift():
                values = _shift(values, lengths, augmentation.fraction, generator)
            case Noise():
                values = _add_noise(values, lengths, augmentation.deviation, generator)
            case CustomAugmentation():
                values = _by_own(values, lengths, augmentation, generator)
            case Mixup() | SpeedPerturbation():
                pass
    return values


def _by_own(values: Tensor, lengths: Tensor, spec: CustomAugmentation, generator: torch.Generator) -> Tensor:
    """What the user's own code makes of the features; whatever it leaves beyond a clip's end is set to 0."""
    made = Augmenter.of_spec(spec).augmented(values.clone(), lengths, generator)
    if not isinstance(made, Tensor) or made.shape != values.shape:
        form = f"a tensor {tuple(made.shape)}" if isinstance(made, Tensor) else f"a {type(made).__name__}"
        raise CustomFileError(
            f"{spec.name}.augmented must give features of the form that it was given, {tuple(values.shape)}, "
            f"and it gave {form}"
        )
    beyond = torch.arange(values.shape[1], device=values.device) >= lengths[:, None]
    return made.masked_fill(beyond[:, :, None], 0)


def mix(values: Tensor, mixup: Mixup, generator: torch.Generator) -> tuple[Tensor, Mixing]:
    """`values` (batch, frames, dimensions), each mixed with another of its batch, and how.

    The examples form one circle in a drawn order, each the partner of one other: no example is mixed with itself unless
    it is alone. Of clips of several lengths `heard_of_both` is what their shares hold for.
    """
    batch = len(values)
    order = torch.randperm(batch, generator=generator)
    partners = torch.empty_like(order)
    partners[order] = order.roll(1)
    # torch's own beta distribution takes no generator
    seed = int(torch.randint(2**63 - 1, (), generator=generator))
    drawn = np.random.default_rng(seed).beta(mixup.alpha, mixup.alpha, batch)
    shares = torch.from_numpy(drawn).to(values.device, values.dtype, non_blocking=True)
    mixing = Mixing(partners=partners.to(values.device, non_blocking=True), shares=shares)
    share = shares[:, None, None]
    return share * values + (1 - share) * values[mixing.partners], mixing


def heard_of_both(values: Tensor, lengths: Tensor, mixing: Mixing) -> tuple[Tensor, Tensor]:
    """Clips that were mixed, up to the end of the shorter of the two, and their lengths.

    So both are heard all the time, in the shares that their targets have. `lengths` (batch,) are those of before, on
    the CPU.
    """
    if int(lengths.min()) == values.shape[1]:
        return values, lengths
    both = torch.minimum(lengths, lengths[mixing.partners.cpu()])
    longest = int(both.max())
    beyond = torch.arange(longest) >= both[:, None]
    beyond = beyond.to(values.device, non_blocking=True)[:, :, None]
    return values[:, :longest].masked_fill(beyond, 0), both


def _mask(values: Tensor, lengths: Tensor, spec: SpecAugment, generator: torch.Generator) -> Tensor:
    _, frames, dimensions = values.shape
    time = _stripes(lengths, frames, spec.time_masks, spec.time_fraction, generator)
    everywhere = torch.full_like(lengths, dimensions)
    frequency = _stripes(everywhere, dimensions, spec.frequency_masks, spec.frequency_fraction, generator)
    return values.masked_fill(time[:, :, None] | frequency[:, None, :], 0)


def _stripes(sizes_b: Tensor, size: int, count: int, fraction: float, generator: torch.Generator) -> Tensor:
    """Whether each of `size` positions lies in one of `count` stripes within the first `sizes_b`, (batch, size)."""
    sizes_bn = sizes_b[:, None].expand(-1, count)
    widths_bn = _draw_up_to(_part(sizes_bn, fraction), generator)
    starts_bn = _draw_up_to(sizes_bn - widths_bn, generator)
    positions = torch.arange(size, device=sizes_b.device)
    after_start = positions >= starts_bn[:, :, None]
    before_end = positions < (starts_bn + widths_bn)[:, :, None]
    return (after_start & before_end).any(dim=1)


def _shift(values: Tensor, lengths: Tensor, fraction: float, generator: torch.Generator) -> Tensor:
    farthest_b = _part(lengths, fraction)
    shifts_b = _draw_up_to(2 * farthest_b, generator) - farthest_b
    here = torch.arange(values.shape[1], device=values.device)
    from_bt = here - shifts_b[:, None]
    heard_bt = (from_bt >= 0) & (from_bt < lengths[:, None]) & (here < lengths[:, None])
    places = from_bt.clamp(0, values.shape[1] - 1)[:, :, None].expand_as(values)
    return values.gather(1, places).masked_fill(~heard_bt[:, :, None], 0)


def _add_noise(values: Tensor, lengths: Tensor, deviation: float, generator: torch.Generator) -> Tensor:
    noise = torch.randn(values.shape, generator=generator, dtype=values.dtype).to(values.device, non_blocking=True)
    real_bt = torch.arange(values.shape[1], device=values.device) < lengths[:, None]
    return values + deviation * noise * real_bt[:, :, None]


def _part(sizes: Tensor, fraction: float) -> Tensor:
    """`fraction` of each of `sizes`, rounded down."""
    return (sizes * fraction).long()


def _draw_up_to(highest: Tensor, generator: torch.Generator) -> Tensor:
    """For each element an integer from 0 to itself, all equally likely, on its device."""
    drawn = torch.rand(highest.shape, generator=generator).to(highest.device, non_blocking=True)
    return torch.minimum((drawn * (highest + 1)).long(), highest)
