"""Explains a trained classifier by the clips of which it is most confident."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from torch import Tensor

from soundproof.common.errors import UserError
from soundproof.search_spaces.specs import Partition, Trial
from soundproof.trainables.corpora.corpus import Example
from soundproof.trainables.explanation.area import AreaComparison, area_picture, attended_area
from soundproof.trainables.explanation.attribution import SMOOTHGRAD_SAMPLES, grad_cam, smooth_grad
from soundproof.trainables.explanation.drawing import Values, explanation_picture
from soundproof.trainables.features import FeatureStore
from soundproof.trainables.prediction.trained import Trained, clip_form
from soundproof.trainables.training.data.batches import FeatureData
from soundproof.trainables.training.data.splitting import split_examples
from soundproof.trainables.training.evaluation import evaluate
from soundproof.trainables.training.tasks.choice import task_of
from soundproof.trainables.training.tasks.classification import class_logits
from soundproof.trainables.training.tasks.task import Answer

INDEX = "index.json"
_PARTITION: Partition = "validation"
_SATURATION_PERCENTILE = 99


class ExplanationError(UserError):
    """A trial cannot be explained. The message says which, why, and what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """A picture and what is to be read below it."""

    file: str
    title: str
    caption: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ChosenClip:
    """A clip of the validation split and the network's answer to it. `note` is why it was chosen."""

    index: int
    example: Example
    answer: Answer
    note: str

    @property
    def right(self) -> bool:
        """Whether the answer is the clip's class."""
        return self.answer.text == self.example.target


def explain(trained: Trained, store: FeatureStore, folder: Path, *, area_clips: int = 0) -> list[Path]:
    """Write pictures of the most confident right and wrong answers to validation clips, and an index of them.

    Arguments:
        trained: A classifier, on the CPU.
        store: The features of its trial's corpus.
        folder: Made where it is not there.
        area_clips: Over how many validation clips to compare the areas that right and wrong answers rest on.

    Returns:
        The files: first the index, JSON with a list of `file`, `title` and `caption`, then the pictures (PNG).

    Raises:
        ExplanationError: The trial transcribes speech, or `folder` cannot be written.
    """
    refuse_speech(trained.trial)
    refuse_other_answers(trained.trial)
    pictures = list(_explanations(trained, store, area_clips))
    index = json.dumps([asdict(explanation) for explanation, _ in pictures], ensure_ascii=False, indent=1)
    with written_into(folder):
        for explanation, picture in pictures:
            (folder / explanation.file).write_bytes(picture)
        (folder / INDEX).write_text(index, encoding="utf-8")
    return [folder / INDEX, *(folder / explanation.file for explanation, _ in pictures)]


