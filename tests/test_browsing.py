"""Whether the pages answer, asked in an odd network."""

import http.server
import threading

import pytest

from soundproof.command_line.browsing import _answers


class _Healthy(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/health" else 502)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


def test_no_proxy_stands_before_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy is asked for everything, and is not even there: the server on loopback is seen all the same."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with http.server.HTTPServer(("127.0.0.1", 0), _Healthy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}"
        assert _answers(address)
        assert not _answers(f"{address}/elsewhere")
        server.shutdown()
