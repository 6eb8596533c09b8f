"""From a trial to what its network is trained to do."""

from soundproof.search_spaces.specs import Trial
from soundproof.trainables.training.data.batches import FeatureData
from soundproof.trainables.training.tasks.classification import Classification
from soundproof.trainables.training.tasks.tagging import Tagging
from soundproof.trainables.training.tasks.task import Task
from soundproof.trainables.training.tasks.transcription import Transcription


def task_of(trial: Trial, data: FeatureData) -> Task:
    """The task of `trial` on `data`, the features of its corpus."""
    if trial.network.task == "transcription":
        return Transcription(trial.network, data, trial.alphabet)
    assert trial.corpus.task == "classification"
    if trial.has_several_labels:
        return Tagging(trial.network, trial.corpus.classes, data)
    return Classification(trial.network, trial.corpus.classes, data)
