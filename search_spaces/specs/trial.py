"""One training run, completely described: everything that its numbers depend on, and nothing else."""

import re
from dataclasses import dataclass
from typing import Literal

from soundproof.search_spaces.specs.alphabets import Alphabet, outputs_of
from soundproof.search_spaces.specs.canonical import DIGEST_CHARACTERS, Spec, SpecError
from soundproof.search_spaces.specs.checks import at_least_one
from soundproof.search_spaces.specs.classifiers import Classifier
from soundproof.search_spaces.specs.clips import (
    ClipCorpus,
    SyntheticGenres,
    SyntheticKeywords,
    SyntheticSounds,
    TaggedClips,
    ValuedClips,
)
from soundproof.search_spaces.specs.corpora import SpeechCorpus, SyntheticSpeech
from soundproof.search_spaces.specs.custom_networks import CustomTranscriber
from soundproof.search_spaces.specs.features import Features
from soundproof.search_spaces.specs.network import DenseHead, SpeechNetwork
from soundproof.search_spaces.specs.recipe import Recipe, WarmupCosine
from soundproof.search_spaces.specs.splits import ClassSplit, Split
from soundproof.search_spaces.specs.tasks import TaskName

PresetName = Literal["smoke", "quick", "documented"]

CorpusSpec = SpeechCorpus | ClipCorpus
EmbeddedCorpus = SyntheticSpeech | SyntheticKeywords | SyntheticSounds | SyntheticGenres
"""Those that are made, and need no files."""
Transcriber = SpeechNetwork | CustomTranscriber
Network = Transcriber | Classifier


@dataclass(frozen=True, kw_only=True, slots=True)
class Budget(Spec):
    """How long a trial may train, and the preset that said so."""

    epochs: int
    preset: PresetName

    def _check(self) -> None:
        at_least_one(self, "epochs")


