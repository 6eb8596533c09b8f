"""Clips with several labels: scores that are scikit-learn's, and training that learns them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.metrics import average_precision_score, f1_score
from tagged_clips import PITCHES, write_tagged_clips
from training_runs import CLIP_FEATURES, clip_trial, run_to_end, small_network

from soundproof.common import record
from soundproof.search_spaces.specs import (
    Cut,
    Mixup,
    SpecError,
    TaggedClips,
    Trial,
)
from soundproof.trainables.corpora.corpus import CorpusError
from soundproof.trainables.corpora.recorded.labelled_manifest import open_labelled_manifest
from soundproof.trainables.features import load, prepare
from soundproof.trainables.training.data.batches import FeatureData
from soundproof.trainables.training.engine import Training
from soundproof.trainables.training.tasks.detection import equal_error_rate
from soundproof.trainables.training.tasks.tagging import label_scores

CPU = torch.device("cpu")


def _trial(corpus: TaggedClips, **recipe) -> Trial:
    return clip_trial(corpus, small_network(3), **recipe)


def test_the_scores_are_those_of_scikit_learn() -> None:
    """On random tables; a label that no example has takes no part, where scikit-learn would call it 0."""
    random = np.random.default_rng(0)
    for _ in range(20):
        truth, probabilities = random.random((30, 5)) < 0.3, random.random((30, 5)).round(1)
        truth[0], truth[:, 4] = True, False
        given = probabilities[:, :4] >= 0.5
        detected = [(truth[:, label], probabilities[:, label]) for label in range(4) if not truth[:, label].all()]
        assert label_scores(truth, probabilities) == {
            record.MEAN_AVERAGE_PRECISION: pytest.approx(average_precision_score(truth[:, :4], probabilities[:, :4])),
            record.MACRO_F1: pytest.approx(f1_score(truth[:, :4], given, average="macro", zero_division=0.0)),
            record.MICRO_F1: pytest.approx(f1_score(truth[:, :4], given, average="micro", zero_division=0.0)),
            record.EQUAL_ERROR_RATE: pytest.approx(np.mean([equal_error_rate(*pair) for pair in detected])),
        }


def test_tones_are_learned(tmp_path: Path) -> None:
    """From the manifest to the record: what was put in is counted, learned, and scored as scikit-learn does."""
    corpus = open_labelled_manifest(write_tagged_clips(tmp_path / "clips"), Cut(seconds=1.0))
    assert corpus.spec.classes == tuple(sorted(PITCHES))
    assert len(corpus.examples) == 28
    assert [sum(name in one.labels for one in corpus.examples) for name in corpus.spec.classes] == [16, 16, 16]
    data = FeatureData(load(prepare(corpus, CLIP_FEATURES, tmp_path / "features")), CPU)
    trial = _trial(corpus.spec)
    history, outcome = run_to_end(Training(trial, data))
    assert outcome.metrics[record.TEST_PREFIX + record.MEAN_AVERAGE_PRECISION] > 0.95
    assert record.VALIDATION_MICRO_F1 in history[-1]
    rows = outcome.predictions["test"]
    truth = [[name in row["reference"].split("; ") for name in corpus.spec.classes] for row in rows]
    scores = [list(row["probabilities"].values()) for row in rows]
    assert outcome.metrics[record.TEST_PREFIX + record.MEAN_AVERAGE_PRECISION] == pytest.approx(
        average_precision_score(truth, scores, average="macro")
    )
    again, mixed = (
        run_to_end(Training(trial, data)),
        run_to_end(Training(_trial(corpus.spec, augmentations=(Mixup(),)), data)),
    )
    assert again[1].predictions == outcome.predictions
    assert mixed[0][-1][record.TRAIN_LOSS] != history[-1][record.TRAIN_LOSS]


def test_weights_are_not_kept_by_an_accuracy_that_is_none() -> None:
    """Found out where the trial is made."""
    corpus = TaggedClips(cut=Cut(seconds=1.0), classes=("a", "b", "c"))
    with pytest.raises(SpecError, match="several labels have no accuracy"):
        _trial(corpus, keep="accuracy")
    assert _trial(corpus).trial_id != _trial(replace(corpus, content="x")).trial_id


def test_lines_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    """Each with its number, what is wrong and how a line looks."""
    lines = [
        '{"audio": "0.wav", "labels": true}',
        '{"audio": "0.wav"}',
        "[]",
        '{"audio": "0.wav", "labels": ["a,b"]}',
        "{",
    ]
    manifest = write_tagged_clips(tmp_path)
    manifest.write_text("\n".join(lines))
    with pytest.raises(CorpusError) as refused:
        open_labelled_manifest(manifest, Cut(seconds=1.0))
    for lines_named, words in (
        (": lines 1, 4 (2): ", "list of names"),
        (":2: ", '"label" or "labels" is missing'),
        (":3: ", "must be an object"),
        (":5: ", "must be JSON"),
    ):
        assert any(f"{manifest}{lines_named}" in line and words in line for line in str(refused.value).split("\n"))
