"""Declared studies as values, and finding them."""

import re
from dataclasses import replace

import pytest

from soundproof.search_spaces import STUDIES, Better, Study, UnknownNameError, Variant, find_study
from soundproof.search_spaces.documented.classifying import QUESTION
from soundproof.search_spaces.specs import SpecError

EVERY_STUDY = pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.id)

DECLARED = {
    "asr-rnn-only": 4,
    "asr-time-distributed-dense": 2,
    "asr-cnn-front-end": 2,
    "asr-rnn-depth-without-cnn": 3,
    "asr-merge-mode": 5,
    "asr-cnn-sublayer-order": 8,
    "asr-cnn-sublayer-order-2-layers": 4,
    "asr-kernel-size-versus-depth": 5,
    "asr-cnn-depth": 6,
    "asr-cnn-sublayer-order-3-and-8-layers": 7,
    "asr-dense-cnn": 13,
    "asr-dilation": 7,
    "asr-inverse-dilation": 12,
    "asr-dilated-sublayer-order": 5,
    "asr-cnn-dropout": 6,
    "asr-rnn-regularisation": 7,
    "asr-rnn-depth": 6,
    "asr-head-sublayer-order": 6,
    "asr-head-dropout": 7,
    "asr-cnn-plus-rnn-depth": 3,
    "asr-dense-rnn": 4,
    "asr-dense-rnn-tuning": 10,
    "asr-gru-versus-lstm": 3,
    "asr-spectrogram-versus-mfcc": 4,
    "asr-final-model": 2,
    "asr-padding": 2,
    "asr-raw-audio-dilation": 3,
    "asr-conformer": 4,
    "genre-crnn": 6,
    "esc-cnn-family": 7,
    "genre-ffnn": 8,
    "genre-cnn-filters": 8,
    "speech-commands": 3,
    "genre-split-leak": 4,
    "sound-augmentation": 5,
}
"""Every study, in the order of the documents, and its number of variants: its own and those it compares with."""


@EVERY_STUDY
def test_studies_survive_the_round_trip(study: Study) -> None:
    """A study is a value like any other."""
    assert Study.from_json(study.to_json()) == study


def test_declared_studies() -> None:
    """The documented studies, and every documented variant: those of 113 speech networks and 24 classifiers.

    Ours are the speech network declared to be infeasible, 7 classifiers that findings are compared by, 4 speech
    networks of two questions that the documents raise, and the variants of the three studies that no document has, of
    which 4 each are not those of another study.
    """
    assert [(study.id, len(study.variants)) for study in STUDIES] == list(DECLARED.items())
    assert len({variant.id for study in STUDIES for variant in study.variants}) == 113 + 1 + 24 + 7 + 4 + 4 + 4 + 4


@EVERY_STUDY
def test_levels_tell_the_variants_apart(study: Study) -> None:
    """Variants have different levels of the same factors; where two have all levels in common, they are one trial."""
    assert len({tuple(level.factor for level in variant.levels) for variant in study.variants}) == 1
    things = {variant.levels: _trained(variant) for variant in study.variants}
    for variant in study.variants:
        assert things[variant.levels] == _trained(variant)


def _trained(variant: Variant) -> tuple[object, ...]:
    return (variant.features, variant.network, variant.recipe, variant.split)


@EVERY_STUDY
def test_claims_say_where_they_come_from(study: Study) -> None:
    """Every study has claims, and every claim a sentence and a source: the study's own, a paper, or a question."""
    assert study.claims
    for claim in study.claims:
        assert claim.text.endswith(".")
        papers = study.id == "sound-augmentation" and re.match(r"[A-Z][a-z]+ .*20\d\d, on ", claim.source)
        assert claim.source in {study.source, QUESTION} or papers


def test_margin_grows_with_the_transcripts() -> None:
    """The margin is declared for each character, so it means the same on every corpus."""
    assert STUDIES[0].margin.on(30.0) == pytest.approx(1.5)


def test_claims_about_unknown_variants_are_refused() -> None:
    """A claim can only speak of variants that the study has."""
    claim = Better(text="x", source="y", pairs=(("asr-merge-mode/01", "elsewhere/07"),))
    with pytest.raises(SpecError, match=r"unknown variants \['elsewhere/07'\]"):
        replace(find_study("asr-merge-mode"), claims=(claim,))


@pytest.mark.parametrize("epochs", [0, -3])
def test_a_variant_of_no_epochs_is_refused(epochs: int) -> None:
    """Nothing could be trained."""
    with pytest.raises(SpecError, match=f"asr-merge-mode/01: Variant.epochs must be at least 1, got {epochs}"):
        replace(find_study("asr-merge-mode").variants[0], epochs=epochs)


def test_unknown_study_names_the_nearest() -> None:
    """A slip of the pen is answered with the name that was meant."""
    with pytest.raises(UnknownNameError, match="did you mean 'asr-merge-mode'"):
        find_study("asr-merge-mod")
    with pytest.raises(UnknownNameError, match="known: asr-cnn-depth, asr-cnn-dropout, .*, speech-commands"):
        find_study("zzz")
