"""A study into trials."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from soundproof.search_spaces.presets.preset import Preset
from soundproof.search_spaces.specs import (
    Budget,
    CorpusSpec,
    Network,
    Split,
    Trial,
)
from soundproof.search_spaces.studies import Study, Variant


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedTrial:
    """A trial and the variant of the study that wants it."""

    variant_id: str
    trial: Trial


def expand(
    study: Study, preset: Preset, corpus: CorpusSpec, split: Split, seeds: Sequence[int]
) -> Iterator[PlannedTrial]:
    """The trials of a study, seed by seed, so that whatever is finished at any moment forms pairs.

    Classifiers get an output for each class of `corpus`. Raises `SpecError` where corpus and networks do not fit.
    """
    variants = [preset.variant(variant) for variant in study.variants]
    for seed in seeds:
        for variant in variants:
            yield plan_trial(variant, preset, corpus, split, seed)


def plan_trial(variant: Variant, preset: Preset, corpus: CorpusSpec, split: Split, seed: int) -> PlannedTrial:
    """The trial of a variant that has the preset's size already."""
    trial = Trial(
        corpus=corpus,
        split=variant.split or split,
        features=variant.features,
        network=with_outputs_for(variant.network, corpus),
        recipe=variant.recipe,
        budget=Budget(epochs=variant.epochs, preset=preset.name),
        seed=seed,
    )
    return PlannedTrial(variant_id=variant.id, trial=trial)


def with_outputs_for(network: Network, corpus: CorpusSpec) -> Network:
    """A classifier with an output for each class of `corpus`; any other network as it is."""
    if network.task == corpus.task == "classification":
        return replace(network, classes=len(corpus.classes))
    return network
