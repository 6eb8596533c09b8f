"""What one search is: a space at a preset on a corpus, with its settings."""

from dataclasses import dataclass

from soundproof.search_spaces.ids import file_name
from soundproof.search_spaces.presets import PlannedTrial, plan_trial
from soundproof.search_spaces.spaces import SearchSpace
from soundproof.search_spaces.studies import Variant
from soundproof.trainables.sweeps.job import Job
from soundproof.trainables.sweeps.searching.settings import SearchSettings


@dataclass(frozen=True, kw_only=True, slots=True)
class Search(Job):
    """One space at one preset on one corpus, searched as the settings say."""

    space: SearchSpace
    settings: SearchSettings

    @property
    def id(self) -> str:
        """The search among those of its space.

        A space that is declared otherwise is searched anew, and so is one on a corpus of the same name and other
        content: what the sampler has learnt holds for neither.
        """
        objectives = self.settings.objectives
        words = [] if objectives == (self.space.metric,) else [name.replace("/", "-") for name in objectives]
        return ".".join([self.settings.name, *words, self.space.digest()[:8], self.corpus.spec.digest()[:8]])

    @property
    def name(self) -> str:
        """Space, preset, corpus and search in one word, safe as a file name."""
        return file_name(f"{self.space.id}.{self.preset.label}.{self.corpus_name}.{self.id}")

    def plan(self, variant: Variant, seed: int) -> PlannedTrial:
        """The trial of a declared variant."""
        return plan_trial(self.preset.variant(variant), self.preset, self.corpus.spec, self.split, seed)

    @property
    def epochs(self) -> int:
        """The budget of a trial."""
        return self.preset.epochs_of(self.space.epochs)
