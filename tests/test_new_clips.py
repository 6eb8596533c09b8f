"""A small study that is really trained, on spoken keywords: its report asks for new speakers too."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from training_runs import run_to_end

from soundproof.analysis.reports import report_study
from soundproof.analysis.study_report import StudyReport
from soundproof.common import record
from soundproof.search_spaces import PRESETS, expand
from soundproof.search_spaces.custom import make_study
from soundproof.search_spaces.specs import Adam, GroupSplit, MelSpectrogram, Recipe, SyntheticKeywords
from soundproof.search_spaces.specs.classifiers import FeedForward
from soundproof.trainables.corpora.embedded.synthetic_keywords import make_synthetic_keywords
from soundproof.trainables.features import load, prepare
from soundproof.trainables.sweeps.outbox.results import collect, leave
from soundproof.trainables.sweeps.storage import Storage
from soundproof.trainables.sweeps.tracking import Tracker
from soundproof.trainables.sweeps.tracking.heading import Heading
from soundproof.trainables.training.data.batches import FeatureData
from soundproof.trainables.training.engine import Training

SEEDS, SPEAKERS, OF_A_CLASS = 3, 4, 4
CORPUS = SyntheticKeywords(
    train_clips_per_class=3,
    validation_clips_per_class=1,
    test_clips_per_class=OF_A_CLASS,
    train_speakers=6,
    validation_speakers=2,
    test_speakers=SPEAKERS,
)
STUDY = make_study(
    id="sizes",
    question="Does a wider layer understand more?",
    domain="keywords",
    networks={"narrow": FeedForward(dense=(2,), classes=12), "wide": FeedForward(dense=(64,), classes=12)},
    features=MelSpectrogram(sample_rate_hz=8000, window_samples=512, hop_samples=512, mel_bands=16),
    recipe=Recipe(optimizer=Adam(learning_rate=3e-3), batch_size=12),
    epochs=6,
)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> StudyReport:
    """Two variants by three seeds, every trial trained and delivered as a sweep does it."""
    folder = tmp_path_factory.mktemp("storage")
    storage, preset = Storage(root=folder), PRESETS["keywords"]["smoke"]
    heading = Heading(
        kind=record.KIND_STUDY,
        id=STUDY.id,
        question=STUDY.question,
        preset=preset.label,
        corpus="synthetic-keywords",
        margin=0.02,
        design=str(SEEDS),
    )
    tracker = Tracker(storage.tracking_uri, heading, storage.artifacts)
    store = load(prepare(make_synthetic_keywords(CORPUS), STUDY.variants[0].features, folder / "features", workers=1))
    for planned in expand(STUDY, preset, CORPUS, GroupSplit(), range(SEEDS)):
        history, outcome = run_to_end(Training(planned.trial, FeatureData(store, torch.device("cpu"))))
        result = collect(leave(storage.outbox(STUDY.id), planned.trial, outcome, history, "cpu"))
        tracker.deliver(result, preset.variant(STUDY.variant(planned.variant_id)), None)
    tracker.end()
    return report_study(STUDY, storage.tracking_uri)


def test_the_difference_is_that_of_the_recorded_accuracies(report: StudyReport) -> None:
    """What is counted from predictions is what the trials recorded: means over seeds of the test accuracy."""
    assert report.clips is not None
    (chance,) = report.clips.pairs.values()
    means = [
        sum(report.records.values(variant, record.TEST_ACCURACY).values()) / SEEDS
        for variant in (chance.first, chance.second)
    ]
    assert chance.seeds == tuple(range(SEEDS))
    assert chance.effect == pytest.approx(means[0] - means[1])
    assert chance.over_seeds is not None
    assert chance.over_clips is not None


def test_the_split_is_that_of_the_corpus(report: StudyReport) -> None:
    """Speakers and clips of the test part arrive in the record; noise without a speaker stands alone."""
    assert report.clips is not None
    assert report.clips.grouping == "speaker"
    assert report.clips.clips == OF_A_CLASS * len(CORPUS.classes)
    assert report.clips.alone == OF_A_CLASS
    assert report.clips.groups == SPEAKERS + OF_A_CLASS


def test_the_page_and_the_json_have_it(report: StudyReport, tmp_path: Path) -> None:
    """The section stands on the page with its slices, and `report.json` holds the same numbers."""
    page = report.write(tmp_path).read_text(encoding="utf-8")
    plain: dict[str, Any] = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert '<h2 id="new-clips">New clips</h2>' in page
    assert f"{OF_A_CLASS * len(CORPUS.classes)} clips of {SPEAKERS} speakers ({OF_A_CLASS} clips of no" in page
    assert "Slices of the test clips" in page
    (claim,) = plain["claims"]
    kinds = [part["kind"] for part in claim["new_clips"]["slices"]]
    assert (kinds.count("class"), kinds.count("speaker")) == (len(CORPUS.classes), SPEAKERS)
    assert len(claim["new_clips"]["seed_tests"]) == SEEDS
