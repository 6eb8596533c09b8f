"""The command that opens MLflow's own pages: `browse`."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Annotated

import typer

import soundproof.common.library_settings  # noqa: F401  # the server takes them over
from soundproof.api.options import DEFAULT_STORAGE, parse_tracking_uri
from soundproof.command_line.typer_options import StorageOption, TrackingOption
from soundproof.common.errors import UserError
from soundproof.common.store_schemas import before_writing
from soundproof.common.streams import styled
from soundproof.common.tracking_stores import opening, sqlite_file, why_missing

_START_SECONDS = 120.0
_STOP_SECONDS = 10.0
_OUTPUT_CHARACTERS = 2000
"""How much is shown of the output of a server that did not start."""


def browse(
    *,
    storage: StorageOption = DEFAULT_STORAGE,
    tracking_uri: TrackingOption = None,
    host: Annotated[str, typer.Option("--host", help="Loopback by default.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Where the pages are served.")] = 5000,
) -> None:
    """Open MLflow's own pages on the record. Stops on Ctrl-C."""
    from rich.console import Console

    uri = parse_tracking_uri(tracking_uri, storage)
    _refuse_server(uri)
    _refuse_missing(uri)
    _refuse_taken(host, port)
    before_writing(uri)
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    place = ["--host", host, "--port", str(port), "--workers", "1"]
    command = [sys.executable, "-m", "mlflow", "server", *place]
    with opening(uri, makes=False):
        pass  # it is made by now
    with _stopping_on_signals(), tempfile.TemporaryFile() as output, _server(command, uri, output) as server:
        with Console(file=styled(sys.stderr)).status(
            "starting MLflow's server\N{HORIZONTAL ELLIPSIS}"
        ):  # in a file, nothing
            _wait(lambda: server.poll() is not None or _answers(address), _START_SECONDS)
        if server.poll() is None:
            print(f"MLflow on {address} (Ctrl-C stops it)", file=sys.stderr)
            print('Studies and searches are under "Model training", at the top left', file=sys.stderr, flush=True)
        if server.wait():
            output.seek(max(0, output.seek(0, os.SEEK_END) - _OUTPUT_CHARACTERS))
            end = output.read().decode("utf-8", errors="replace")
            raise UserError(f"MLflow's server ended with status {server.returncode}. The end of its output:\n{end}")


def _refuse_server(uri: str) -> None:
    """Raise `UserError` where a server keeps the record, since another cannot show it."""
    from soundproof.analysis.pages.links import server_of

    server = server_of(uri)
    if server is not None:
        raise UserError(
            "--tracking-uri expects a store that MLflow's pages can be opened on, got a server, which has pages of "
            f"its own: open {server} in a browser"
        )


def _refuse_missing(uri: str) -> None:
    """Raise `UserError` where there is no store. Where it is no file, MLflow is asked, which takes seconds to load."""
    missing = why_missing(uri)
    if missing is not None:
        raise UserError(missing)
    if sqlite_file(uri) is None:
        from soundproof.analysis.records.finding import open_client

        open_client(uri)


def _refuse_taken(host: str, port: int) -> None:
    """Raise `UserError` where nothing can listen there."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as error:  # names that no domain can have are not even looked up
        raise UserError(
            f"--host expects a name or an address of this machine, got {host!r}, which leads nowhere: leave it out for "
            "this machine alone, or give 0.0.0.0 for all that reach it"
        ) from error
    try:
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise UserError(
            f"MLflow's pages need an address that is free, and {host}:{port} is not ({error.strerror}): "
            f"name another --port, such as {port % 65535 + 1}"
        ) from error


@contextmanager
def _stopping_on_signals() -> Iterator[None]:
    """Leave quietly, with status 0, when the user or the system asks for it: there is nothing to be saved.

    Who asks twice does not hurry it, since the server's processes would stay.
    """

    def leave(*_: object) -> None:
        for asked in before:
            signal.signal(asked, signal.SIG_IGN)
        raise typer.Exit(0)

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        for number in before:
            signal.signal(number, leave)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _server(command: list[str], uri: str, output: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """The server of a store, in a process group of its own, all of which is gone when this is left.

    It reads the address from its environment: whoever lists processes sees their arguments, and there may be a password
    in it.
    """
    environment = os.environ | {
        "MLFLOW_BACKEND_STORE_URI": uri,
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",  # its jobs are those of chats
    }
    process = subprocess.Popen(  # noqa: S603  # no shell, our own words
        command, stdout=output, stderr=output, env=environment, start_new_session=True
    )
    try:
        yield process
    finally:
        _signal_group(process.pid, signal.SIGTERM)
        _wait(lambda: process.poll() is not None and not _signal_group(process.pid, 0), _STOP_SECONDS)
        _signal_group(process.pid, signal.SIGKILL)
        process.wait()


def _signal_group(group: int, number: int) -> bool:
    """Send a signal to all processes of a group; says whether there was any."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True


def _answers(address: str) -> bool:
    """Whether it does: asked by no proxy, whatever the address, since the server is on this machine."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(f"{address}/health", timeout=5):
            return True
    except OSError:
        return False


def _wait(done: Callable[[], bool], seconds: float) -> None:
    gives_up = time.monotonic() + seconds
    while not done() and time.monotonic() < gives_up:
        time.sleep(0.1)
