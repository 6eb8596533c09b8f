"""A loss, metrics and an augmentation of the user's own, in one file, where they meet the engine."""

import textwrap
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from tagged_clips import write_tagged_clips
from training_runs import CLIP_FEATURES, clip_trial, numbers, run_to_end, small_network
from valued_clips import write_valued_clips

from soundproof.common import record
from soundproof.common.errors import UserError
from soundproof.search_spaces.custom import CustomFileError, CustomSource, load_source
from soundproof.search_spaces.specs import Cut, SpecError, TimeShift
from soundproof.search_spaces.user_code.modules import sources_of
from soundproof.trainables.corpora.recorded.labelled_manifest import open_labelled_manifest
from soundproof.trainables.features import load, prepare
from soundproof.trainables.sweeps.planning.measured import check_measured
from soundproof.trainables.training.data.augmentation import augment
from soundproof.trainables.training.data.batches import FeatureData
from soundproof.trainables.training.engine import Training

OWN = """
from dataclasses import dataclass
import torch
from torch.nn import functional
from soundproof.search_spaces.custom import Augmenter, ErrorMeasure, Loss, Score

def of_labels(outputs, targets):
    return functional.binary_cross_entropy_with_logits(outputs, targets, reduction="none").mean(dim=1)

@dataclass(frozen=True)
class Same(Loss):
    power: float = 1.0
    def losses(self, outputs, targets):
        if outputs.dim() == 1:
            return (outputs - targets).square() ** self.power
        return of_labels(outputs, targets) ** self.power

@dataclass(frozen=True)
class Mean(Loss):
    def losses(self, outputs, targets):
        return of_labels(outputs, targets).mean()

@dataclass(frozen=True)
class Right(Score):
    def value(self, truth, answers):
        return sum(answer.text == wanted for wanted, answer in zip(truth, answers)) / len(truth)

@dataclass(frozen=True)
class Wrong(ErrorMeasure):
    def value(self, truth, answers):
        return 1 - Right().value(truth, answers)

@dataclass(frozen=True)
class Nothing(Score):
    def value(self, truth, answers):
        return float("nan")

@dataclass(frozen=True)
class Louder(Augmenter):
    by: float = 1.0
    def augmented(self, values, lengths, generator):
        return values + self.by * torch.rand(values.shape, generator=generator)

@dataclass(frozen=True)
class Shorter(Augmenter):
    def augmented(self, values, lengths, generator):
        return values[:, :-1]
"""


@pytest.fixture(scope="module")
def own() -> ModuleType:
    """The user's file, loaded."""
    return load_source(CustomSource(name="own.py", text=textwrap.dedent(OWN)))


