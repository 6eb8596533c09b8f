"""Which trials go together."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from soundproof.search_spaces import PRESETS, expand, find_study
from soundproof.search_spaces.specs import Adam, GroupSplit, Trial
from soundproof.trainables.sweeps.planning.grouping import company

STUDY = find_study("asr-cnn-sublayer-order")
QUICK = PRESETS["speech"]["quick"]
ORDERS = [planned.trial for planned in expand(STUDY, QUICK, QUICK.corpus, GroupSplit(), (0, 1))]
TRIAL = ORDERS[0]


def _network(trial: Trial, part: str, **changes: Any) -> Trial:
    return replace(trial, network=replace(trial.network, **{part: replace(getattr(trial.network, part), **changes)}))


def test_seeds_orders_and_learning_rates_go_together() -> None:
    """What only changes numbers, not shapes."""
    faster = replace(TRIAL, recipe=replace(TRIAL.recipe, optimizer=Adam(learning_rate=0.1), clip_norm=None))
    assert len({company(trial) for trial in [*ORDERS, faster]}) == 1
    assert company(TRIAL) is not None


@pytest.mark.parametrize(
    "other",
    [
        _network(TRIAL, "recurrent", units=47),
        _network(TRIAL, "recurrent", merge="sum"),
        _network(TRIAL, "convolution", filters=47),
        _network(TRIAL, "convolution", stride=1),
        replace(TRIAL, recipe=replace(TRIAL.recipe, batch_size=7)),
        replace(TRIAL, budget=replace(TRIAL.budget, epochs=5)),
        replace(TRIAL, features=replace(TRIAL.features, sample_rate_hz=16000)),
        replace(TRIAL, corpus=replace(QUICK.corpus, train_utterances=500)),
    ],
)
def test_other_shapes_and_data_do_not(other: Trial) -> None:
    """Each of these reads other batches, or computes with other shapes."""
    assert company(other) not in (None, company(TRIAL))


def test_what_fills_a_core_goes_alone() -> None:
    """Documented sizes, the library's LSTM, networks without a recurrence, and classifiers."""
    documented = PRESETS["speech"]["documented"]
    large = next(expand(STUDY, documented, documented.corpus, GroupSplit(), (0,))).trial
    assert company(large) is None
    assert company(_network(TRIAL, "recurrent", cell="lstm")) is None
    assert company(replace(TRIAL, network=replace(TRIAL.network, recurrent=None))) is None
    sounds = PRESETS["sounds"]["quick"]
    clips = next(expand(find_study("esc-cnn-family"), sounds, sounds.corpus, GroupSplit(), (0,))).trial
    assert company(clips) is None
