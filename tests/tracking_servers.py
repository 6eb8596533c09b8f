"""A real MLflow server that can be killed and started again on the same port and file, and a gate before it."""

import http.server
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from mlflow.tracking import MlflowClient

from soundproof.common.empty_stores import copy_to

_NO_JOBS = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
"""In the environment: without them a server is one process instead of ten."""


class TrackingServer:
    """`mlflow server` on loopback over one SQLite file. Not started until `start`."""

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        """`environment` is the server's own; None gives it ours."""
        self._environment = {**(os.environ if environment is None else environment), **_NO_JOBS}
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.uri = f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Return when it answers."""
        copy_to(self.folder / "server.db")
        store = f"sqlite:///{self.folder / 'server.db'}"
        command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(self._port)]
        command += ["--backend-store-uri", store, "--artifacts-destination", str(self.folder / "served")]
        command += ["--workers", "1"]
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(
            command, env=self._environment, stdout=quiet, stderr=quiet, start_new_session=True
        )
        deadline = time.monotonic() + 120
        while True:
            try:
                with urllib.request.urlopen(f"{self.uri}/health"):
                    return
            except OSError:
                assert time.monotonic() < deadline, "the server did not start"
                time.sleep(0.2)

    def kill(self) -> None:
        """SIGKILL to it and its workers, if it runs."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None


class Gate:
    """What stands before a server, as a proxy that asks for credentials does: it lets all through, or nothing."""

    def __init__(self, uri: str, served_on: str) -> None:
        self.uri = uri
        self.served_on = served_on
        self.denies: int | None = None
        """The status with which everything is refused."""
        self.denied = 0
        """How often that was done."""


@contextmanager
def gate_before(server_uri: str) -> Iterator[Gate]:
    """A gate on loopback that stands open."""

    class Forward(http.server.BaseHTTPRequestHandler):
        def _forward(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if gate.denies is not None:
                gate.denied += 1
                self._answer(gate.denies, b"<html>who are you?</html>")
                return
            request = urllib.request.Request(server_uri + self.path, body or None, method=self.command)
            request.add_header("Content-Type", self.headers.get("Content-Type", "application/json"))
            try:
                with urllib.request.urlopen(request) as answer:
                    self._answer(answer.status, answer.read())
            except urllib.error.HTTPError as error:
                self._answer(error.code, error.read())

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _forward  # noqa: N815  # the library's names

        def log_message(self, *_: object) -> None:
            """Nothing."""

    listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Forward)
    gate = Gate(f"http://127.0.0.1:{listener.server_address[1]}", server_uri)
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    try:
        yield gate
    finally:
        listener.shutdown()
        listener.server_close()


def put_aside(server: TrackingServer, name: str) -> None:
    """Give what earlier tests recorded under a name another one."""
    client = MlflowClient(server.uri)
    earlier = client.get_experiment_by_name(name)
    if earlier is not None:
        client.rename_experiment(earlier.experiment_id, f"earlier {earlier.experiment_id}")
