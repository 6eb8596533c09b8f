"""Which clips are explained: the most confident right answer and the most confident wrong one."""

from collections.abc import Sequence
from dataclasses import dataclass

from soundproof.trainables.corpora.corpus import Example
from soundproof.trainables.training.tasks.task import Answer


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
