"""The answer of a trained network to one recording."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import fmean
from typing import Any

import torch

from soundproof.search_spaces.alphabet import speller_of
from soundproof.search_spaces.arithmetic import output_frames
from soundproof.search_spaces.arithmetic.classifiers import classifier_infeasibility
from soundproof.search_spaces.specs import (
    CustomNetwork,
    EmbeddedCorpus,
    Features,
    SpeechNetwork,
    Trial,
    frame_count,
)
from soundproof.trainables.audio_maths import embedded_resampler, recording_resampler
from soundproof.trainables.corpora.audio.broken import BrokenAudioError
from soundproof.trainables.corpora.corpus import Waveform
from soundproof.trainables.corpora.recorded.folder_listing import printable
from soundproof.trainables.prediction.audio_input import Piece, clips, own_lengths, read_long_waveform, utterances
from soundproof.trainables.prediction.trained import Trained, clip_form, hears_own_lengths
from soundproof.trainables.training.tasks.classification import class_answers, class_logits
from soundproof.trainables.training.tasks.ctc import greedy_texts
from soundproof.trainables.training.tasks.tagging import label_answers
from soundproof.trainables.training.tasks.task import Answer
from soundproof.trainables.training.tasks.valuing import value_answer, value_answers

_LONGEST_LEAST_SECONDS = 3600


@dataclass(frozen=True, kw_only=True, slots=True)
class WindowAnswer:
    """The answer to the piece that starts at `start_seconds`: a class with its probability, a transcript, a value."""

    start_seconds: float
    text: str
    probability: float | None = None
    value: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FilePrediction:
    """The answer to a file of `seconds`.

    `text` is a transcript, the class with the highest `probability`, which is the mean over the `windows`, or the
    `value`, which is the mean over them, too. Transcripts and values have no probability.
    """

    file: str
    text: str
    probability: float | None = None
    value: float | None = None
    windows: tuple[WindowAnswer, ...]
    seconds: float

    @property
    def votes(self) -> float:
        """The share of windows whose answer is that of the whole file."""
        return sum(window.text == self.text for window in self.windows) / len(self.windows)

    def to_plain(self) -> dict[str, Any]:
        """JSON values: those of a class, of a transcript, or of a value."""
        if self.value is not None:
            heard = [{"start_seconds": window.start_seconds, "value": window.value} for window in self.windows]
            return {"file": self.file, "value": self.value, "seconds": self.seconds, "windows": heard}
        if self.probability is None:
            spoken = [{"start_seconds": window.start_seconds, "transcript": window.text} for window in self.windows]
            return {"file": self.file, "transcript": self.text, "seconds": self.seconds, "windows": spoken}
        pieces = [
            {"start_seconds": window.start_seconds, "class": window.text, "probability": window.probability}
            for window in self.windows
        ]
        whole = {"file": self.file, "class": self.text, "probability": self.probability, "votes": self.votes}
        return {**whole, "seconds": self.seconds, "windows": pieces}


def predict_file(trained: Trained, path: Path) -> FilePrediction:
    """The answer of `trained` to the audio at `path`. Raises `BrokenAudioError` where it is no audio, or too short."""
    rate = trained.trial.features.sample_rate_hz
    embedded = isinstance(trained.trial.corpus, EmbeddedCorpus)
    waveform = read_long_waveform(path, rate, embedded_resampler if embedded else recording_resampler)
    with torch.inference_mode():
        least = least_heard(trained.trial)
        if len(waveform) < least:
            raise BrokenAudioError(
                path,
                f"too short: the network of trial {trained.trial_id} needs at least {least / rate:.3f} s of "
                f"audio, got {len(waveform) / rate:.3f} s: use a longer recording",
            )
        ask = _transcribe if trained.trial.task == "transcription" else _classify
        if trained.trial.has_values:
            ask = _value
        whole, windows = ask(trained, waveform)
    return FilePrediction(
        file=printable(str(path)),
        text=whole.text,
        probability=whole.probability,
        value=whole.value,
        windows=tuple(windows),
        seconds=len(waveform) / rate,
    )


def _classify(trained: Trained, waveform: Waveform) -> tuple[Answer, list[WindowAnswer]]:
    """The class or the labels of the whole, by the mean probabilities, and those of its windows."""
    spec, _, classes = clip_form(trained.trial)
    several = trained.trial.has_several_labels
    windows: list[WindowAnswer] = []
    total = torch.zeros(len(classes), device=trained.device)
    for batch in _batches(_heard(trained.trial, waveform), trained.trial.recipe.batch_size):
        logits = class_logits(spec, trained.network, *trained.inputs([clip for _, clip in batch]))
        probabilities = logits.sigmoid() if several else logits.softmax(dim=1)
        total += probabilities.sum(dim=0)
        answers = label_answers(probabilities, classes) if several else class_answers(logits, classes)
        windows += [
            WindowAnswer(start_seconds=start, text=answer.text, probability=answer.probability)
            for (start, _), answer in zip(batch, answers, strict=True)
        ]
    mean = (total / len(windows))[None]
    (answer,) = label_answers(mean, classes) if several else class_answers(mean.log(), classes)
    return answer, windows


def _value(trained: Trained, waveform: Waveform) -> tuple[Answer, list[WindowAnswer]]:
    """The mean value of the windows, and the value of each."""
    spec, _, _ = clip_form(trained.trial)
    assert trained.scale is not None
    windows: list[WindowAnswer] = []
    for batch in _batches(_heard(trained.trial, waveform), trained.trial.recipe.batch_size):
        logits = class_logits(spec, trained.network, *trained.inputs([clip for _, clip in batch]))
        answers = value_answers(logits.squeeze(1), trained.scale)
        windows += [
            WindowAnswer(start_seconds=start, text=answer.text, value=answer.value)
            for (start, _), answer in zip(batch, answers, strict=True)
        ]
    return value_answer(fmean(window.value for window in windows if window.value is not None)), windows


def _transcribe(trained: Trained, waveform: Waveform) -> tuple[Answer, list[WindowAnswer]]:
    """The transcript of the whole, and those of its pieces."""
    rate, speller = trained.trial.features.sample_rate_hz, speller_of(trained.trial.alphabet)
    windows: list[WindowAnswer] = []
    for batch in _batches(iter(utterances(waveform, rate)), trained.trial.recipe.batch_size):
        scores, frames = trained.network(*trained.inputs([piece for _, piece in batch]))
        texts = greedy_texts(scores, frames.lengths, speller)
        windows += [WindowAnswer(start_seconds=start, text=text) for (start, _), text in zip(batch, texts, strict=True)]
    return Answer(text=" ".join(window.text for window in windows if window.text)), windows


def _heard(trial: Trial, waveform: Waveform) -> Iterator[Piece]:
    """The clips that the network of `trial` is asked about."""
    _, cut, _ = clip_form(trial)
    rate = trial.features.sample_rate_hz
    return (
        own_lengths(waveform, cut, rate, least_heard(trial)) if hears_own_lengths(trial) else clips(waveform, cut, rate)
    )


def _batches(pieces: Iterator[Piece], size: int) -> Iterator[Sequence[Piece]]:
    """Pieces in batches as large as those that the network was trained on, which its memory held."""
    while batch := list(islice(pieces, size)):
        yield batch


def least_heard(trial: Trial) -> int:
    """The shortest signal, in samples at the features' own rate, that the network of `trial` can be asked about.

    None is too short where silence is put behind it, and of a user's own network it is not known.
    """
    network, features = trial.network, trial.features
    if isinstance(network, SpeechNetwork):
        return least_transcribed(network, features)
    if isinstance(network, CustomNetwork) or not hears_own_lengths(trial):
        return 0
    declared = network  # for the closure: a spec without a user's own

    def leaves_something(samples: int) -> bool:
        frames = frame_count(features, samples)
        return frames > 0 and classifier_infeasibility(declared, frames, features.dimensions) is None

    return bisect_left(range(_LONGEST_LEAST_SECONDS * features.sample_rate_hz), True, key=leaves_something)


def least_transcribed(network: SpeechNetwork, features: Features) -> int:
    """The shortest signal, in samples at the features' own rate, for which `network` puts out a frame."""
    lengths = range(_LONGEST_LEAST_SECONDS * features.sample_rate_hz)
    return bisect_left(lengths, 1, key=lambda samples: output_frames(network, frame_count(features, samples)))
