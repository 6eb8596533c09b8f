"""Names as the record has them, and as the command line takes them."""

from dataclasses import replace

import pytest

from soundproof.analysis.figures import style
from soundproof.analysis.notation.labels import (
    factor_names,
    preset_name,
    variant_labels,
    varied_factors,
)
from soundproof.search_spaces import STUDIES, corpus_names, find_study
from soundproof.search_spaces.corpus_names import corpus_argument
from soundproof.search_spaces.presets import preset_argument
from soundproof.search_spaces.studies import Level


@pytest.mark.parametrize(
    ("corpus", "argument"),
    [
        ("synthetic-speech", "synthetic-speech"),
        ("synthetic-genres.random", "synthetic-genres --split random"),
        ("fsdd", "fsdd:PATH"),
        ("esc10", "esc10:PATH"),
        ("esc50.groups", "esc50:PATH --split groups"),
        ("gtzan.folds", "gtzan:PATH --split folds"),
        ("speech-commands", "speech-commands:PATH"),
        ("folder-my-birds", "folder:PATH"),
        ("folder-my.birds.random", "folder:PATH --split random"),
        ("manifest-calls.v2", "manifest:FILE"),
        ("librispeech-dev-clean", "librispeech:PATH"),
        ("librispeech-2.5-hours", "librispeech-2.5-hours:PATH"),
        (
            "librispeech-2023-utterances-seed-1-train-clean-100.groups",
            "librispeech-2023-utterances-seed-1:PATH --split groups",
        ),
    ],
)
def test_corpora_as_the_command_line_takes_them(corpus, argument):
    """Kinds with files get a place for them, and a split that is not the usual one its option."""
    assert corpus_argument(corpus) == argument


def test_every_corpus_of_the_command_line_is_known():
    """What needs a path there gets one here: a name that is new there fails here."""
    for name in corpus_names.CORPORA:
        label = f"{name}-x" if name in ("folder", "manifest") else name
        assert (":" in corpus_argument(label)) is (name not in corpus_names.EMBEDDED)
    for split in corpus_names.SPLITS:
        assert corpus_argument(f"esc10.{split}") == f"esc10:PATH --split {split}"


@pytest.mark.parametrize(
    ("preset", "argument"),
    [("quick", "quick"), ("documented-100-epochs", "documented --epochs 100"), ("smoke-1-epochs", "smoke --epochs 1")],
)
def test_a_limit_of_epochs_is_an_option(preset, argument):
    """The record's label is no preset that the command line knows."""
    assert preset_argument(preset) == argument
    assert preset_name(preset) == argument.split()[0]


def _study(*variants):
    """A study of variants with these levels, the first of which is the baseline."""
    documented = find_study("asr-dilation")
    made = tuple(
        replace(
            documented.variants[0],
            id=f"made/{number}",
            levels=tuple(Level(factor=factor, value=value) for factor, value in levels.items()),
        )
        for number, levels in enumerate(variants)
    )
    return replace(documented, id="made", variants=made, baseline="made/0", claims=())


def test_one_factor_needs_no_name():
    """Nor does a second one in which no variants differ."""
    study = _study({"depth": "2", "cell": "GRU"}, {"depth": "4", "cell": "GRU"})
    assert variant_labels(study) == {"made/0": "2", "made/1": "4"}
    assert factor_names(study) == "depth"


def test_two_factors_are_named_with_their_levels():
    """But for a level that names its factor itself."""
    study = _study({"cell": "GRU", "dropout": "0.2"}, {"cell": "LSTM", "dropout": "no dropout"})
    assert list(variant_labels(study).values()) == ["cell: GRU; dropout: 0.2", "cell: LSTM; no dropout"]


def test_of_many_factors_those_unlike_the_baseline_are_named():
    """All of them would be too long to be read; variants that are alike are told apart by their ids."""
    study = _study(
        {"filters": "16", "pools": "4", "units": "8"},
        {"filters": "32", "pools": "4", "units": "16"},
        {"filters": "16", "pools": "2", "units": "8"},
        {"filters": "16", "pools": "2", "units": "8"},
        {"filters": "16", "pools": "4", "units": "8"},
    )
    assert list(variant_labels(study).values()) == [
        "baseline (made/0)",
        "filters: 32; units: 16",
        "pools: 2 (made/2)",
        "pools: 2 (made/3)",
        "made/4",
    ]


def test_no_documented_label_is_too_long_to_read():
    """A figure shows all of a label of several factors, on a few lines."""
    for study in STUDIES:
        for label in variant_labels(study).values():
            shown = style.wrapped(label)
            assert shown.count("<br>") < 6
            assert "…" not in shown or len(varied_factors(study)) == 1