@contextmanager
def written_into(folder: Path) -> Iterator[None]:
    """Make `folder` where it is not there. Raises `ExplanationError` where that or the block cannot write."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise ExplanationError(
            f"no explanation can be written into {folder}: {error.strerror}. Name another folder"
        ) from error


def refuse_speech(trial: Trial) -> None:
    """Raise `ExplanationError` for a trial that transcribes."""
    if trial.task == "transcription":
        raise ExplanationError(
            f"only classifiers are explained, trial {trial.trial_id} is a network that transcribes speech: "
            "choose a trial of a study that classifies clips"
        )


def refuse_other_answers(trial: Trial) -> None:
    """Raise `ExplanationError` for a trial whose clips have several labels, or values: no class is decided for."""
    if not trial.has_one_class:
        have = (
            "are of classes that training never saw"
            if trial.has_unseen_classes
            else "have a value"
            if trial.has_values
            else "have several labels"
        )
        raise ExplanationError(
            f"what decided for a class is explained, and the clips of trial {trial.trial_id} {have}: "
            "choose a trial of a corpus with one class a clip"
        )


def _explanations(trained: Trained, store: FeatureStore, area_clips: int) -> Iterator[tuple[Explanation, bytes]]:
    data, trial, network = FeatureData(store, trained.device, resident=False), trained.trial, trained.network
    spec, _, classes = clip_form(trial)
    indices = split_examples(store.examples, trial).of(_PARTITION)
    size = trial.recipe.batch_size
    answers = evaluate(task_of(trial, data), network, data, indices, trained.normalisation, batch_size=size).answers

    def score(values: Tensor) -> Tensor:
        return class_logits(spec, network, values)

    for clip in choose_clips(indices, store.examples, answers):
        values = data.batch([clip.index], trained.normalisation).values[0]
        target = classes.index(clip.answer.text)
        features = np.array(store.frames[store.offsets[clip.index] : store.offsets[clip.index + 1]])
        yield _drawn(trained, clip, features, "SmoothGrad", smooth_grad(score, values, target).abs())
        located = grad_cam(spec, network, score, values, target)
        if located is not None:
            yield _drawn(trained, clip, features, "Grad-CAM", located)
    if not area_clips:
        return
    areas: dict[bool, list[float]] = {True: [], False: []}
    every = -(-len(indices) // area_clips)  # evenly over the split, whose order is that of the corpus
    for index, answer in list(zip(indices, answers, strict=True))[::every]:
        values = data.batch([index], trained.normalisation).values[0]
        weights = smooth_grad(score, values, classes.index(answer.text)).abs()
        areas[answer.text == store.examples[index].target].append(attended_area(weights))
    yield _areas_drawn(AreaComparison(right=areas[True], wrong=areas[False]))


def _areas_drawn(compared: AreaComparison) -> tuple[Explanation, bytes]:
    title = "Area that answers rest on, by SmoothGrad"
    return Explanation(file="area.png", title=title, caption=compared.sentence()), area_picture(compared, title)


def _drawn(
    trained: Trained, clip: ChosenClip, features: Values, method: str, weights: Tensor
) -> tuple[Explanation, bytes]:
    side = "right" if clip.right else "wrong"
    probability = f"{clip.answer.probability:.2f}"
    emptiness = "" if weights.max() > 0 else " It is zero everywhere: nothing there raises the score."
    answer = clip.answer.text if clip.right else f"{clip.answer.text}, in truth {clip.example.target}"
    explanation = Explanation(
        file=f"{side}-{method.lower()}.png",
        title=f"{method}, {side} answer: {answer}",
        caption=f"What in the clip {clip.example.key} the answer {clip.answer.text} (probability {probability}) "
        "rests on. "
        f"{_HOW_TO_READ[method]}{emptiness} {clip.note}",
    )
    picture = explanation_picture(features, _relative(weights), trained.trial.features, explanation.title)
    return explanation, picture


_HOW_TO_READ = {
    "SmoothGrad": "The brighter, the more the class's score changes with the value there: size of the gradient, mean "
    f"over {SMOOTHGRAD_SAMPLES} copies of the clip with noise; the highest hundredth is drawn alike.",
    "Grad-CAM": "The brighter, the more the network's last convolution finds there that raises the class's score; "
    "as fine as that convolution's output, interpolated; the highest hundredth is drawn alike.",
}


def _relative(weights: Tensor) -> Values:
    """Weights of 0 or more, as shares of their 99th percentile, at most 1: single extremes would hide the rest."""
    values: Values = weights.numpy().astype(np.float32)
    ceiling = float(np.percentile(values, _SATURATION_PERCENTILE)) or float(values.max())
    return np.clip(values / ceiling, 0, 1) if ceiling > 0 else np.zeros_like(values)


def choose_clips(indices: Sequence[int], examples: Sequence[Example], answers: Sequence[Answer]) -> list[ChosenClip]:
    """Of the clips at `indices`, one with a right answer, then one with a wrong one, where there are such.

    The probability of the answer decides, and of equal ones the earliest clip. `answers` stand in the order of
    `indices`.
    """
    sides: dict[bool, list[tuple[int, Answer]]] = {True: [], False: []}
    for index, answer in zip(indices, answers, strict=True):
        sides[answer.text == examples[index].target].append((index, answer))
    chosen = []
    for right, clips in sides.items():
        if not clips:
            continue
        index, answer = max(clips, key=lambda clip: (clip[1].probability or 0.0, -clip[0]))
        note = _note(right=right, among=len(clips), of=len(indices))
        chosen.append(ChosenClip(index=index, example=examples[index], answer=answer, note=note))
    return chosen


def _note(*, right: bool, among: int, of: int) -> str:
    word = "rightly" if right else "wrongly"
    if among == of:
        other = "wrongly" if right else "rightly"
        return f"The most confident answer; no validation clip is classified {other}."
    return f"The most confident of {among} {word} classified clips among {of} of the validation split."
