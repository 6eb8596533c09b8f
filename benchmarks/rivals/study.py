"""The trials of a declared study for the rivals, and the features that they are given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from soundproof.common import record
from soundproof.search_spaces import find_study
from soundproof.search_spaces.presets import plan_trial, preset_of
from soundproof.search_spaces.specs import GroupSplit, PresetName, SpeechNetwork, SyntheticSpeech, Trial
from soundproof.trainables.corpora.embedded.synthetic_speech import make_synthetic_speech
from soundproof.trainables.features import FeatureStore, load, prepare

NO_OP_EPOCHS = 10
NO_OP_METRICS = {record.TRAIN_LOSS: 1.0, record.VALIDATION_LOSS: 1.0, record.VALIDATION_CER: 0.5}
"""What every epoch of a trial without training reports."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RivalStudy:
    """Trials by variant and seed, and the cache entry of each kind of features by its digest. Can be pickled."""

    id: str
    variants: Sequence[str]
    seeds: Sequence[int]
    trials: Mapping[tuple[str, int], Trial]
    entries: Mapping[str, Path]

    def trial(self, variant: str, seed: int) -> Trial:
        """The trial of a variant with a seed."""
        return self.trials[variant, seed]

    def features(self, trial: Trial) -> FeatureStore:
        """The features of the trial's corpus."""
        return load(self.entries[trial.features.digest()])


@dataclass(frozen=True, kw_only=True, slots=True)
class TrialFigures:
    """One trial in the output: `metrics` are the final ones by their recorded names."""

    variant: str
    seed: int
    metrics: dict[str, float]


def make_study(
    study_id: str,
    preset_name: PresetName,
    cache: Path,
    *,
    seeds: int,
    epochs: int | None = None,
    variants: int | None = None,
) -> RivalStudy:
    """Trials of a speech study on its preset's embedded corpus; `cache` gets its features unless it has them.

    `epochs` instead of the preset's; `variants` for the first few alone.
    """
    declared = find_study(study_id)
    preset = preset_of(declared, preset_name)
    preset = preset if epochs is None else replace(preset, epochs=epochs)
    assert isinstance(preset.corpus, SyntheticSpeech), "the rivals transcribe"
    corpus = make_synthetic_speech(preset.corpus)
    chosen = [preset.variant(variant) for variant in declared.variants[:variants]]
    assert all(isinstance(variant.network, SpeechNetwork) for variant in chosen)
    trials = {
        (variant.id, seed): plan_trial(variant, preset, corpus.spec, GroupSplit(), seed).trial
        for seed in range(seeds)
        for variant in chosen
    }
    wanted = {variant.features.digest(): variant.features for variant in chosen}
    return RivalStudy(
        id=study_id,
        variants=[variant.id for variant in chosen],
        seeds=range(seeds),
        trials=trials,
        entries={digest: prepare(corpus, features, cache).resolve() for digest, features in wanted.items()},
    )
