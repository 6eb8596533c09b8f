"""Whether a network can be trained on the examples at hand: known from their lengths, before any training."""

from collections.abc import Iterable

from soundproof.search_spaces.arithmetic import Extent, frames_needed
from soundproof.search_spaces.constraints import rejection
from soundproof.search_spaces.studies import Variant
from soundproof.trainables.features import FeatureStore


def infeasible_variants(variants: dict[str, Variant], stores: dict[str, FeatureStore]) -> dict[str, str]:
    """Variants that cannot be trained, each with its reason. `stores` are the features by their spec's digest."""
    reasons = {
        variant.id: rejection(variant, (), input_extents(variant, stores[variant.features.digest()]))
        for variant in variants.values()
    }
    return {variant_id: reason for variant_id, reason in reasons.items() if reason is not None}


def input_extents(variant: Variant, store: FeatureStore) -> Iterable[Extent] | int:
    """What decides: every utterance for a speech network, the frames of the shortest clip for a classifier."""
    if variant.network.task == "classification":
        return int(store.lengths.min())
    return (
        Extent(frames=int(frames), needed=frames_needed(example.target))
        for frames, example in zip(store.lengths, store.examples, strict=True)
    )
