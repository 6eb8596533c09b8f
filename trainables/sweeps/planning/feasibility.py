"""Whether a network can be trained on the examples at hand: known from their lengths, before any training."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from soundproof.search_spaces.alphabet import speller_of
from soundproof.search_spaces.arithmetic import Extent, frames_needed, output_channels
from soundproof.search_spaces.arithmetic.classifiers import several_lengths_refused, speeds_refused
from soundproof.search_spaces.constraints import Constraint, rejection
from soundproof.search_spaces.presets import spelling_with
from soundproof.search_spaces.specs import Alphabet, CorpusSpec, SpeechNetwork, Trial, outputs_of
from soundproof.search_spaces.studies import Variant
from soundproof.trainables.features import FeatureStore
from soundproof.trainables.features.cache import features_key


def features_of(asked: Variant | Trial) -> str:
    """What tells the features that are needed apart, those of other speeds among them."""
    return features_key(asked.features, asked.recipe.speeds)


def infeasible_variants(
    variants: dict[str, Variant],
    corpus: CorpusSpec,
    stores: dict[str, FeatureStore],
    alphabet_of: Callable[[Variant], Alphabet | None] = lambda _: None,
) -> dict[str, str]:
    """Variants that cannot be trained, each with its reason.

    `stores` are the features by `features_of` each variant. None is the documented alphabet.
    """
    reasons = {
        variant.id: infeasible_reason(variant, (), corpus, stores[features_of(variant)], alphabet_of(variant))
        for variant in variants.values()
    }
    return {variant_id: reason for variant_id, reason in reasons.items() if reason is not None}


def infeasible_reason(
    variant: Variant,
    constraints: Iterable[Constraint],
    corpus: CorpusSpec,
    store: FeatureStore,
    alphabet: Alphabet | None = None,
) -> str | None:
    """Why a variant may not or cannot be trained on `corpus`, spelled with this alphabet; None if it can.

    `store` has the features of the corpus. A network that wants clips of one length gets none that have their own, be
    they alike by chance: it could not be asked about any other recording.
    """
    spelling = replace(variant, network=spelling_with(variant.network, alphabet))
    reason = _unspelled(spelling, alphabet) or rejection(
        spelling, constraints, input_extents(spelling, store, alphabet)
    )
    if reason is not None or variant.network.task == "transcription":
        return reason
    if variant.recipe.speeds and (refused := speeds_refused(variant.network)) is not None:
        return refused
    if corpus.task == "transcription" or corpus.cut.place != "own-length":
        return None
    return several_lengths_refused(variant.network, int(store.lengths.min()), int(store.lengths.max()))


def input_extents(variant: Variant, store: FeatureStore, alphabet: Alphabet | None = None) -> Iterable[Extent] | int:
    """What decides: every utterance for a speech network, the frames of the shortest clip for a classifier.

    Both at the highest of the speeds that there are: in training any example may be heard so.
    """
    if variant.network.task == "classification":
        return int(store.least_lengths.min())
    speller = None if alphabet is None else speller_of(alphabet)
    return (
        Extent(frames=int(frames), needed=frames_needed(speller.encode(example.target) if speller else example.target))
        for frames, example in zip(store.least_lengths, store.examples, strict=True)
    )


def _unspelled(variant: Variant, alphabet: Alphabet | None) -> str | None:
    """Where the channels of a network are the symbols, whether there are enough of them."""
    if alphabet is None or not isinstance(variant.network, SpeechNetwork):
        return None
    channels, wanted = output_channels(variant.network), outputs_of(alphabet)
    if channels >= wanted:
        return None
    return f"its {channels:,} channels are the symbols, and the alphabet has {wanted:,} with the blank"
