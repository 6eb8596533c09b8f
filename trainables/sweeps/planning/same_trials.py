"""Variants that differ as declared and are one trial on this corpus: refused before anything is trained."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace

from soundproof.common.counting import counted, listed
from soundproof.search_spaces.presets import OneTrialError, as_trained
from soundproof.search_spaces.presets.apart import differing
from soundproof.search_spaces.specs import Trial
from soundproof.search_spaces.studies import Variant


def check_trials_differ(variants: Sequence[Variant], trials: Mapping[str, Trial], train_examples: int) -> None:
    """Raise `OneTrialError` where two of the `variants`, at whatever size, have one trial in `trials` (by id of each).

    Batches that hold all `train_examples` are one batch, however large they might be, and so are batches of which all
    are accumulated one update. Variants that are declared as one network under two names are left to whoever declares
    them.
    """
    for one, other in itertools.combinations(variants, 2):
        ours, theirs = (_clamped(trials[variant.id], train_examples) for variant in (one, other))
        if ours != theirs or as_trained(one) == as_trained(other):
            continue
        fields = listed(differing(one, other))
        why = "as this corpus and split have it"
        if trials[one.id] != trials[other.id]:
            once = "batch" if trials[one.id].recipe.accumulate_batches == 1 else "update"
            why = f"since both have all {counted(train_examples, 'training example')} in one {once}"
        raise OneTrialError(
            f"{one.id} and {other.id} are one trial, {why}, though they are declared to differ in {fields}: nothing "
            "can be found out about them here; leave one of them out, or give more data or another --split"
        )


def _clamped(trial: Trial, most: int) -> Trial:
    recipe = trial.recipe
    if recipe.batch_frames is not None:  # how many batches these are depends on the examples' lengths
        return trial
    size = min(recipe.batch_size, most)
    several = min(recipe.accumulate_batches, -(-most // size))
    return replace(trial, recipe=replace(recipe, batch_size=size, accumulate_batches=several))
