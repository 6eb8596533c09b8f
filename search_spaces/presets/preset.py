"""A preset: how a documented variant is brought to another size. It never changes the levels of a factor."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from soundproof.search_spaces.presets.widths import narrow
from soundproof.search_spaces.specs import (
    CorpusSpec,
    Features,
    MelCepstrum,
    MelSpectrogram,
    PresetName,
    Recipe,
    Spec,
    SpecError,
)
from soundproof.search_spaces.studies import Variant

PURPOSES: Mapping[str, str] = {
    "smoke": "seconds a study: shows that everything runs, decides nothing",
    "quick": "minutes a study on two cores: the same levels on narrower layers and fewer epochs",
    "documented": "the documented sizes and epochs",
}
"""What each size is for, by name of the preset: the same in every domain."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Preset(Spec):
    """Widths, epochs, features, batches and the embedded corpus. None leaves a documented value as it is.

    `most_epochs` limits the epochs beyond that, for whoever has less time.

    Clips of other corpora are cut as those of `corpus` are.
    """

    name: PresetName
    corpus: CorpusSpec
    width: float = 1.0
    sample_rate_hz: int | None = None
    epochs: int | None = None
    batch_size: int | None = None
    learning_rate_factor: float = 1.0
    least_learning_rate: float = 0.0
    most_epochs: int | None = None

    def _check(self) -> None:
        for name in ("epochs", "most_epochs"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise SpecError(f"Preset.{name} must be at least 1, got {value}: use None for no limit")

    @property
    def purpose(self) -> str:
        """What the size is for, in words."""
        return PURPOSES[self.name]

    @property
    def label(self) -> str:
        """What the record calls it: its name, and the limit of epochs where there is one."""
        return self.name if self.most_epochs is None else f"{self.name}-{self.most_epochs}-epochs"

    def variant(self, documented: Variant) -> Variant:
        """`documented` at this preset's size, under the same id."""
        return replace(
            documented,
            features=self._features(documented.features),
            network=narrow(documented.network, self.width),
            recipe=self._recipe(documented.recipe),
            epochs=self.epochs_of(documented.epochs),
        )

    def epochs_of(self, documented: int) -> int:
        """Epochs of a trial that is documented with so many."""
        usual = documented if self.epochs is None else self.epochs
        return usual if self.most_epochs is None else min(usual, self.most_epochs)

    def _features(self, features: Features) -> Features:
        """At this preset's sampling rate, with windows that take as long as before."""
        if self.sample_rate_hz is None:
            return features
        match features:
            case MelSpectrogram() | MelCepstrum():
                ratio = self.sample_rate_hz / features.sample_rate_hz
                window, hop = round(features.window_samples * ratio), round(features.hop_samples * ratio)
                return replace(features, sample_rate_hz=self.sample_rate_hz, window_samples=window, hop_samples=hop)
            case _:
                return replace(features, sample_rate_hz=self.sample_rate_hz)

    def _recipe(self, recipe: Recipe) -> Recipe:
        rate = max(self.least_learning_rate, recipe.optimizer.learning_rate * self.learning_rate_factor)
        optimizer = replace(recipe.optimizer, learning_rate=rate)
        return replace(recipe, optimizer=optimizer, batch_size=self.batch_size or recipe.batch_size)


def preset_argument(label: str) -> str:
    """How the command line takes a preset that `Preset.label` calls so: its limit of epochs is an option."""
    name, _, limit = label.partition("-")
    return f"{name} --epochs {limit.removesuffix('-epochs')}" if limit else name