@dataclass(frozen=True, kw_only=True, slots=True)
class WarmStart(Spec):
    """Where a trial begins that does not begin afresh: the end of the trial `parent`, after `epochs` epochs."""

    parent: str
    epochs: int

    def _check(self) -> None:
        if re.fullmatch(rf"[0-9a-f]{{{DIGEST_CHARACTERS}}}", self.parent) is None:
            raise SpecError(
                f"WarmStart.parent must be a trial's id, {DIGEST_CHARACTERS} hexadecimal digits, got {self.parent!r}"
            )
        at_least_one(self, "epochs")


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial(Spec):
    """Corpus, split, features, network, recipe, budget and seed.

    The seed varies every source of chance at once: initialisation, order of batches, dropout, augmentation, and the
    split where the corpus leaves it open. With a `warm_start`, the budget counts the epochs of all ancestors too, and
    the id depends on every one of them. `alphabet` is what transcripts are spelled with; None is the documented English
    one.
    """

    corpus: CorpusSpec
    split: Split
    features: Features
    network: Network
    recipe: Recipe
    budget: Budget
    seed: int
    warm_start: WarmStart | None = None
    alphabet: Alphabet | None = None

    def _check(self) -> None:
        if self.seed < 0:
            raise SpecError(f"Trial.seed must be 0 or more, got {self.seed}")
        if self.warm_start is not None:
            self._check_warm_start(self.warm_start)
        network, corpus = self.network, self.corpus
        if network.task != corpus.task:
            needed = "transcripts" if network.task == "transcription" else "classes"
            raise SpecError(f"a {type(network).__name__} needs a corpus of {needed}, got {type(corpus).__name__}")
        if network.task == "transcription" and (self.recipe.mixes or self.recipe.keep == "accuracy"):
            raise SpecError("transcripts cannot be mixed, and have no accuracy: leave out Mixup, keep by loss")
        if network.task == "transcription" and self.recipe.loss is not None:
            raise SpecError("transcripts are trained by connectionist temporal classification: leave out the loss")
        if self.has_unseen_classes and (self.recipe.loss is not None or self.recipe.metrics):
            raise SpecError("classes that training never saw are judged by pairs alone: leave out loss and metrics")
        self._check_alphabet()
        if self.has_several_labels and self.recipe.keep == "accuracy":
            raise SpecError(
                "clips with several labels have no accuracy, and the recipe keeps the weights of the best: declare a "
                'study of your own with keep="loss", and decide it by best/validation/mean_average_precision, say'
            )
        if self.has_values and self.recipe.keep == "accuracy":
            raise SpecError(
                "clips with a value have no accuracy, and the recipe keeps the weights of the best: declare a study "
                'of your own with keep="loss", and decide it by best/validation/mean_absolute_error, say'
            )
        self._check_label_smoothing()
        self._check_unseen_classes()
        if corpus.task == network.task == "classification" and network.classes != len(corpus.classes):
            raise SpecError(
                f"a network with {network.classes} outputs cannot name the {len(corpus.classes)} classes "
                f"of its corpus: set classes={len(corpus.classes)}"
            )

    def _check_warm_start(self, warm_start: WarmStart) -> None:
        if self.budget.epochs <= warm_start.epochs:
            raise SpecError(
                f"Trial.budget.epochs must be greater than the {warm_start.epochs} epochs of its parent, "
                f"got {self.budget.epochs}: count those of the ancestors too"
            )
        if isinstance(self.recipe.schedule, WarmupCosine):
            raise SpecError(
                "a WarmupCosine runs over one budget, and a trial that goes on from another has a longer one than its "
                "parent: choose another schedule, or none"
            )

    def _check_label_smoothing(self) -> None:
        if self.recipe.label_smoothing > 0 and (
            self.task == "transcription" or self.has_several_labels or self.has_values
        ):
            raise SpecError(
                "label_smoothing is of examples with one class each, whose target it shares with the other classes; "
                f"these have {self._targets}: leave it out"
            )

    def _check_unseen_classes(self) -> None:
        if not self.has_unseen_classes:
            return
        if self.task == "transcription" or self.has_several_labels or self.has_values:
            raise SpecError(
                "a split of whole classes needs examples with one class each, got a corpus of "
                f"{self._targets}: choose another split, or a corpus of classes (speakers, say)"
            )
        if self.recipe.keep == "accuracy":
            raise SpecError(
                "classes that training never saw have no accuracy: leave out keep, and the weights of the lowest "
                "equal error rate are kept"
            )

    @property
    def _targets(self) -> str:
        return "transcripts" if self.task == "transcription" else "values" if self.has_values else "several labels"

    def _check_alphabet(self) -> None:
        if self.alphabet is None:
            return
        if self.network.task != "transcription":
            raise SpecError("classes are not spelled: an alphabet is of trials with transcripts, leave it out")
        head, outputs = getattr(self.network, "head", None), outputs_of(self.alphabet)
        if isinstance(head, DenseHead) and head.outputs != outputs:
            raise SpecError(
                f"a network with {head.outputs} outputs cannot spell with {outputs - 1} symbols and the blank, which "
                f"its alphabet has: set outputs={outputs}"
            )

    @property
    def task(self) -> TaskName:
        """What its network is trained to do."""
        return self.network.task

    @property
    def has_several_labels(self) -> bool:
        """Whether an example may have any number of the classes, and every output is a probability of its own."""
        return isinstance(self.corpus, TaggedClips)

    @property
    def has_values(self) -> bool:
        """Whether the right answer to an example is a number."""
        return isinstance(self.corpus, ValuedClips)

    @property
    def has_unseen_classes(self) -> bool:
        """Whether validation and test hold classes that training never saw: pairs of their clips are compared.

        No output of the network is then right or wrong of them, and they have neither a loss nor an accuracy.
        """
        return isinstance(self.split, ClassSplit)

    @property
    def has_one_class(self) -> bool:
        """Whether every example has exactly one of the classes, and the network is asked which."""
        return self.task == "classification" and not (
            self.has_several_labels or self.has_values or self.has_unseen_classes
        )

    @property
    def trial_id(self) -> str:
        """Its digest: the same trial has the same id in every study, on every machine and in every later version.

        Unless a version changes the numbers of the trial; see `identity`.
        """
        return self.digest()
