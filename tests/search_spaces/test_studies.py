"""Declared studies, presets, and their expansion into trials."""

from __future__ import annotations

from dataclasses import replace

import pytest

from search_spaces import PRESETS, STUDIES, Better, Study, UnknownNameError, expand, find_study
from search_spaces.specs import GroupSplit, SpecError


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.id)
def test_studies_survive_the_round_trip(study: Study) -> None:
    """A study is a value like any other."""
    assert Study.from_json(study.to_json()) == study


def test_declared_studies() -> None:
    """The three studies with the variants that the documents name."""
    assert {study.id: len(study.variants) for study in STUDIES} == {
        "asr-cnn-sublayer-order": 8,
        "asr-merge-mode": 5,
        "asr-dilation": 7,
    }


@pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda preset: preset.name)
@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.id)
def test_presets_keep_the_levels_apart(study: Study, preset: object) -> None:
    """No preset makes two variants of a study the same training run."""
    trials = list(expand(study, preset, preset.corpus, GroupSplit(), range(2)))
    assert len({planned.trial.trial_id for planned in trials}) == len(trials) == 2 * len(study.variants)


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.id)
def test_budgets_are_equal_within_a_study(study: Study) -> None:
    """Like is compared with like: every variant of these studies trains for the same number of epochs."""
    assert len({variant.epochs for variant in study.variants}) == 1


def test_expansion_goes_seed_by_seed() -> None:
    """Whatever is finished at any moment forms pairs: all variants of a seed come before the next seed."""
    study, preset = STUDIES[0], PRESETS["smoke"]
    seeds = [planned.trial.seed for planned in expand(study, preset, preset.corpus, GroupSplit(), range(3))]
    assert seeds == [0] * 8 + [1] * 8 + [2] * 8


def test_documented_preset_changes_nothing() -> None:
    """Documented means documented."""
    for study in STUDIES:
        for variant in study.variants:
            assert PRESETS["documented"].variant(variant) == variant


def test_margin_grows_with_the_transcripts() -> None:
    """The margin is declared for each character, so it means the same on every corpus."""
    assert STUDIES[0].margin(30.0) == pytest.approx(1.5)


def test_claims_about_unknown_variants_are_refused() -> None:
    """A claim can only speak of variants that the study has."""
    claim = Better(text="x", source="y", pairs=(("asr-merge-mode/01", "elsewhere/07"),))
    with pytest.raises(SpecError, match=r"unknown variants \['elsewhere/07'\]"):
        replace(find_study("asr-merge-mode"), claims=(claim,))


def test_unknown_study_names_the_nearest() -> None:
    """A slip of the pen is answered with the name that was meant."""
    with pytest.raises(UnknownNameError, match="did you mean 'asr-merge-mode'"):
        find_study("asr-merge-mod")
    with pytest.raises(UnknownNameError, match="known: asr-cnn-sublayer-order, asr-dilation, asr-merge-mode"):
        find_study("zzz")
