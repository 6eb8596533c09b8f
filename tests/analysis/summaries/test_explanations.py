"""Pictures recorded with trials, on a real MLflow store: the best trials' are shown, and nothing else gets in."""

import base64
import json
import tempfile
from pathlib import Path

import pytest
from mlflow import MlflowClient

from soundproof.analysis.records.artifacts import Artifacts
from soundproof.analysis.records.loading import load_study
from soundproof.analysis.records.trials import RecordsError
from soundproof.analysis.reports import report_study
from soundproof.analysis.summaries.explanations import explained_trials, load_pictures
from soundproof.common import record
from soundproof.search_spaces import find_study

STUDY = find_study("esc-cnn-family")
HOSTILE = '"><script>alert(1)</script>'
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture(scope="module")
def client(writer):
    """A client of the session's store."""
    return MlflowClient(writer.tracking_uri)


@pytest.fixture(scope="module")
def explained(writer, client):
    """Two variants by three seeds; seeds 1 and 2 of both have pictures, one of them a broken index; a reused trial."""
    parent = writer.study(STUDY.id, preset="documented", corpus="explained", margin=0.02)
    first, second, third = (variant.id for variant in STUDY.variants[:3])
    for number, variant in enumerate((first, second)):
        for seed in range(3):
            metrics = {STUDY.metric: 0.5 + 0.1 * number + 0.01 * seed}
            run = writer.trial(parent, variant, seed, metrics=metrics)
            if seed:
                broken = (number, seed) == (1, 1)
                _explain(client, run, "{" if broken else None, title=f"{variant} {seed}")
    writer.trial(parent, third, 0, metrics={STUDY.metric: 0.1}, reused_from=run)
    return report_study(STUDY, writer.tracking_uri, "documented", "explained")


def _explain(client, run, index=None, *, title=HOSTILE, file="dog.png", content=PNG):
    """An index, of one picture where none is given, and that picture; the file is left out where it has no content."""
    folder = record.EXPLANATIONS_ARTIFACT
    client.log_text(
        run, index or json.dumps([{"file": file, "title": title, "caption": HOSTILE}]), f"{folder}/index.json"
    )
    if content is not None:
        with tempfile.TemporaryDirectory() as place:
            path = Path(place) / file
            path.write_bytes(content)
            client.log_artifact(run, str(path), folder)
    client.set_tag(run, record.EXPLAINED, "true")


def test_the_best_trials_come_first_and_broken_ones_are_passed_over(explained):
    """By the study's metric, an accuracy; a trial that was reused is not shown twice."""
    found = explained_trials(explained.summary, explained.records)
    first, second = (variant.id for variant in STUDY.variants[:2])
    assert [finding.pictures[0].title for finding in found] == [f"{second} 2", f"{first} 2", f"{first} 1"]
    assert [finding.seed for finding in found] == [2, 2, 1]
    assert found[0].pictures[0].png == PNG


def test_the_page_holds_the_pictures_with_words(explained, tmp_path):
    """As data, with alternative text, and what users wrote is text."""
    page = explained.write(tmp_path).read_text(encoding="utf-8")
    assert page.count('<img src="data:image/png;base64,iVBORw0KGgo') == 3
    assert page.count('alt="') == 3
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("../trial.json", None, "name of a file"),
        ("page.png", b"<svg onload=alert(1)>", "expected a PNG"),
        ("absent.png", None, "could not read it"),
    ],
)
def test_what_is_no_picture_is_refused(writer, client, file, content, message):
    """A path that leads elsewhere, another format, and a file that is not there."""
    name = f"explaining {message}"
    run = writer.trial(writer.study(name), "a", 0)
    _explain(client, run, file=file, content=content)
    records = load_study(writer.tracking_uri, name)
    with pytest.raises(RecordsError, match=message):
        load_pictures(Artifacts(records), *records.trials)
