"""Clips with a value: scores that are scikit-learn's, training that learns them, and lines that cannot be used."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error
from training_runs import CLIP_FEATURES, clip_trial, run_to_end, small_network
from valued_clips import write_valued_clips

from soundproof.common import record
from soundproof.search_spaces.specs import (
    Cut,
    Mixup,
    Network,
    SpecError,
    Trial,
    ValuedClips,
)
from soundproof.trainables.corpora.corpus import CorpusError, Example
from soundproof.trainables.corpora.recorded.labelled_manifest import open_labelled_manifest
from soundproof.trainables.features import load, prepare
from soundproof.trainables.training.data.batches import FeatureData
from soundproof.trainables.training.data.splitting import split_examples
from soundproof.trainables.training.data.value_scale import ValueScale
from soundproof.trainables.training.engine import Training
from soundproof.trainables.training.tasks.valuing import value_scores
from soundproof.trainables.training.weights import scale_of

CPU = torch.device("cpu")
CUT = Cut(seconds=1.0)
NETWORK = small_network(1, 16)
FINITE = st.floats(-1e6, 1e6)


def _trial(corpus: ValuedClips, network: Network = NETWORK, **recipe) -> Trial:
    return clip_trial(corpus, network, **recipe)


@given(st.lists(st.tuples(FINITE, FINITE), min_size=2, max_size=30))
@settings(deadline=None, max_examples=50)
def test_the_scores_are_those_of_scikit_learn(pairs: list[tuple[float, float]]) -> None:
    """On any values; where all of the truth is one, there is no R2, which scikit-learn would call 0 or 1."""
    truth, said = np.array(pairs).T
    scores = value_scores(truth, said)
    assert scores[record.MEAN_ABSOLUTE_ERROR] == pytest.approx(mean_absolute_error(truth, said))
    assert scores[record.ROOT_MEAN_SQUARED_ERROR] == pytest.approx(root_mean_squared_error(truth, said))
    if len(set(truth)) == 1:
        assert record.R2 not in scores
    elif np.square(truth - truth.mean()).sum() > 1e-9:
        assert scores[record.R2] == pytest.approx(r2_score(truth, said))


@given(st.lists(FINITE, min_size=1, max_size=30))
@settings(deadline=None, max_examples=50)
def test_a_scale_gives_back_what_it_was_given(values: list[float]) -> None:
    """In standard units and back; those that train have mean 0 and deviation 1 there, unless they are all the same."""
    examples = [Example(key=str(number), target="", recording="", value=value) for number, value in enumerate(values)]
    scale = ValueScale.measured(examples, range(len(values)))
    standard = scale.standardised(np.array(values))
    assert [scale.in_units(value) for value in standard] == pytest.approx(values, abs=1e-6)
    if np.ptp(values) > 1e-3:
        assert (standard.mean(), standard.std()) == (pytest.approx(0, abs=1e-6), pytest.approx(1))


def test_pitches_are_learned(tmp_path: Path) -> None:
    """From the manifest to the record: the scale is that of who trains alone, scores are those of the predictions."""
    corpus = open_labelled_manifest(write_valued_clips(tmp_path / "clips", speakers=10), CUT)
    assert isinstance(corpus.spec, ValuedClips)
    data = FeatureData(load(prepare(corpus, CLIP_FEATURES, tmp_path / "features")), CPU)
    trial = _trial(corpus.spec)
    history, outcome = run_to_end(Training(trial, data))
    sides = split_examples(corpus.examples, trial)
    voices = [{corpus.examples[index].speaker for index in sides.of(side)} for side in ("train", "validation", "test")]
    assert sum(map(len, voices)) == len(set.union(*voices)) == 10
    train = np.array([corpus.examples[index].value for index in sides.train])
    assert outcome.weights is not None
    assert scale_of(outcome.weights) == ValueScale(mean=train.mean(), deviation=train.std())
    rows = outcome.predictions["test"]
    truth, said = [float(row["reference"]) for row in rows], [row["value"] for row in rows]
    assert [row["error"] for row in rows] == pytest.approx(np.subtract(said, truth))
    assert outcome.metrics[record.TEST_PREFIX + record.MEAN_ABSOLUTE_ERROR] == pytest.approx(
        mean_absolute_error(truth, said)
    )
    assert outcome.metrics[record.TEST_PREFIX + record.R2] == pytest.approx(r2_score(truth, said))
    assert outcome.metrics[record.TEST_PREFIX + record.R2] > 0.9
    squared = history[-1][record.VALIDATION_ROOT_MEAN_SQUARED_ERROR] / train.std()
    assert history[-1][record.VALIDATION_LOSS] == pytest.approx(squared**2, rel=1e-4)
    of_the_mean = outcome.metrics[record.MEAN_ANSWER_PREFIX + record.TEST_PREFIX + record.ROOT_MEAN_SQUARED_ERROR]
    assert of_the_mean == pytest.approx(root_mean_squared_error(truth, [train.mean()] * len(truth)))
    assert outcome.metrics[record.MEAN_ANSWER_PREFIX + record.VALIDATION_R2] <= 0
    again = run_to_end(Training(trial, data))
    mixed = run_to_end(Training(_trial(corpus.spec, augmentations=(Mixup(),)), data))
    assert again[1].predictions == outcome.predictions
    assert mixed[0][-1][record.TRAIN_LOSS] != history[-1][record.TRAIN_LOSS]


def test_weights_are_not_kept_by_an_accuracy_that_is_none() -> None:
    """Found out where the trial is made; so is a network of several outputs."""
    corpus = ValuedClips(cut=CUT)
    with pytest.raises(SpecError, match="a value have no accuracy"):
        _trial(corpus, keep="accuracy")
    with pytest.raises(SpecError, match="3 outputs"):
        _trial(corpus, replace(NETWORK, classes=3))
    assert _trial(corpus).trial_id != _trial(replace(corpus, content="x")).trial_id


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ('{"audio": "0.wav", "value": NaN}', "NaN"),
        ('{"audio": "0.wav", "value": true}', 'field "value" must be a finite number, got true'),
        ('{"audio": "0.wav", "value": "high"}', 'field "value" must be a finite number, got "high"'),
        (f'{{"audio": "0.wav", "value": 1{"0" * 400}}}', 'field "value" must be a finite number, got 1000'),
        ('{"audio": "0.wav"}', 'field "value" is missing: write {"audio": "clips/1.wav", "value": 0.5}'),
        ('{"audio": "0.wav", "value": 2, "label": "dog"}', 'every recording must have "value", or every one "label"'),
        ('{"audio": "0.wav", "labels": ["dog"]}', 'every recording must have "value", or every one "label"'),
    ],
)
def test_lines_that_cannot_be_used_are_named(tmp_path: Path, lines: str, problem: str) -> None:
    """Each with its number, and what is wrong."""
    manifest = write_valued_clips(tmp_path, 4)
    manifest.write_text('{"audio": "1.wav", "value": 3}\n' + lines)
    with pytest.raises(CorpusError) as refused:
        open_labelled_manifest(manifest, CUT)
    assert any(f"{manifest}:2: " in line and problem in line for line in str(refused.value).split("\n"))


def test_a_corpus_needs_two_values(tmp_path: Path) -> None:
    """And three recordings."""
    manifest = write_valued_clips(tmp_path, 4)
    manifest.write_text("".join(f'{{"audio": "{number}.wav", "value": 7.5}}\n' for number in range(2)))
    with pytest.raises(CorpusError, match=r"two different values, got 7\.5 alone") as refused:
        open_labelled_manifest(manifest, CUT)
    assert "expected at least 3 recordings with a value" in str(refused.value)


def test_numbers_are_labels_unless_values_are_asked_for(tmp_path: Path) -> None:
    """A column of ratings is one of classes; as a value it is one of numbers, and another answer stands aside."""
    write_valued_clips(tmp_path, 9)
    rows = "".join(f"{number}.wav,{number % 3},{number}.5\n" for number in range(9))
    (tmp_path / "table.csv").write_text("audio,label,level\n" + rows)
    table = tmp_path / "table.csv"
    of_classes = open_labelled_manifest(table, CUT, columns={"label": "label"})
    assert of_classes.spec.classes == ("0", "1", "2")
    rated = open_labelled_manifest(table, CUT, columns={"value": "label"})
    assert [example.value for example in rated.examples] == [0.0, 1.0, 2.0] * 3
    measured = open_labelled_manifest(table, CUT, columns={"value": "level"})
    assert [example.value for example in measured.examples] == [number + 0.5 for number in range(9)]
    assert "taken for nothing: label" in measured.remarks[0].text
    (tmp_path / "table.csv").write_text("audio,label,level\n0.wav,a,nan\n")
    with pytest.raises(CorpusError, match=r'table\.csv:2: field "value" (must be a finite number|is missing)'):
        open_labelled_manifest(table, CUT, columns={"value": "level"})
