"""What is printed below a report: commands that do something when they are pasted."""

import shlex
from dataclasses import replace
from pathlib import Path

import pytest
from finished_studies import write_finished_study

from soundproof.analysis.reports import report_study
from soundproof.analysis.study_report import StudyReport
from soundproof.analysis.summaries.study import summarise
from soundproof.api.options import MOST_SEEDS, RunOptions, Seeds
from soundproof.command_line.browsing import browse
from soundproof.command_line.running import next_steps
from soundproof.common.errors import UserError
from soundproof.search_spaces import find_study
from soundproof.trainables.sweeps.storage import Storage
from soundproof.trainables.training.settings import TrainingSettings

STUDY = find_study("asr-merge-mode")
GO_ON = "Go on until every claim is decided"
BROWSE = "Browse the record"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> StudyReport:
    """The report of a study with two seeds of every variant, which decide nothing, as at the quick preset."""
    storage = Storage(root=tmp_path_factory.mktemp("storage"))
    write_finished_study(STUDY, storage, seeds=2)
    records = replace(report_study(STUDY, storage.tracking_uri).records, preset="quick")
    return StudyReport(records=records, summary=summarise(STUDY, records))


def _on(made: StudyReport, tracking_uri: str) -> StudyReport:
    return replace(made, records=replace(made.records, tracking_uri=tracking_uri))


@pytest.mark.parametrize(
    ("options", "limit"),
    [
        (RunOptions(seeds=2), 5),
        (RunOptions(seeds=40), 80),
        (RunOptions(until_decided=True), 60),
        (RunOptions(until_decided=True, max_seeds=9), 18),
        (RunOptions(seeds=9000), MOST_SEEDS),
    ],
)
def test_going_on_raises_the_limit(options: RunOptions, limit: int, made: StudyReport) -> None:
    """The same limit again would train nothing."""
    words = shlex.split(next_steps(made, options, Seeds.parse(options))[GO_ON])
    assert words == ["python", "run_search.py", "run", STUDY.id, "--until-decided", "--max-seeds", str(limit)]


def test_going_on_is_on_the_same_record(made: StudyReport) -> None:
    """All that says what is trained and recorded is repeated; what is given without a value is written so."""
    options = RunOptions(
        preset="documented",
        corpus="folder:my voices",
        split="random",
        epochs=3,
        training=TrainingSettings(epoch_seconds=90.0, norms=True),
        skip_broken=True,
        storage=Path("my store"),
        quiet=True,
        seeds=2,
    )
    step = next_steps(made, options, Seeds.parse(options), Path("my_study.py"))[GO_ON]
    assert step == (
        f"python run_search.py run {STUDY.id} --until-decided --max-seeds 5 --preset documented "
        "--corpus 'folder:my voices' --split random --epochs 3 --epoch-seconds 90.0 --norms --skip-broken "
        "--file my_study.py --storage 'my store'"
    )


def test_after_smoke_comes_a_size_that_decides(made: StudyReport) -> None:
    """More seeds of a smoke run would decide nothing; its epochs are not those of a larger one."""
    options = RunOptions(preset="smoke", corpus="fsdd:digits", epochs=1, storage=Path("my-store"), seeds=2)
    first, *_ = next_steps(made, options, Seeds.parse(options)).values()
    assert first == (f"python run_search.py run {STUDY.id} --preset quick --corpus fsdd:digits --storage my-store")


def test_a_record_in_a_file_is_browsed(made: StudyReport) -> None:
    """Where it lies is repeated."""
    options = RunOptions(storage=Path("my-store"))
    assert next_steps(made, options, Seeds.parse(options))[BROWSE] == "python run_search.py browse --storage my-store"


@pytest.mark.parametrize(
    ("uri", "address"),
    [
        ("http://127.0.0.1:5000", "http://127.0.0.1:5000"),
        ("https://someone:secret@mlflow.example/lab/", "https://mlflow.example/lab"),
    ],
)
def test_a_record_on_a_server_has_pages_already(uri: str, address: str, made: StudyReport) -> None:
    """The next step leads to them, and `browse`, which could start nothing on them, says where they are."""
    options = RunOptions(tracking_uri=uri)
    assert next_steps(_on(made, uri), options, Seeds.parse(options))[BROWSE] == f"open {address}"
    with pytest.raises(UserError, match=f"open {address} in a browser"):
        browse(tracking_uri=uri)


@pytest.mark.parametrize("host", ["a..b", "a" * 64, "no.such.host.invalid"])
def test_a_host_that_leads_nowhere_is_refused(host: str, made: StudyReport) -> None:
    """Python's own encoding of domain names, and a name that nobody knows."""
    with pytest.raises(UserError, match="--host expects a name or an address of this machine"):
        browse(tracking_uri=made.records.tracking_uri, host=host)
