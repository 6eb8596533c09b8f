"""Which errors mean that the store is away, on real ones."""

import errno
import http.server
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy
from mlflow.exceptions import MlflowException
from mlflow.store.db.utils import _get_managed_session_maker
from mlflow.tracking import MlflowClient
from sqlalchemy.orm import sessionmaker

from soundproof.trainables.sweeps.tracking.outages import in_short, is_away, is_full, pauses


def _error(action: Callable[[], object]) -> Exception:
    with pytest.raises(Exception) as caught:  # noqa: PT011  # which one it is, is the question
        action()
    return caught.value


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def answering() -> Iterator[Callable[[int, bytes], str]]:
    """Starts a server that gives every request the same status and body."""
    servers = []

    def start(status: int, body: bytes) -> str:
        class Answer(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nothing."""

        server = http.server.HTTPServer(("127.0.0.1", 0), Answer)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_nobody_listens() -> None:
    """Connection refused: away, and the reason is short."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    error = _error(lambda: MlflowClient(f"http://127.0.0.1:{port}").search_experiments())
    assert is_away(error)
    assert "refused" in in_short(error).lower()


def test_nobody_answers_in_time(silent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A timeout: away."""
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
    assert is_away(_error(lambda: MlflowClient(silent).search_experiments()))


@pytest.mark.parametrize(
    ("status", "body", "away"),
    [
        (500, b'{"error_code": "INTERNAL_ERROR", "message": "m"}', True),
        (503, b'{"error_code": "TEMPORARILY_UNAVAILABLE", "message": "m"}', True),
        (502, b"<html>bad gateway</html>", True),
        (429, b"slowly", True),
        (400, b'{"error_code": "INVALID_PARAMETER_VALUE", "message": "m"}', False),
        (403, b"<html>no</html>", False),
        (404, b'{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "m"}', False),
    ],
)
def test_what_the_server_answers(answering: Callable[[int, bytes], str], status: int, body: bytes, away: bool) -> None:
    """What it cannot do now is away, what it will not do is wrong; with or without MLflow's own words."""
    uri = answering(status, body)
    assert is_away(_error(lambda: MlflowClient(uri).get_run("0" * 32))) == away


def _through_mlflow(path: Path, statement: str, *pragmas: str) -> Exception:
    """The error that MLflow's store raises for a statement."""
    engine = sqlalchemy.create_engine(f"sqlite:///{path}", connect_args={"timeout": 0})
    managed = _get_managed_session_maker(sessionmaker(bind=engine), "other")  # with "sqlite" it waits 20 s for a lock

    def execute() -> None:
        with managed(read_only=False) as session:
            for pragma in pragmas:
                session.execute(sqlalchemy.text(pragma))
            session.execute(sqlalchemy.text(statement))

    try:
        return _error(execute)
    finally:
        engine.dispose()


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A SQLite file with a table."""
    path = tmp_path / "store.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE kept (value TEXT)")
    return path


def test_a_locked_database_is_away(database: Path) -> None:
    """Another process holds it."""
    with closing(sqlite3.connect(database)) as other:
        other.execute("BEGIN EXCLUSIVE")
        error = _through_mlflow(database, "INSERT INTO kept VALUES ('x')")
    assert isinstance(error, MlflowException)
    assert is_away(error)
    assert not is_full(error)


def test_a_full_database_is_away(database: Path) -> None:
    """SQLite says so when it may not grow, as on a full disk."""
    error = _through_mlflow(database, "INSERT INTO kept VALUES (zeroblob(1000000))", "PRAGMA max_page_count = 2")
    assert "database or disk is full" in str(error)
    assert is_away(error)
    assert is_full(error)


def test_a_broken_database_is_wrong(database: Path) -> None:
    """A missing table does not come back, though MLflow calls this unavailable for now."""
    assert not is_away(_through_mlflow(database, "INSERT INTO missing VALUES (1)"))


def test_a_full_disk_is_away() -> None:
    """The device that is always full; a wrong path is wrong."""

    def write(path: str) -> None:
        with open(path, "wb", buffering=0) as file:
            file.write(b"x")

    error = _error(lambda: write("/dev/full"))
    assert isinstance(error, OSError)
    assert error.errno == errno.ENOSPC
    assert is_away(error)
    assert is_full(error)
    assert not is_away(_error(lambda: write("/nowhere/at/all")))
    assert not is_away(_error(lambda: MlflowClient("nonsense://nowhere")))


def test_pauses_grow_to_their_limit() -> None:
    """From half a second, doubled, up to ten."""
    found = pauses()
    assert [next(found) for _ in range(7)] == [0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0]
