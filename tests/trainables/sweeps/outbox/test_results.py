"""Finished trials in transit: whole or not at all."""

import csv
import hashlib
import io
import resource
import signal
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file

from soundproof.common import record
from soundproof.common.digests import DIGESTS
from soundproof.common.spreadsheets import harmless
from soundproof.search_spaces import PRESETS, expand, find_study, preset_of
from soundproof.search_spaces.specs import GroupSplit, Trial
from soundproof.trainables.sweeps.outbox.prediction_files import predictions_csv
from soundproof.trainables.sweeps.outbox.results import (
    OutboxError,
    collect,
    count_waiting,
    leave,
    leave_stopped,
    waiting,
)
from soundproof.trainables.training.engine import Outcome

OUTCOME = Outcome(
    status="completed",
    reason=None,
    metrics={"best/validation/loss": 12.5},
    weights={"dense.bias": torch.arange(3.0)},
    predictions={"validation": [{"key": "k", "speaker": None, "reference": "a", "hypothesis": "<b>", "cer": 1.0}]},
)
FILES = (record.WEIGHTS_ARTIFACT, record.PREDICTIONS_ARTIFACT, record.PREDICTIONS_TABLE_ARTIFACT)


@pytest.fixture
def trial() -> Trial:
    """Some trial."""
    preset = PRESETS["speech"]["smoke"]
    return next(expand(find_study("asr-merge-mode"), preset, preset.corpus, GroupSplit(), range(1))).trial


def test_what_is_left_is_collected(tmp_path: Path, trial: Trial) -> None:
    """Trial, metrics, history, weights and predictions arrive as they were sent."""
    history = [{"train/loss": 1.0}, {"train/loss": 0.5}]
    folder = leave(tmp_path, trial, OUTCOME, history, "cpu")
    trial_result = collect(folder)
    assert (trial_result.trial, trial_result.status, trial_result.metrics, trial_result.history) == (
        trial,
        "completed",
        OUTCOME.metrics,
        history,
    )
    assert {path.name for path in trial_result.artifacts.iterdir()} == {
        "predictions.csv",
        "predictions.json",
        "trial.json",
        "weights.safetensors",
    }
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in trial_result.artifacts.iterdir()}
    assert trial_result.digests == files
    assert torch.equal(load_file(trial_result.artifacts / "weights.safetensors")["dense.bias"], torch.arange(3.0))


@given(st.lists(st.tuples(st.text(), st.text(), st.one_of(st.none(), st.floats(0, 1))), min_size=1))
def test_a_table_of_predictions_has_every_row(rows: list[tuple[str, str, float | None]]) -> None:
    """Whatever is in a text, a reader of comma-separated values gets it back, and no cell begins a formula."""
    one = [{"key": key, "reference": said, "cer": cer} for key, said, cer in rows]
    text = predictions_csv({"validation": one, "test": one[:1]})
    read = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [row["partition"] for row in read] == ["validation"] * len(one) + ["test"]
    for row, (key, said, cer) in zip(read, [*rows, rows[0]], strict=True):
        assert [row["key"], row["reference"]] == [harmless(key), harmless(said)]
        assert row["cer"] == ("" if cer is None else str(cer))
        assert not row["reference"].startswith(("=", "@"))


def test_what_is_compared_stands_first() -> None:
    """Key, reference and answer are the first columns, whatever else a row says before them."""
    row = {"key": "a", "recording": "r", "speaker": "s", "reference": "dog", "hypothesis": "cat", "probability": 0.5}
    text = predictions_csv({"test": [row]})
    assert next(csv.reader(io.StringIO(text))) == [
        "key",
        "reference",
        "hypothesis",
        "partition",
        "recording",
        "speaker",
        "probability",
    ]
    assert list(csv.DictReader(io.StringIO(text))) == [{**row, "partition": "test", "probability": "0.5"}]


def test_a_classifier_leaves_its_confusion_matrix(tmp_path: Path) -> None:
    """A picture of what its test clips were taken for goes into the record."""
    study = find_study("esc-cnn-family")
    preset = preset_of(study, "smoke")
    trial = next(expand(study, preset, preset.corpus, GroupSplit(), range(1))).trial
    rows = [{"key": "k", "reference": "dog", "hypothesis": "rain", "probability": 0.4}]
    folder = leave(tmp_path, trial, replace(OUTCOME, predictions={"validation": rows, "test": rows}), [], "cpu")
    picture = (collect(folder).artifacts / record.CONFUSION_ARTIFACT).read_text()
    assert picture.startswith("<svg")
    assert ">rain<" in picture


def test_half_a_parcel_is_no_parcel(tmp_path: Path, trial: Trial) -> None:
    """What an actor was writing when it died is removed; what it had finished stays."""
    leave(tmp_path, trial, OUTCOME, [], "cpu")
    half = tmp_path / ".unfinished-x"
    half.mkdir()
    (half / "outcome.json").write_text("{")
    assert [trial_result.trial for trial_result in waiting(tmp_path)] == [trial]
    assert not half.exists()


def test_leaving_twice_replaces(tmp_path: Path, trial: Trial) -> None:
    """A trial that was trained again after a crash leaves one result."""
    leave(tmp_path, trial, OUTCOME, [], "cpu")
    leave(tmp_path, trial, OUTCOME, [{"train/loss": 1.0}], "cpu")
    (trial_result,) = waiting(tmp_path)
    assert len(trial_result.history) == 1
    trial_result.discard()
    assert waiting(tmp_path) == []


