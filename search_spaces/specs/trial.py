"""One training run, completely described: everything that its numbers depend on, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from search_spaces.specs.canonical import Spec, SpecError
from search_spaces.specs.corpora import ConnectedDigits, GroupSplit, ManifestSpeech, SyntheticSpeech
from search_spaces.specs.features import LogSpectrogram, Mfcc
from search_spaces.specs.network import SpeechNetwork
from search_spaces.specs.recipe import Recipe

PresetName = Literal["smoke", "quick", "documented"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget(Spec):
    """How long a trial may train, and the preset that said so."""

    epochs: int
    preset: PresetName

    def _check(self) -> None:
        if self.epochs < 1:
            raise SpecError(f"Budget.epochs must be at least 1, got {self.epochs}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial(Spec):
    """Corpus, split, features, network, recipe, budget and seed.

    The seed varies every source of chance at once: initialisation, order of batches, dropout, and the split where the
    corpus leaves it open.
    """

    corpus: SyntheticSpeech | ConnectedDigits | ManifestSpeech
    split: GroupSplit
    features: LogSpectrogram | Mfcc
    network: SpeechNetwork
    recipe: Recipe
    budget: Budget
    seed: int

    def _check(self) -> None:
        if self.seed < 0:
            raise SpecError(f"Trial.seed must be 0 or more, got {self.seed}")

    @property
    def trial_id(self) -> str:
        """The hash of the canonical JSON: the same trial has the same id in every study and on every machine."""
        return self.digest()
