"""What a trial's seed held out of the training: by it, seeds that validated on the same are told from others."""

from collections.abc import Callable, Sequence
from operator import attrgetter

from soundproof.common.record import HeldOut
from soundproof.search_spaces.specs import ClassSplit, FoldSplit, GroupFoldSplit, GroupSplit, RandomSplit, Trial
from soundproof.trainables.corpora.corpus import CorpusError, Example
from soundproof.trainables.corpora.sides import group_name
from soundproof.trainables.training.data.splitting import split_examples


def held_out(examples: Sequence[Example], trial: Trial) -> HeldOut | None:
    """What the trial's split kept from training for its seed: speakers or recordings, folds, or single clips.

    None where the seed has no say in who validates: the corpus fixes it, or the split has a seed of its own. Also where
    the examples cannot be split: the trial itself fails by that, and says why.
    """
    split = trial.split
    free = [example for example in examples if example.partition is None]
    if not free or (isinstance(split, RandomSplit) and split.seed is not None):
        return None
    validation, test = _sides(examples, trial)
    if not validation:
        return None
    match split:
        case GroupSplit():
            return _named(_kind(free), group_name, validation, test)
        case FoldSplit():
            return _named("fold", lambda example: str(example.fold), validation, test)
        case GroupFoldSplit(folds=folds):
            tested, validated = (str((trial.seed + turn) % folds + 1) for turn in (0, 1))
            return HeldOut.of("fold", [validated if trial.recipe.validate_on == "validation" else tested], [tested])
        case RandomSplit() | ClassSplit():
            clips = isinstance(split, RandomSplit)
            kind, name = ("clip", attrgetter("key")) if clips else ("class", attrgetter("target"))
            return _named(kind, name, validation, test)


def _sides(examples: Sequence[Example], trial: Trial) -> tuple[list[Example], list[Example]]:
    """The examples that the seed drew for validation and test; none where they cannot be split."""
    try:
        parts = split_examples(examples, trial)
    except CorpusError:
        return [], []
    validation, test = (
        [examples[index] for index in indices if examples[index].partition is None]
        for indices in (parts.validation, parts.test)
    )
    return validation, test


def _named(
    kind: str, name: Callable[[Example], str], validation: Sequence[Example], test: Sequence[Example]
) -> HeldOut:
    return HeldOut.of(kind, {name(example) for example in validation}, {name(example) for example in test})


def _kind(examples: Sequence[Example]) -> str:
    """What the groups of these examples are; see `group_name`."""
    named = {example.speaker is not None for example in examples}
    return "group" if len(named) > 1 else "speaker" if True in named else "recording"
