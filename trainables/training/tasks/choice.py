"""The task of a trial."""

from soundproof.search_spaces.specs import Trial
from soundproof.trainables.training.data.batches import FeatureData
from soundproof.trainables.training.data.splitting import split_examples
from soundproof.trainables.training.data.value_scale import ValueScale
from soundproof.trainables.training.tasks.classification import Classification
from soundproof.trainables.training.tasks.tagging import Tagging
from soundproof.trainables.training.tasks.task import Task
from soundproof.trainables.training.tasks.transcription import Transcription
from soundproof.trainables.training.tasks.valuing import Valuing
from soundproof.trainables.training.tasks.verification import Verification


def task_of(trial: Trial, data: FeatureData) -> Task:
    """What the network of `trial` learns from `data`."""
    if trial.network.task == "transcription":
        return Transcription(trial.network, data, trial.alphabet)
    assert trial.corpus.task == "classification"
    if trial.has_unseen_classes:
        return Verification(trial, split_examples(data.store.examples, trial), data)
    if trial.has_several_labels:
        return Tagging(trial.network, trial.corpus.classes, data, trial.recipe)
    if trial.has_values:
        train = split_examples(data.store.examples, trial).train
        return Valuing(trial.network, ValueScale.measured(data.store.examples, train), data, trial.recipe)
    return Classification(trial.network, trial.corpus.classes, data, trial.recipe)
