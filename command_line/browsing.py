"""The command that opens MLflow's own pages: `browse`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from command_line.options import DEFAULT_STORAGE, StorageOption, TrackingOption
from command_line.parsing import parse_tracking_uri
from search_spaces.errors import UserError


def browse(
    *,
    storage: StorageOption = DEFAULT_STORAGE,
    tracking_uri: TrackingOption = None,
    host: Annotated[str, typer.Option("--host", help="Loopback by default.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535)] = 5000,
) -> None:
    """Open MLflow's own pages on the record. Stops on Ctrl-C."""
    uri = parse_tracking_uri(tracking_uri, storage)
    database = Path(uri.removeprefix("sqlite:///"))
    if uri.startswith("sqlite:///") and not database.exists():
        raise UserError(f"there is no record at {database}: run a study first, or name another --storage")
    print(f"MLflow on http://{host}:{port} (Ctrl-C stops it)", file=sys.stderr, flush=True)
    place = ["--host", host, "--port", str(port), "--workers", "1"]
    command = [sys.executable, "-m", "mlflow", "server", "--backend-store-uri", uri, *place]
    try:
        raise typer.Exit(subprocess.run(command, check=False).returncode)  # noqa: S603  # no shell, our own words
    except KeyboardInterrupt:
        raise typer.Exit(0) from None
