"""Whether a network can be trained on the examples at hand: known from their lengths, before any training."""

from collections.abc import Iterable

from soundproof.search_spaces.arithmetic import Extent, frames_needed
from soundproof.search_spaces.arithmetic.classifiers import several_lengths_refused
from soundproof.search_spaces.constraints import Constraint, rejection
from soundproof.search_spaces.specs import CorpusSpec
from soundproof.search_spaces.studies import Variant
from soundproof.trainables.features import FeatureStore


def infeasible_variants(
    variants: dict[str, Variant], corpus: CorpusSpec, stores: dict[str, FeatureStore]
) -> dict[str, str]:
    """Variants that cannot be trained, each with its reason. `stores` are the features by their spec's digest."""
    reasons = {
        variant.id: rejected(variant, (), corpus, stores[variant.features.digest()]) for variant in variants.values()
    }
    return {variant_id: reason for variant_id, reason in reasons.items() if reason is not None}


def rejected(
    variant: Variant, constraints: Iterable[Constraint], corpus: CorpusSpec, store: FeatureStore
) -> str | None:
    """Why `variant` may not, or cannot, be trained on `corpus`, whose features are in `store`; None where it can.

    A network that wants clips of one length gets none that have their own, be they alike by chance: it could not be
    asked about any other recording.
    """
    reason = rejection(variant, constraints, input_extents(variant, store))
    if reason is not None or variant.network.task == "transcription":
        return reason
    if corpus.task == "transcription" or corpus.cut.place != "own-length":
        return None
    return several_lengths_refused(variant.network, int(store.lengths.min()), int(store.lengths.max()))


def input_extents(variant: Variant, store: FeatureStore) -> Iterable[Extent] | int:
    """What decides: every utterance for a speech network, the frames of the shortest clip for a classifier."""
    if variant.network.task == "classification":
        return int(store.lengths.min())
    return (
        Extent(frames=int(frames), needed=frames_needed(example.target))
        for frames, example in zip(store.lengths, store.examples, strict=True)
    )
