"""A trained network, ready to be asked: rebuilt from its spec, with the weights that its trial left."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from soundproof.common import record
from soundproof.search_spaces.alphabet import speller_of
from soundproof.search_spaces.specs import Cut, Features, Trial, frame_count
from soundproof.search_spaces.specs.classifiers import Classifier
from soundproof.trainables.corpora.corpus import Waveform
from soundproof.trainables.features.extraction import extract
from soundproof.trainables.networks import build_transcriber
from soundproof.trainables.networks.classifiers import build_classifier
from soundproof.trainables.prediction.recorded import OfTrial, PredictionError, RecordedTrial, fetch_recorded
from soundproof.trainables.training.data.normalisation import Normalisation
from soundproof.trainables.training.data.value_scale import ValueScale
from soundproof.trainables.training.weights import scale_of, unpack

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Trained(OfTrial):
    """A trial and its network in evaluation mode, on `device`; where it answers values, also their `scale`."""

    network: nn.Module
    normalisation: Normalisation
    device: torch.device
    scale: ValueScale | None = None

    def inputs(self, waveforms: Sequence[Waveform]) -> tuple[Tensor, Tensor]:
        """Normalised features of `waveforms` (samples,) at the features' rate, as the network was trained on them.

        Values (batch, frames, dimensions), zero beyond the end of each; on the CPU the real frames of each, (batch,).
        """
        features = [extract(torch.from_numpy(waveform), self.trial.features).to(self.device) for waveform in waveforms]
        normalised = [self.normalisation.apply(frames) for frames in features]
        lengths = torch.tensor([len(frames) for frames in normalised])
        return nn.utils.rnn.pad_sequence(normalised, batch_first=True), lengths


def load_trained(tracking_uri: str, trial_id: str) -> Trained:
    """The network of a recorded trial, ready to be asked, on a GPU where there is one.

    Arguments:
        tracking_uri: Of the MLflow store that holds the trial.
        trial_id: Whole, or the first characters of only one, at least six.

    Returns:
        The trial with its network in evaluation mode and the normalisation of its features.

    Raises:
        PredictionError: There is no such store or trial, it left no network, or this version builds another one.
    """
    return rebuild(fetch_recorded(tracking_uri, trial_id))


def rebuild(recorded: RecordedTrial, device: torch.device | None = None) -> Trained:
    """The network of a record, in evaluation mode on `device`: by default a GPU where there is one.

    Raises `PredictionError` where the recorded weights do not fit the network as this version builds it, and where the
    network was trained to compare clips of classes that it never saw: it has no answer to one clip.
    """
    if recorded.trial.has_unseen_classes:
        raise PredictionError(
            f"trial {recorded.trial_id} was trained on some classes to compare clips of others (--split "
            "unseen-classes), and can name none of those: choose a trial of another split. Its weights are in the "
            f"record as {record.WEIGHTS_ARTIFACT}"
        )
    device = device or torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        network = _build(recorded.trial)
        state, normalisation = unpack(recorded.weights, device)
        scale = scale_of(recorded.weights) if recorded.trial.has_values else None
        network.load_state_dict(state)
    except (KeyError, RuntimeError) as error:
        raise PredictionError(
            f"the weights of trial {recorded.trial_id} must fit its network as this version builds it, and do "
            "not: use the version of Soundproof that trained it, or train it again"
        ) from error
    _LOGGER.debug("trial %s is asked on %s", recorded.trial.trial_id, device)
    return Trained(
        trial_id=recorded.trial_id,
        trial=recorded.trial,
        study=recorded.study,
        variant=recorded.variant,
        network=network.to(device).eval(),
        normalisation=normalisation,
        device=device,
        scale=scale,
    )


def clip_form(trial: Trial) -> tuple[Classifier, Cut, tuple[str, ...]]:
    """Of a trial that classifies: its network's spec, how its clips are cut, and the names of its classes."""
    assert trial.network.task == trial.corpus.task == "classification"
    return trial.network, trial.corpus.cut, trial.corpus.classes


def hears_own_lengths(trial: Trial) -> bool:
    """Whether clips came to the network of a trial as long as they were."""
    return trial.corpus.task == "classification" and trial.corpus.cut.place == "own-length"


def _build(trial: Trial) -> nn.Module:
    features: Features = trial.features
    if trial.network.task == "transcription":
        return build_transcriber(trial.network, features.dimensions, speller_of(trial.alphabet).outputs)
    spec, cut, _ = clip_form(trial)
    frames = frame_count(features, round(cut.seconds * features.sample_rate_hz))
    return build_classifier(spec, frames, features.dimensions)
