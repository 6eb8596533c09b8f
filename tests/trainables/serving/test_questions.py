"""What a served model may be asked, and what it says of anything else."""

import base64
import io
from pathlib import Path

import numpy as np
import pytest
import soundfile

from soundproof.trainables.serving.loader import QuestionError, check_columns, write_audio

TONE = np.sin(np.arange(800) / 7).astype(np.float32) / 2


def _flac() -> bytes:
    file = io.BytesIO()
    soundfile.write(file, TONE, 8000, format="FLAC")
    return file.getvalue()


def test_the_bytes_of_a_file_arrive_as_they_are(tmp_path: Path) -> None:
    """Base64 becomes the very file; columns that a data frame fills with NaN count as left out."""
    row = {"audio": base64.b64encode(_flac()).decode(), "samples": float("nan"), "sample_rate_hz": float("nan")}
    assert write_audio(row, 1, tmp_path).read_bytes() == _flac()


def test_samples_arrive_without_loss(tmp_path: Path) -> None:
    """Samples come back from the file bit by bit, at the rate that was named."""
    samples, rate = soundfile.read(
        write_audio({"samples": TONE.tolist(), "sample_rate_hz": 8000}, 1, tmp_path), dtype="float32"
    )
    assert rate == 8000
    np.testing.assert_array_equal(samples, TONE)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({}, "neither"),
        ({"audio": None}, "neither"),
        ({"audio": "AAAA", "samples": [0.0]}, "both"),
        ({"audio": "not base64!"}, "must be base64"),
        ({"samples": [0.0]}, "got None"),
        ({"samples": [0.0], "sample_rate_hz": 0}, "whole number"),
        ({"samples": [0.0], "sample_rate_hz": 8000.5}, "whole number"),
        ({"samples": [float("inf")], "sample_rate_hz": 8000}, "finite"),
        ({"samples": [[0.0]], "sample_rate_hz": 8000}, "one channel"),
        ({"samples": ["a"], "sample_rate_hz": 8000}, "finite"),
    ],
)
def test_other_questions_are_refused_by_row(row: dict, message: str, tmp_path: Path) -> None:
    """The row and what is wrong with it are named, and no file is left behind."""
    with pytest.raises(QuestionError, match=f"row 7.*{message}"):
        write_audio(row, 7, tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("columns", [[], ["wav"], ["sample_rate_hz"]])
def test_a_request_without_a_known_column_is_refused(columns: list[str]) -> None:
    """The columns expected are named; MLflow answers with status 400 and the message."""
    with pytest.raises(QuestionError, match="'audio'.*'samples' and 'sample_rate_hz'") as refused:
        check_columns(columns)
    assert refused.value.get_http_status_code() == 400
    assert str(refused.value) == refused.value.message


@pytest.mark.parametrize("columns", [["audio"], ["samples", "sample_rate_hz"], ["audio", "more"]])
def test_known_columns_are_taken(columns: list[str]) -> None:
    """Whatever else there is."""
    check_columns(columns)
