"""Explains a trained classifier by the clips of which it is most confident."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from soundproof.search_spaces.specs import Partition
from soundproof.trainables.explanation.attribution import SMOOTHGRAD_SAMPLES, grad_cam, smooth_grad
from soundproof.trainables.explanation.choice import ChosenClip, choose_clips
from soundproof.trainables.explanation.drawing import Values, explanation_picture
from soundproof.trainables.explanation.trained import ExplanationError, TrainedClassifier
from soundproof.trainables.features import FeatureStore
from soundproof.trainables.training.data.batches import FeatureData
from soundproof.trainables.training.data.splitting import split_examples
from soundproof.trainables.training.evaluation import evaluate
from soundproof.trainables.training.tasks.choice import task_of
from soundproof.trainables.training.tasks.classification import class_logits

INDEX = "index.json"
_PARTITION: Partition = "validation"
_SATURATION_PERCENTILE = 99
_CPU = torch.device("cpu")


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """A picture and what is to be read below it."""

    file: str
    title: str
    caption: str


def explain(trained: TrainedClassifier, store: FeatureStore, folder: Path) -> list[Path]:
    """Write pictures of the most confident right and wrong answers to validation clips, and an index of them.

    `store` holds the features of the trial's corpus. The index is a list of `file`, `title` and `caption`. Raises
    `ExplanationError` where `folder` cannot be written.
    """
    pictures = list(_explanations(trained, store))
    index = json.dumps([asdict(explanation) for explanation, _ in pictures], ensure_ascii=False, indent=1)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for explanation, picture in pictures:
            (folder / explanation.file).write_bytes(picture)
        (folder / INDEX).write_text(index, encoding="utf-8")
    except OSError as error:
        raise ExplanationError(
            f"no explanation can be written into {folder}: {error.strerror}. Name another folder"
        ) from error
    return [folder / INDEX, *(folder / explanation.file for explanation, _ in pictures)]


def _explanations(trained: TrainedClassifier, store: FeatureStore) -> Iterator[tuple[Explanation, bytes]]:
    data, trial, spec = FeatureData(store, _CPU, resident=False), trained.trial, trained.classifier
    task = task_of(trial, data)
    network = task.build().eval()
    try:
        network.load_state_dict(dict(trained.state))
    except RuntimeError as error:
        raise ExplanationError(
            f"the weights of trial {trial.trial_id} must fit its network as this version builds it, and do not: use "
            "the version of Soundproof that trained it, or train it again"
        ) from error
    indices = split_examples(store.examples, trial).of(_PARTITION)
    size = trial.recipe.batch_size
    answers = evaluate(task, network, data, indices, trained.normalisation, batch_size=size).answers

    def score(values: Tensor) -> Tensor:
        return class_logits(spec, network, values)

    for clip in choose_clips(indices, store.examples, answers):
        values = data.batch([clip.index], trained.normalisation).values[0]
        target = trained.classes.index(clip.answer.text)
        heard = np.array(store.frames[store.offsets[clip.index] : store.offsets[clip.index + 1]])
        yield _drawn(trained, clip, heard, "SmoothGrad", smooth_grad(score, values, target).abs())
        located = grad_cam(spec, network, score, values, target)
        if located is not None:
            yield _drawn(trained, clip, heard, "Grad-CAM", located)


def _drawn(
    trained: TrainedClassifier, clip: ChosenClip, heard: Values, method: str, weights: Tensor
) -> tuple[Explanation, bytes]:
    side = "right" if clip.right else "wrong"
    probability = f"{clip.answer.probability:.2f}"
    said = clip.answer.text if clip.right else f"{clip.answer.text}, in truth {clip.example.target}"
    explanation = Explanation(
        file=f"{side}-{method.lower()}.png",
        title=f"{method}, {side} answer: {said}",
        caption=f"What in the clip {clip.example.key} the answer {clip.answer.text} (probability {probability}) "
        "rests on. "
        f"{_HOW_TO_READ[method]}{_emptiness(weights)} {clip.note}",
    )
    picture = explanation_picture(heard, _relative(weights), trained.trial.features, explanation.title)
    return explanation, picture


_HOW_TO_READ = {
    "SmoothGrad": "The brighter, the more the class's score changes with the value there: size of the gradient, mean "
    f"over {SMOOTHGRAD_SAMPLES} copies of the clip with noise; the highest hundredth is drawn alike.",
    "Grad-CAM": "The brighter, the more the network's last convolution finds there that raises the class's score; "
    "as fine as that convolution's output, interpolated; the highest hundredth is drawn alike.",
}


def _emptiness(weights: Tensor) -> str:
    return "" if weights.max() > 0 else " It is zero everywhere: nothing there raises the score."


def _relative(weights: Tensor) -> Values:
    """Weights of 0 or more, as shares of their 99th percentile, at most 1: single extremes would hide the rest."""
    values: Values = weights.numpy().astype(np.float32)
    ceiling = float(np.percentile(values, _SATURATION_PERCENTILE)) or float(values.max())
    return np.clip(values / ceiling, 0, 1) if ceiling > 0 else np.zeros_like(values)
