"""What libraries write, kept as they wrote it: CI reads that, the evidence tests have it written anew.

A library takes half a minute to be imported and to train. Where what is kept in `tests/data/logs` is removed, the
evidence tests of a format put there what its library writes now.
"""

import os
import re
import socket
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

KEPT = Path(__file__).resolve().parent / "data" / "logs"
SAID = "said.txt"
_LEFT_OUT = re.compile(r"(^|/)home/|/basic-variant-state|\.(pkl|pt|pth|bin|safetensors|lock)$")
"""What no reader of ours opens."""
_ADDRESS = re.compile(rb"\b(?:[0-9]{1,3}\.){3}[0-9]{1,3}\b")

WRITTEN = ["kept", pytest.param("now", marks=pytest.mark.evidence)]
"""Parameters of a fixture: what is kept, and what the library writes now."""


def written(name: str, when: str, folder: Path, script: str, environment: Mapping[str, str] | None = None) -> str:
    """Fill `folder` with what `script` writes there, its argument; give what it prints.

    `when` is one of `WRITTEN`.
    """
    kept = KEPT / f"{name}.zip"
    if when == "kept":
        with zipfile.ZipFile(kept) as archive:
            archive.extractall(folder)
        return (folder / SAID).read_text(encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, "-c", script, str(folder)],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**os.environ, **(environment or {})},
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    (folder / SAID).write_text(ended.stdout, encoding="utf-8")
    if not kept.exists():
        _keep(folder, kept)
    return ended.stdout


def _keep(folder: Path, kept: Path) -> None:
    """Without the names of the machine that wrote it."""
    host = socket.gethostname()
    places = {str(folder): "/data", sys.prefix: "/venv", sys.base_prefix: "/python", host: "host"}
    kept.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            if path.is_file() and not _LEFT_OUT.search(name):
                content = path.read_bytes()
                if b"\0" not in content:
                    for place, word in places.items():
                        content = content.replace(place.encode(), word.encode())
                    content = _ADDRESS.sub(b"127.0.0.1", content)
                archive.writestr(name.replace(host, "host"), content)
