"""What a seed held out, as the record says it."""

from dataclasses import replace

import pytest
from grouped_examples import SPEAKERS, digits, tracks

from soundproof.search_spaces import PRESETS, expand, find_study
from soundproof.search_spaces.corpus_names import SPLITS
from soundproof.search_spaces.specs import ClassSplit, FoldSplit, GroupFoldSplit, GroupSplit, RandomSplit, Split, Trial
from soundproof.trainables.training.data.held_out import held_out
from soundproof.trainables.training.data.splitting import split_examples

PRESET = PRESETS["genres"]["smoke"]
TRIAL = next(iter(expand(find_study("genre-crnn"), PRESET, PRESET.corpus, GroupSplit(), (0,)))).trial


def _trial(split: Split, seed: int, *, on_test: bool = False) -> Trial:
    recipe = replace(TRIAL.recipe, validate_on="test") if on_test else TRIAL.recipe
    return replace(TRIAL, split=split, seed=seed, recipe=recipe)


def test_speakers_are_named() -> None:
    """Those that validated and tested; the test side is empty where the corpus has its own test set."""
    both = [held_out(digits(), _trial(GroupSplit(), seed)) for seed in range(6)]
    assert {found.kind for found in both if found} == {"speaker"}
    assert {found.group for found in both if found} == set(SPEAKERS)
    assert all(found and len(found.test) == 1 and found.test != found.validation for found in both)
    own_test = held_out(digits(test_takes=1), _trial(GroupSplit(), 0))
    assert own_test == replace(both[0], test=())


def test_where_the_seed_decides_nothing_nothing_is_recorded() -> None:
    """The corpus fixes all, or what is validated on, or one draw is that of every seed."""
    fixed = [replace(example, partition="train") for example in digits()]
    fixed = [replace(example, partition="validation") if "theo" in example.key else example for example in fixed]
    fixed = [replace(example, partition="test") if "lucas" in example.key else example for example in fixed]
    assert held_out(fixed, _trial(GroupSplit(), 0)) is None
    assert held_out(digits(test_takes=1), _trial(GroupSplit(), 0, on_test=True)) is None
    assert held_out(tracks(2, 20), _trial(SPLITS["random-70-20-10"], 0)) is None


def test_recordings_are_one_label_where_they_are_many() -> None:
    """Too many to be listed, but the same for the same set alone."""
    labels = [held_out(tracks(6, 40), _trial(GroupSplit(), seed)) for seed in (0, 20, 1, 2)]
    assert all(found and found.kind == "recording" and len(found.validation) == 1 for found in labels)
    groups = [found.group for found in labels if found]
    assert groups[0] == groups[1]  # 40 tracks in blocks of six: seed 20 begins where seed 0 did
    assert len(set(groups)) == 3
    assert groups[0].startswith("36 recordings (")


def test_classes_are_named() -> None:
    """Where whole classes are held out, two of six each; four seeds validate on others than they test."""
    for seed in range(4):
        found = held_out(tracks(6, 4), _trial(ClassSplit(), seed))
        assert found is not None
        assert (found.kind, len(found.validation), len(found.test)) == ("class", 2, 2)
        assert not set(found.validation) & set(found.test)
    many = [replace(example, target=f"{example.target} {example.recording}"[:90]) for example in tracks(6, 40)]
    assert held_out(many, _trial(ClassSplit(), 0)) is None  # a recording each: nothing could be compared


@pytest.mark.parametrize("on_test", [False, True])
@pytest.mark.parametrize("split", [FoldSplit(), GroupFoldSplit(folds=5)])
def test_folds_are_numbered(split: Split, on_test: bool) -> None:
    """Five seeds validate on five folds, the sixth on the first again, and the numbers tell the sets apart."""
    examples = [replace(example, fold=1 + int(example.recording.split(".")[1]) % 5) for example in tracks(3, 10)]
    sets: dict[str, set[tuple[int, ...]]] = {}
    for seed in range(7):
        trial = _trial(split, seed, on_test=on_test)
        found, parts = held_out(examples, trial), split_examples(examples, trial)
        assert found
        assert found.kind == "fold"
        assert (found.validation == found.test) is on_test
        sets.setdefault(found.group, set()).add(tuple(parts.validation))
        if isinstance(split, FoldSplit):
            assert {str(examples[index].fold) for index in parts.test} == set(found.test)
    assert sets.keys() == set("12345")
    assert all(len(same) == 1 for same in sets.values())


def test_clips_drawn_one_by_one_are_a_set_of_their_own() -> None:
    """Every seed has another one."""
    split = RandomSplit(validation_fraction=0.2, test_fraction=0.2)
    found = [held_out(tracks(3, 20), _trial(split, seed)) for seed in (0, 0, 1)]
    assert found[0] == found[1] != found[2]
    assert found[0]
    assert found[0].kind == "clip"


def test_a_corpus_that_names_some_speakers_has_groups() -> None:
    """Neither word would be true of all."""
    mixed = [replace(example, speaker=None) if example.speaker == "theo" else example for example in digits()]
    found = held_out(mixed, _trial(GroupSplit(), 3))
    assert found
    assert found.kind == "group"