def test_who_asks_what_waits_may_be_ahead_of_who_discards(
    tmp_path: Path, trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both remove the same folder: the later one finds nothing, and that is no error."""
    leave(tmp_path, trial, OUTCOME, [], "cpu")
    (trial_result,) = waiting(tmp_path)
    rename = Path.rename

    def rename_and_lose(path: Path, target: Path) -> Path:
        renamed = rename(path, target)
        assert waiting(tmp_path) == []
        return renamed

    monkeypatch.setattr(Path, "rename", rename_and_lose)
    trial_result.discard()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("file", ["outcome.json", "record/trial.json"])
@pytest.mark.parametrize("content", [b"", b'{"status": "comp', b"\0" * 100, b"[]", None])
def test_a_parcel_that_the_disk_did_not_get_is_set_aside(
    file: str, content: bytes | None, tmp_path: Path, trial: Trial, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is told once and stands in nobody's way: other results are found, and the trial leaves another one."""
    other = replace(trial, seed=1)
    leave(tmp_path, other, OUTCOME, [], "cpu")
    for _ in range(2):
        broken = leave(tmp_path, trial, OUTCOME, [], "cpu") / file
        broken.unlink() if content is None else broken.write_bytes(content)
        assert [trial_result.trial for trial_result in waiting(tmp_path)] == [other]
        assert f"the outcome of trial {trial.trial_id} cannot be read" in capsys.readouterr().err
        assert count_waiting(tmp_path) == len(waiting(tmp_path)) == 1
        assert not capsys.readouterr().err
    leave(tmp_path, trial, OUTCOME, [], "cpu")
    assert len(waiting(tmp_path)) == 2


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    "file", ["outcome.json", "digests.json", *(f"record/{name}" for name in ("trial.json", *FILES))]
)
def test_one_flipped_bit_sets_a_parcel_aside(
    file: str, tmp_path: Path, trial: Trial, capsys: pytest.CaptureFixture[str]
) -> None:
    """Numbers, weights, predictions, the trial itself: whatever it is in, nothing of it reaches the record."""
    broken = leave(tmp_path, trial, OUTCOME, [{"train/loss": 1.0}], "cpu") / file
    _flip(broken)
    assert waiting(tmp_path) == []
    said = capsys.readouterr().err
    assert f"{broken} is not what was written there" in said
    assert said.endswith("and the trial is trained again\n")
    assert [path.name for path in tmp_path.iterdir()] == [f".unreadable-{trial.trial_id}"]


def test_a_parcel_of_an_earlier_version_is_delivered(tmp_path: Path, trial: Trial) -> None:
    """It has no digests, and nobody expects any."""
    folder = leave(tmp_path, trial, OUTCOME, [], "cpu")
    (folder / DIGESTS).unlink()
    (trial_result,) = waiting(tmp_path)
    assert (trial_result.trial, trial_result.digests) == (trial, {})


def test_no_outbox_holds_nothing(tmp_path: Path) -> None:
    """A sweep that never ran has nothing waiting."""
    assert waiting(tmp_path / "nowhere") == []


def test_a_stopped_trial_leaves_its_epochs_and_what_they_took(tmp_path: Path, trial: Trial) -> None:
    """No weights, no predictions, no final number but the seconds of its epochs."""
    history = [{"train/loss": 1.0, record.EPOCH_SECONDS: 2.0}, {"train/loss": 0.5, record.EPOCH_SECONDS: 3.0}]
    folder = leave_stopped(tmp_path, trial, "pruned", "worse than most", history)
    trial_result = collect(folder)
    assert (trial_result.trial, trial_result.status, trial_result.reason) == (trial, "pruned", "worse than most")
    assert (trial_result.metrics, trial_result.history) == ({record.TRAIN_SECONDS: 5.0}, history)
    assert [path.name for path in trial_result.artifacts.iterdir()] == [record.TRIAL_ARTIFACT]


def test_what_an_actor_left_stands_when_the_trial_is_stopped(tmp_path: Path, trial: Trial) -> None:
    """The actor was faster than the scheduler: its outcome is the trial's. The other way round it replaces."""
    leave(tmp_path, trial, OUTCOME, [], "cpu")
    folder = leave_stopped(tmp_path, trial, "pruned", "worse than most", [])
    assert collect(folder).status == "completed"
    collect(folder).discard()
    leave_stopped(tmp_path, trial, "pruned", "worse than most", [])
    assert collect(leave(tmp_path, trial, OUTCOME, [], "cpu")).status == "completed"
    assert not list(tmp_path.glob(".*"))


def test_where_there_is_no_room_nothing_is_left_and_the_error_says_so(tmp_path: Path, trial: Trial) -> None:
    """Files may be 10,000 bytes long, the weights are longer: an error for the user, and no half result."""
    large = replace(OUTCOME, weights={"dense.bias": torch.zeros(100_000)})
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
        with pytest.raises(OutboxError, match=f"{trial.trial_id} could not be written to {tmp_path}.*Free some space"):
            leave(tmp_path, trial, large, [], "cpu")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert list(tmp_path.iterdir()) == []
    leave(tmp_path, trial, large, [], "cpu")
    assert count_waiting(tmp_path) == 1
