"""A preset: how a documented variant is brought to another size, never changing the levels of a factor; its trials."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from soundproof.search_spaces.alphabet import OUTPUTS
from soundproof.search_spaces.presets.levels import EpochRange, Varied, varied_in
from soundproof.search_spaces.presets.widths import narrow
from soundproof.search_spaces.specs import (
    Alphabet,
    Budget,
    CorpusSpec,
    DenseHead,
    Features,
    MelCepstrum,
    MelSpectrogram,
    Network,
    PresetName,
    Recipe,
    RunningStatistics,
    Spec,
    SpecError,
    SpeechNetwork,
    Split,
    Trial,
    outputs_of,
)
from soundproof.search_spaces.studies import PresetField, Study, Variant

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

    Clips of other corpora are cut as those of `corpus` are. `spared` is what a study varies, which its preset leaves
    apart (see `fitted`): epochs are then scaled from `epoch_range`, and everything else is as documented.
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
    running_statistics: RunningStatistics | None = None
    """Of recipes that say nothing of batch norm's."""
    symbols: int = OUTPUTS
    """At least so many channels are kept where they are the symbols: as many as the alphabet may have."""
    spared: tuple[PresetField, ...] = ()
    epoch_range: EpochRange | None = None

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
            network=narrow(documented.network, self.width, self.symbols),
            recipe=self._recipe(documented.recipe),
            epochs=self.epochs_of(documented.epochs),
        )

    def fitted(self, study: Study) -> "Preset":
        """This preset for a study: what its variants differ in stays different, as far as a preset sets it."""
        found = varied_in(study.variants)
        if "epochs" in study.equalised:
            found = replace(found, epochs=frozenset())
        return self.sparing(found, study.equalised)

    def sparing(self, varied: Varied, equalised: Collection[PresetField] = ()) -> "Preset":
        """This preset where so much is varied. It spares what it would make fewer values of than there are."""
        plain = replace(self, spared=(), epoch_range=None)
        spared = [
            name for name, (given, sized) in plain._sized(varied).items() if name not in equalised and sized < given
        ]
        if "epochs" not in spared:
            return replace(plain, spared=tuple(spared))
        epochs = EpochRange(shortest=min(varied.epochs), longest=max(varied.epochs))
        return replace(plain, spared=tuple(spared), epoch_range=epochs)

    def _sized(self, varied: Varied) -> dict[PresetField, tuple[int, int]]:
        """Of each thing that a preset sets: how many values are varied, and how many it makes of them."""
        rates = {max(self.least_learning_rate, rate * self.learning_rate_factor) for rate in varied.learning_rates}
        statistics = {found or self.running_statistics for found in varied.running_statistics}
        return {
            "batch size": (len(varied.batch_sizes), len({self.batch_size or size for size in varied.batch_sizes})),
            "epochs": (len(varied.epochs), len({self.epochs_of(epochs) for epochs in varied.epochs})),
            "learning rate": (len(varied.learning_rates), len(rates)),
            "running statistics": (len(varied.running_statistics), len(statistics)),
            "sampling rate": (_inputs(varied.features), _inputs(map(self._features, varied.features))),
        }

    def epochs_of(self, documented: int) -> int:
        """Epochs of a trial that is documented with so many."""
        if self.epoch_range is None:
            usual = documented if self.epochs is None else self.epochs
            return usual if self.most_epochs is None else min(usual, self.most_epochs)
        scale = 1.0 if self.epochs is None else self.epochs / self.epoch_range.shortest
        if self.most_epochs is not None:
            scale = min(scale, self.most_epochs / self.epoch_range.longest)
        return max(1, round(documented * scale))

    def _features(self, features: Features) -> Features:
        """At this preset's sampling rate, with windows that take as long as before."""
        if self.sample_rate_hz is None or "sampling rate" in self.spared:
            return features
        match features:
            case MelSpectrogram() | MelCepstrum():
                ratio = self.sample_rate_hz / features.sample_rate_hz
                window, hop = round(features.window_samples * ratio), round(features.hop_samples * ratio)
                return replace(features, sample_rate_hz=self.sample_rate_hz, window_samples=window, hop_samples=hop)
            case _:
                return replace(features, sample_rate_hz=self.sample_rate_hz)

    def _recipe(self, recipe: Recipe) -> Recipe:
        rate = recipe.optimizer.learning_rate * self.learning_rate_factor
        if "learning rate" not in self.spared:
            rate = max(self.least_learning_rate, rate)
        apart = "batch size" in self.spared or recipe.batch_frames is not None
        size = recipe.batch_size if apart else self.batch_size or recipe.batch_size
        usual = None if "running statistics" in self.spared else self.running_statistics
        return replace(
            recipe,
            optimizer=replace(recipe.optimizer, learning_rate=rate),
            batch_size=size,
            running_statistics=recipe.running_statistics or usual,
        )


def _inputs(features: Iterable[Features]) -> int:
    """How many there are of them, and of their sampling rates: neither may become fewer."""
    known = set(features)
    return len(known) + len({found.sample_rate_hz for found in known})


def preset_argument(label: str) -> str:
    """How the command line takes a preset that `Preset.label` calls so: its limit of epochs is an option."""
    name, _, limit = label.partition("-")
    return f"{name} --epochs {limit.removesuffix('-epochs')}" if limit else name


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedTrial:
    """A trial and the variant of the study that wants it."""

    variant_id: str
    trial: Trial


def expand(
    study: Study,
    preset: Preset,
    corpus: CorpusSpec,
    split: Split,
    seeds: Sequence[int],
    *,
    alphabet_of: Callable[[Split, int], Alphabet | None] = lambda _split, _seed: None,
) -> Iterator[PlannedTrial]:
    """The trials of a study, seed by seed, so that whatever is finished at any moment forms pairs.

    Classifiers get an output for each class of `corpus`, speech networks one for each symbol of the alphabet of a split
    and seed, and the preset is fitted to the study. Raises `SpecError` where corpus and networks do not fit.
    """
    fitted = preset.fitted(study)
    variants = [fitted.variant(variant) for variant in study.variants]
    for seed in seeds:
        for variant in variants:
            alphabet = alphabet_of(variant.split or split, seed)
            yield plan_trial(variant, preset, corpus, split, seed, alphabet=alphabet)


def plan_trial(
    variant: Variant, preset: Preset, corpus: CorpusSpec, split: Split, seed: int, *, alphabet: Alphabet | None = None
) -> PlannedTrial:
    """The trial of a variant that has the preset's size already; None is the documented alphabet."""
    trial = Trial(
        corpus=corpus,
        split=variant.split or split,
        features=variant.features,
        network=with_outputs_for(variant.network, corpus, alphabet),
        recipe=variant.recipe,
        budget=Budget(epochs=variant.epochs, preset=preset.name),
        seed=seed,
        alphabet=alphabet,
    )
    return PlannedTrial(variant_id=variant.id, trial=trial)


def with_outputs_for(network: Network, corpus: CorpusSpec, alphabet: Alphabet | None = None) -> Network:
    """A classifier with an output for each class of `corpus`, a speech network `spelling_with` the alphabet."""
    if network.task == corpus.task == "classification":
        return replace(network, classes=len(corpus.classes))
    return spelling_with(network, alphabet)


def spelling_with(network: Network, alphabet: Alphabet | None) -> Network:
    """A speech network whose dense head has an output for each symbol and the blank; any other network as it is.

    So is one with None, the documented alphabet.
    """
    if alphabet is not None and isinstance(network, SpeechNetwork) and isinstance(network.head, DenseHead):
        return replace(network, head=replace(network.head, outputs=outputs_of(alphabet)))
    return network
