"""A classifier as its trial left it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from soundproof.common.errors import UserError
from soundproof.search_spaces.specs import (
    Classifier,
    Trial,
)
from soundproof.trainables.training.data.normalisation import Normalisation


class ExplanationError(UserError):
    """A trial cannot be explained. The message says which, why, and what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TrainedClassifier:
    """A trial, the state of its network at its best epoch, and how its features were normalised; on the CPU."""

    trial: Trial
    state: Mapping[str, Tensor]
    normalisation: Normalisation

    def __post_init__(self) -> None:
        refuse_speech(self.trial)

    @property
    def classifier(self) -> Classifier:
        """What the network is."""
        assert self.trial.network.task == "classification"
        return self.trial.network

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the network's outputs."""
        assert self.trial.corpus.task == "classification"
        return self.trial.corpus.classes


def refuse_speech(trial: Trial) -> None:
    """Raise `ExplanationError` for a trial that transcribes."""
    if trial.task == "transcription":
        raise ExplanationError(
            f"only classifiers are explained, trial {trial.trial_id} is a network that transcribes speech: "
            "choose a trial of a study that classifies clips"
        )
