"""Names as the record has them, and as the command line takes them."""

from __future__ import annotations

import pytest

from analysis.labels import corpus_argument, preset_argument, preset_name


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
    ],
)
def test_corpora_as_the_command_line_takes_them(corpus, argument):
    """Kinds with files get a place for them, and a split that is not the usual one its option."""
    assert corpus_argument(corpus) == argument


def test_every_corpus_of_the_command_line_is_known():
    """What needs a path there gets one here: a name that is new there fails here."""
    opening = pytest.importorskip("trainables.corpora.opening")
    for name in opening.CORPORA:
        label = f"{name}-x" if name in ("folder", "manifest") else name
        assert (":" in corpus_argument(label)) is (name not in opening.EMBEDDED)
    for split in opening.SPLITS:
        assert corpus_argument(f"esc10.{split}") == f"esc10:PATH --split {split}"


@pytest.mark.parametrize(
    ("preset", "argument"),
    [("quick", "quick"), ("documented-100-epochs", "documented --epochs 100"), ("smoke-1-epochs", "smoke --epochs 1")],
)
def test_a_limit_of_epochs_is_an_option(preset, argument):
    """The record's label is no preset that the command line knows."""
    assert preset_argument(preset) == argument
    assert preset_name(preset) == argument.split()[0]
