"""Ablations found again by their id."""

import dataclasses

import pytest

from soundproof.search_spaces import STUDIES, UnknownNameError, catalogue
from soundproof.search_spaces.ablation import ablate
from soundproof.search_spaces.finding import find_study_or_ablation, find_study_or_space


@pytest.mark.parametrize("what", ["differences", "removals"])
def test_an_ablation_is_found_by_its_id(what: str):
    """What was run under an id is what is reported under it."""
    made = ablate(STUDIES[-1], STUDIES[-1].variants[-1].id, STUDIES[-1].variants[0].id, what)
    assert find_study_or_ablation(made.id) == made


def test_declared_studies_are_found_too():
    """One function for whatever an id names."""
    assert find_study_or_ablation(STUDIES[0].id) == STUDIES[0]


def test_a_study_may_be_called_as_ablations_are(monkeypatch: pytest.MonkeyPatch):
    """What a user has declared under a name is what that name finds."""
    own = dataclasses.replace(STUDIES[0], id="ablate.me")
    monkeypatch.setattr(catalogue, "_added_studies", [own])
    assert find_study_or_ablation("ablate.me") == find_study_or_space("ablate.me") == own


def test_an_unknown_ablation_is_an_error():
    """The message says what such ids look like."""
    with pytest.raises(UnknownNameError, match="its id is ablate.STUDY.VARIANT"):
        find_study_or_ablation("ablate.asr-nothing.01")
    with pytest.raises(UnknownNameError, match="its id is ablate.STUDY.VARIANT"):
        find_study_or_ablation(f"ablate.{STUDIES[0].id}.nothing")
