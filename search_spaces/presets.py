"""Three sizes of the same study. A preset changes widths, epochs, features and corpus, never the levels of a factor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from search_spaces.alphabet import OUTPUTS
from search_spaces.specs import (
    BareHead,
    Budget,
    GroupSplit,
    LogSpectrogram,
    Mfcc,
    PresetName,
    Recipe,
    Spec,
    SpeechCorpus,
    SpeechNetwork,
    SyntheticSpeech,
    Trial,
)
from search_spaces.studies import Study, Variant


@dataclass(frozen=True, kw_only=True, slots=True)
class Preset(Spec):
    """How a documented variant is brought to another size. None leaves a documented value as it is.

    Where the channels themselves are the symbols (`BareHead`), a network keeps one for each symbol at any width.
    """

    name: PresetName
    purpose: str
    corpus: SyntheticSpeech
    width: float = 1.0
    sample_rate_hz: int | None = None
    epochs: int | None = None
    batch_size: int | None = None
    learning_rate_factor: float = 1.0

    def variant(self, documented: Variant) -> Variant:
        """`documented` at this preset's size, under the same id."""
        return replace(
            documented,
            features=self._features(documented.features),
            network=self._network(documented.network),
            recipe=self._recipe(documented.recipe),
            epochs=self.epochs or documented.epochs,
        )

    def _features(self, features: LogSpectrogram | Mfcc) -> LogSpectrogram | Mfcc:
        return features if self.sample_rate_hz is None else replace(features, sample_rate_hz=self.sample_rate_hz)

    def _network(self, network: SpeechNetwork) -> SpeechNetwork:
        least = OUTPUTS if isinstance(network.head, BareHead) else 1
        convolution, recurrent = network.convolution, network.recurrent
        if convolution is not None:
            convolution = replace(convolution, filters=self._narrow(convolution.filters, least))
        if recurrent is not None:
            recurrent = replace(recurrent, units=self._narrow(recurrent.units, least))
        return replace(network, convolution=convolution, recurrent=recurrent)

    def _narrow(self, channels: int, least: int) -> int:
        return max(least, round(channels * self.width))

    def _recipe(self, recipe: Recipe) -> Recipe:
        rate = recipe.optimizer.learning_rate * self.learning_rate_factor
        optimizer = replace(recipe.optimizer, learning_rate=rate)
        return replace(recipe, optimizer=optimizer, batch_size=self.batch_size or recipe.batch_size)


PRESETS: dict[PresetName, Preset] = {
    preset.name: preset
    for preset in (
        Preset(
            name="smoke",
            purpose="seconds a study: shows that everything runs, decides nothing",
            width=0.04,
            sample_rate_hz=8000,
            epochs=2,
            batch_size=8,
            corpus=SyntheticSpeech(
                train_utterances=24,
                validation_utterances=8,
                test_utterances=8,
                train_speakers=6,
                validation_speakers=2,
                test_speakers=2,
                words_per_class=12,
                minimum_words=6,
                maximum_words=6,
            ),
        ),
        Preset(
            name="quick",
            purpose="minutes a study on two cores: the same levels on narrower layers and fewer epochs",
            width=0.24,
            sample_rate_hz=8000,
            epochs=6,
            batch_size=8,
            learning_rate_factor=1.5,
            corpus=SyntheticSpeech(
                train_utterances=512,
                validation_utterances=96,
                test_utterances=96,
                train_speakers=32,
                validation_speakers=12,
                test_speakers=12,
                words_per_class=10,
                minimum_words=6,
                maximum_words=6,
                minimum_snr_db=10,
                maximum_snr_db=30,
            ),
        ),
        Preset(
            name="documented",
            purpose="the documented sizes and epochs",
            corpus=SyntheticSpeech(
                train_utterances=2023,
                validation_utterances=256,
                test_utterances=256,
                train_speakers=160,
                validation_speakers=32,
                test_speakers=32,
                minimum_words=4,
                maximum_words=12,
            ),
        ),
    )
}


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedTrial:
    """A trial and the variant of the study that wants it."""

    variant_id: str
    trial: Trial


def expand(
    study: Study, preset: Preset, corpus: SpeechCorpus, split: GroupSplit, seeds: Sequence[int]
) -> Iterator[PlannedTrial]:
    """The trials of a study, seed by seed, so that whatever is finished at any moment forms pairs."""
    variants = [preset.variant(variant) for variant in study.variants]
    for seed in seeds:
        for variant in variants:
            trial = Trial(
                corpus=corpus,
                split=split,
                features=variant.features,
                network=variant.network,
                recipe=variant.recipe,
                budget=Budget(epochs=variant.epochs, preset=preset.name),
                seed=seed,
            )
            yield PlannedTrial(variant_id=variant.id, trial=trial)
