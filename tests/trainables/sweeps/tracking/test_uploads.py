"""Files that a store says it took, and those that it has."""

import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from soundproof.trainables.sweeps.tracking.outages import may_be_written_later
from soundproof.trainables.sweeps.tracking.uploads import upload

PLACE = "/api/2.0/mlflow-artifacts/artifacts"
PAGE = b"<html>please log in</html>"


class Store:
    """What MLflow's server does with files, and how often a page is answered in its place."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.pages: set[str] = set()
        """Methods that are answered by a page, once each."""
        self.uri = ""


@pytest.fixture
def store() -> Iterator[Store]:
    """One on loopback."""
    held = Store()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            (below,) = parse_qs(urlsplit(self.path).query)["path"]
            names = {
                name.removeprefix(f"{below}/"): data for name, data in held.files.items() if name.startswith(below)
            }
            files = [{"path": name, "is_dir": False, "file_size": len(data)} for name, data in names.items()]
            self._answer(json.dumps({"files": [file for file in files if "/" not in str(file["path"])]}).encode())

        def do_PUT(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            if self.command not in held.pages:
                held.files[self.path.removeprefix(f"{PLACE}/")] = content
            self._answer(b"{}")

        def _answer(self, body: bytes) -> None:
            if self.command in held.pages:
                held.pages.remove(self.command)
                body = PAGE
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    held.uri = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield held
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("method", ["PUT", "GET"])
def test_a_page_in_the_place_of_the_store_is_an_outage(tmp_path: Path, store: Store, method: str) -> None:
    """With status 200, which MLflow believes: the same upload later succeeds, folders in it included."""
    (tmp_path / "deep" / "empty").mkdir(parents=True)
    (tmp_path / "weights").write_bytes(b"0123")
    (tmp_path / "deep" / "clip").write_bytes(b"sound")
    uri = f"{store.uri}{PLACE}/1/run/artifacts"
    store.pages = {method}
    with pytest.raises(Exception) as raised:  # noqa: PT011  # of two libraries
        upload(tmp_path, uri, store.uri)
    assert may_be_written_later(raised.value)
    upload(tmp_path, uri, store.uri)
    assert store.files == {"1/run/artifacts/weights": b"0123", "1/run/artifacts/deep/clip": b"sound"}
