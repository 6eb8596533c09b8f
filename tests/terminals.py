"""Commands that are typed in a terminal."""

import os
import pty
import subprocess
from pathlib import Path


def in_terminal(folder: Path, command: str, environment: dict[str, str]) -> tuple[int, str]:
    """The status, and all that a terminal of 80 columns was sent."""
    parent, child = pty.openpty()
    environment = environment | {"COLUMNS": "80", "TERM": "xterm-256color"}
    process = subprocess.Popen(
        ["bash", "-c", f"exec {command}"], cwd=folder, stdin=child, stdout=child, stderr=child, env=environment
    )
    os.close(child)
    sent = b""
    while True:
        try:
            piece = os.read(parent, 65536)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        sent += piece
    os.close(parent)
    return process.wait(), sent.decode()