@pytest.fixture(scope="module")
def tagged(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Clips with several labels, and their features."""
    folder = tmp_path_factory.mktemp("tagged")
    corpus = open_labelled_manifest(write_tagged_clips(folder / "clips"), Cut(seconds=1.0))
    data = FeatureData(load(prepare(corpus, CLIP_FEATURES, folder / "features")), torch.device("cpu"))
    return corpus, data


def _run(tagged: Any, **recipe: Any) -> Any:
    corpus, data = tagged
    trial = clip_trial(corpus.spec, small_network(3), epochs=2, **recipe)
    history, outcome = run_to_end(Training(trial, data))
    return trial, numbers(history), outcome


def test_a_loss_that_is_the_usual_one_changes_no_number(own: ModuleType, tagged: Any) -> None:
    """And another one does, in training and in validation."""
    _, usual, _ = _run(tagged)
    trial, same, _ = _run(tagged, loss=own.Same().spec())
    assert same == usual
    other, squared, _ = _run(tagged, loss=own.Same(power=2.0).spec())
    assert squared[0][record.VALIDATION_LOSS] != usual[0][record.VALIDATION_LOSS]
    assert len({trial.trial_id, other.trial_id}) == 2
    assert [source.name for source in sources_of(trial)] == ["own.py"]
    assert sources_of(clip_trial(tagged[0].spec, small_network(3))) == ()


def test_values_have_a_loss_of_ones_own_too(own: ModuleType, tmp_path: Path) -> None:
    """Of standardised values."""
    corpus = open_labelled_manifest(write_valued_clips(tmp_path / "clips", 16), Cut(seconds=1.0))
    data = FeatureData(load(prepare(corpus, CLIP_FEATURES, tmp_path / "features")), torch.device("cpu"))
    runs = [
        numbers(run_to_end(Training(clip_trial(corpus.spec, small_network(1), epochs=2, **recipe), data))[0])
        for recipe in ({}, {"loss": own.Same().spec()})
    ]
    assert runs[0] == runs[1]


def test_metrics_are_recorded_for_every_side(own: ModuleType, tagged: Any) -> None:
    """Under names that say which way is better, and a study may be decided by them; by no other."""
    trial, history, outcome = _run(tagged, metrics=(own.Right().spec(), own.Wrong().spec()))
    right, wrong = "score/Right", "error/Wrong"
    for prefix in (record.VALIDATION_PREFIX, record.BEST_PREFIX + record.VALIDATION_PREFIX, record.TEST_PREFIX):
        assert outcome.metrics.get(prefix + right, history[-1].get(prefix + right)) is not None
    best = record.best(record.VALIDATION_PREFIX + right)
    texts = outcome.predictions["validation"]
    assert outcome.metrics[best] == sum(row["reference"] == row["hypothesis"] for row in texts) / len(texts)
    assert history[-1][record.VALIDATION_PREFIX + wrong] == 1 - history[-1][record.VALIDATION_PREFIX + right]
    assert record.higher_is_better(best)
    assert not record.higher_is_better(record.best(record.VALIDATION_PREFIX + wrong))
    check_measured(best, trial)
    with pytest.raises(UserError, match="of your own the recipe has score/Right, error/Wrong; add it"):
        check_measured("best/validation/score/Left", trial)


def test_an_augmentation_writes_nothing_into_padding(own: ModuleType) -> None:
    """It draws from the trial's generator, and what it leaves beyond a clip's end is silent."""
    values, lengths = torch.ones(2, 6, 3), torch.tensor([6, 4])
    values[1, 4:] = 0
    drawn = [augment(values, lengths, [own.Louder().spec()], torch.Generator().manual_seed(3)) for _ in range(2)]
    assert torch.equal(*drawn)
    assert (drawn[0][1, 4:] == 0).all()
    assert (drawn[0][0] > 1).all()
    assert (values[0] == 1).all()


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        (lambda own: {"loss": own.Mean().spec()}, r"Mean.losses must give the loss of each example.*tensor \(\)"),
        (lambda own: {"metrics": (own.Nothing().spec(),)}, "Nothing.value must give a finite number, and gave nan"),
        (lambda own: {"augmentations": (own.Shorter().spec(),)}, "Shorter.augmented must give features of the form"),
    ],
)
def test_what_does_not_fit_is_said(own: ModuleType, tagged: Any, recipe: Any, message: str) -> None:
    """By the name of the class and of the method."""
    with pytest.raises(CustomFileError, match=message):
        _run(tagged, **recipe(own))


def test_what_cannot_go_together_is_refused(own: ModuleType, tagged: Any) -> None:
    """Before anything is trained."""
    corpus, _ = tagged
    with pytest.raises(SpecError, match="Recipe.metrics must have names that differ"):
        clip_trial(corpus.spec, small_network(3), metrics=(own.Right().spec(), own.Right().spec()))
    with pytest.raises(SpecError, match="leave one of them out"):
        clip_trial(corpus.spec, small_network(3), loss=own.Same().spec(), label_smoothing=0.1)
    louder = clip_trial(corpus.spec, small_network(3), augmentations=(TimeShift(), own.Louder(by=2.0).spec()))
    assert type(louder).from_json(louder.to_json()) == louder
