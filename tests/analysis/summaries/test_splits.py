"""What a report says of the way that a corpus was divided."""

from dataclasses import replace

import pytest

from soundproof.analysis.prose.study import method_notes
from soundproof.analysis.summaries.splits import splits_used
from soundproof.analysis.summaries.study import summarise

SIZES = {"data/train": 30.0, "data/validation": 10.0, "data/test": 10.0}


def _summary(make, *, splits, seeds, split_seed=None):
    """Two variants with the split of each."""
    spec = {"split": {"seed": split_seed}}
    made = make(losses=((0.5,) * seeds, (0.4,) * seeds), labels=("one", "two"), planned_seeds=seeds)
    kinds = dict(zip("ab", splits, strict=True))
    trials = tuple(
        replace(trial, split=kinds[trial.variant], spec=spec, metrics=trial.metrics | SIZES)
        for trial in made.records.trials
    )
    records = replace(made.records, trials=trials)
    return summarise(made.study, records), records


def test_folds_share_training_clips(make):
    """Five folds by five seeds: the note names the number of folds and its source, and none is repeated."""
    summary, records = _summary(make, splits=("FoldSplit", "FoldSplit"), seeds=5)
    (split,) = splits_used(records)
    assert (split.kind, split.folds, split.every) == ("FoldSplit", 5, True)
    notes = " ".join(method_notes(summary))
    assert "cross-validation by 5 folds" in notes
    assert "Bengio and Grandvalet" in notes
    assert "more than the 5 folds" not in notes


def test_more_seeds_than_folds_is_said(make):
    """The sixth seed tests on the first one's fold."""
    summary, _ = _summary(make, splits=("FoldSplit", "FoldSplit"), seeds=6)
    assert any("6 seeds are more than the 5 folds" in note for note in method_notes(summary))


def test_a_random_split_leaks_and_the_variants_that_used_it_are_named(make):
    """Only the variant with that split is named; nothing is said where groups are kept together."""
    summary, _ = _summary(make, splits=("GroupSplit", "RandomSplit"), seeds=3)
    (note,) = (note for note in method_notes(summary) if "leaks" in note)
    assert "“two”" in note
    assert "“one”" not in note
    both, _ = _summary(make, splits=("RandomSplit", "RandomSplit"), seeds=3)
    assert any("the split draws clips" in note for note in method_notes(both))


def test_a_split_drawn_once_is_told_from_one_drawn_for_each_seed(make):
    """By what the trials say of it."""
    for seed in (None, 1234):
        summary, _ = _summary(make, splits=("RandomSplit", "RandomSplit"), seeds=3, split_seed=seed)
        assert any("same for all seeds" in note for note in method_notes(summary)) is (seed is not None)


def test_whole_classes_are_compared_in_pairs(make):
    """How many is said, as seeds have them, or nothing where that was not recorded."""
    summary, records = _summary(make, splits=("ClassSplit", "ClassSplit"), seeds=3)
    assert any("cosine of their embeddings; pairs of" in note for note in method_notes(summary))
    for more, words in ((0, "(1,225 pairs a seed)"), (100, "(1,225 to 1,425 pairs a seed)")):
        trials = [
            replace(trial, metrics=trial.metrics | {"data/validation_pairs": 1225.0 + more * trial.seed})
            for trial in records.trials
        ]
        counted = replace(records, trials=tuple(trials))
        (split,) = splits_used(counted)
        assert (split.kind, split.folds, split.pairs) == ("ClassSplit", None, (1225, 1225 + 2 * more))
        assert any(words in note for note in method_notes(summarise(summary.study, counted)))


@pytest.mark.parametrize("kind", ["GroupSplit", "anything"])
def test_other_splits_need_no_note(make, kind):
    """Groups on one side each are what a reader expects."""
    summary, records = _summary(make, splits=(kind, kind), seeds=3)
    assert splits_used(records) == ()
    assert not any("split" in note or "fold" in note for note in method_notes(summary))
