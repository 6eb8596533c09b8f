"""What is hidden of addresses, and what is not."""

import pytest

from soundproof.command_line.exit_status import exit_with_status
from soundproof.common.errors import UserError
from soundproof.common.passwords import without_passwords


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("http://ann:pass@host:5000/x", "http://***@host:5000/x"),
        ("'https://token@host'", "'https://***@host'"),
        ("postgresql+psycopg2://ann:p%40ss@host/db", "postgresql+psycopg2://***@host/db"),
        ("http://ann:p@ss@host/x", "http://***@host/x"),
        ("http://ann:pa/ss?w#rd@host/x", "http://***@host/x"),
        ("https://host/x?api_token=abc&page=2", "https://host/x?api_token=***&page=2"),
        ("postgresql://host/db?user=ann&password=pass", "postgresql://host/db?user=ann&password=***"),
    ],
)
def test_what_may_be_secret_is_hidden(text: str, shown: str) -> None:
    """Names, passwords and tokens, with escapes or without."""
    assert without_passwords(f"no answer from {text} today") == f"no answer from {shown} today"


@pytest.mark.parametrize(
    "text",
    [
        "sqlite:////data/a:b@c/mlflow.db",
        "http://127.0.0.1:5000/ann@host",
        "http://[::1]:5000/ann@host",
        "ask ann@host: see https://host/x?page=2",
        "mlflow-artifacts:/1/a@b/artifacts",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    """Paths, ports, and signs in their ordinary use."""
    assert without_passwords(text) == text


def test_what_mlflow_is_given_beside_the_address_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server's answer may quote it."""
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "dapi0123456789")
    assert without_passwords("unknown token dapi0123456789") == "unknown token ***"


def test_no_error_has_a_password(capsys: pytest.CaptureFixture[str]) -> None:
    """Neither what a user can cause, nor a fault of ours with its traceback."""
    assert str(UserError("the store 'http://ann:pass@host' is away")) == "the store 'http://***@host' is away"

    def fail() -> None:
        raise RuntimeError("http://ann:pass@host said no")

    with pytest.raises(SystemExit) as ended:
        exit_with_status(fail)
    assert ended.value.code == 1
    told = capsys.readouterr().err
    assert "Traceback" in told
    assert "RuntimeError: http://***@host said no" in told
    assert "pass@" not in told.replace("raise RuntimeError", "")
