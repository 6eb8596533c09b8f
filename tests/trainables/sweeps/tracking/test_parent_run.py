"""A report on the run of its study, in a real store."""

from pathlib import Path

import pytest
from mlflow.tracking import MlflowClient

from soundproof.common import record
from soundproof.trainables.sweeps.tracking import Tracker
from soundproof.trainables.sweeps.tracking.heading import Heading
from soundproof.trainables.sweeps.tracking.outages import TrackingError
from soundproof.trainables.sweeps.tracking.parent_run import publish


def _tracker(uri: str, folder: Path, preset: str) -> Tracker:
    heading = Heading(kind=record.KIND_STUDY, id="it's a study", question="Why?", preset=preset, corpus="c", margin=1.0)
    tracker = Tracker(uri, heading, folder / "artifacts")
    tracker.end()
    return tracker


def _tags(preset: str) -> dict[str, str]:
    return {record.KIND: record.KIND_STUDY, record.STUDY: "it's a study", record.PRESET: preset, record.CORPUS: "c"}


def test_a_report_lies_on_its_own_run_alone(tmp_path: Path) -> None:
    """Description and files are those of the last report; the run of another preset, and the run's end, stay."""
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    quick, smoke = (_tracker(uri, tmp_path, preset) for preset in ("quick", "smoke"))
    client = MlflowClient(uri)
    ended = client.get_run(quick.parent_id).info.end_time
    page = tmp_path / "report.html"
    for text in ("first", "second"):
        page.write_text(text, encoding="utf-8")
        publish(uri, _tags("quick"), f"**{text}**", [page])
    run = client.get_run(quick.parent_id)
    assert run.data.tags[record.NOTE] == "**second**"
    assert Path(client.download_artifacts(run.info.run_id, "report.html")).read_text(encoding="utf-8") == "second"
    assert (run.info.status, run.info.end_time) == ("FINISHED", ended)
    assert client.get_run(smoke.parent_id).data.tags[record.NOTE] == "Why?"
    assert client.list_artifacts(smoke.parent_id) == []


def test_a_store_that_is_away_is_an_error_of_its_own() -> None:
    """So that whoever wants the report can do without."""
    with pytest.raises(TrackingError, match="could not be put into the tracking store"):
        publish("http://127.0.0.1:9", _tags("quick"), "", [])
