"""What stands before a tracking server and passes everything on, until it is told to answer something else."""

import http.client
import http.server
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

MANNERS = (
    "401",
    "403",
    "429",
    "500 after processing",
    "502",
    "200 with a page",
    "hangs up before",
    "hangs up in the middle",
    "slow",
)
"""How it may answer."""
SLOW_SECONDS = 4.0
PAGE = b"<!doctype html><html><title>Please log in</title><p>Wait a moment.</html>"
_NOT_PASSED_ON = frozenset({"connection", "transfer-encoding", "content-length", "date", "server"})


@dataclass(kw_only=True)
class Order:
    """What is done to requests from the `first` on, counted from the order, and to how many."""

    manner: str
    first: int
    count: int
    at_first: Callable[[], object] = lambda: None
    """Called when the server has the first of them and its answer has not been read."""
    struck: list[str]
    """Methods and paths of requests to which it was done."""
    seen: int = 0


class Proxy:
    """On loopback before the server at `server_uri`, from `open` to `close`."""

    def __init__(self, server_uri: str) -> None:
        self._server = urlsplit(server_uri)
        self._order: Order | None = None
        self._lock = threading.Lock()
        self.in_flight: list[str] = []
        """Requests that have no answer yet."""
        self.requests = 0

        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _handle(self) -> None:
                with suppress(ConnectionError, TimeoutError, http.client.HTTPException):
                    proxy.answer(self)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _handle  # noqa: N815  # the library's names

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self._listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._listener.daemon_threads = True
        self._listener.handle_error = lambda *_: None  # type: ignore[method-assign]  # drivers die while they ask
        self.uri = f"http://127.0.0.1:{self._listener.server_address[1]}"

    def __enter__(self) -> "Proxy":
        threading.Thread(target=self._listener.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown()
        self._listener.server_close()

    def order(
        self, manner: str, *, first: int = 1, count: int = 1, at_first: Callable[[], object] = lambda: None
    ) -> Order:
        """Answer in this manner from the `first` request on that comes now, `count` times."""
        self._order = Order(manner=manner, first=first, count=count, at_first=at_first, struck=[])
        return self._order

    def as_usual(self) -> None:
        """Pass everything on."""
        self._order = None

    def answer(self, asked: http.server.BaseHTTPRequestHandler) -> None:
        """Answer one request, as it was ordered."""
        body = asked.rfile.read(int(asked.headers.get("Content-Length", 0)))
        named = f"{asked.command} {urlsplit(asked.path).path}"
        with self._lock:
            self.requests += 1
            self.in_flight.append(named)
            order, manner = self._order, "as usual"
            if order is not None:
                order.seen += 1
                if order.first <= order.seen < order.first + order.count:
                    manner = order.manner
                    order.struck.append(named)
            at_first = order.at_first if order is not None and len(order.struck) == 1 and manner != "as usual" else None
        try:
            self._answer(asked, body, manner, at_first)
        finally:
            with self._lock:
                self.in_flight.remove(named)

    def _answer(
        self,
        asked: http.server.BaseHTTPRequestHandler,
        body: bytes,
        manner: str,
        at_first: Callable[[], object] | None,
    ) -> None:
        match manner:
            case "401" | "403" | "429" | "502":
                _say(asked, int(manner), PAGE, {"Content-Type": "text/html"})
            case "200 with a page":
                _say(asked, 200, PAGE, {"Content-Type": "text/html"})
            case "hangs up before":
                asked.close_connection = True
            case "500 after processing":
                self._server_says(asked, body, at_first)
                _say(asked, 500, b'{"error_code": "INTERNAL_ERROR", "message": "a fault"}', {})
            case _:
                if manner == "slow":
                    time.sleep(SLOW_SECONDS)
                status, said, headers = self._server_says(asked, body, at_first)
                _say(asked, status, said, headers, whole=manner != "hangs up in the middle")

    def _server_says(
        self, asked: http.server.BaseHTTPRequestHandler, body: bytes, at_first: Callable[[], object] | None
    ) -> tuple[int, bytes, dict[str, str]]:
        connection = http.client.HTTPConnection(self._server.hostname or "", self._server.port, timeout=60)
        headers = {name: value for name, value in asked.headers.items() if name.lower() not in _NOT_PASSED_ON}
        try:
            connection.request(asked.command, asked.path, body or None, headers)
            if at_first is not None:
                at_first()
            answer = connection.getresponse()
            passed_on = {name: value for name, value in answer.getheaders() if name.lower() not in _NOT_PASSED_ON}
            return answer.status, answer.read(), passed_on
        except (OSError, http.client.HTTPException):
            asked.close_connection = True
            raise ConnectionResetError("the server is away") from None
        finally:
            connection.close()


def _say(
    asked: http.server.BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str], *, whole: bool = True
) -> None:
    asked.send_response(status)
    for name, value in headers.items():
        asked.send_header(name, value)
    asked.send_header("Content-Length", str(len(body) if whole else max(len(body), 2)))
    asked.end_headers()
    asked.wfile.write(body if whole else body[: len(body) // 2])
    if not whole:
        asked.close_connection = True
