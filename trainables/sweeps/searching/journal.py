"""The file that a search is remembered in: Optuna's journal, each line of which carries a digest of its own.

    {"op_code":6,"trial_id":3,"intermediate_value":71.25,...,"sha256":"9f86d081884c7d65"}

Optuna passes over what it does not know. The digests are compared when the file is opened: whoever opens it holds the
search, and reads nothing from it later that it has not written itself.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from soundproof.common.digests import DamagedError, digest_of
from soundproof.common.json_texts import parsed

_DIGEST = "sha256"
_CHARACTERS = 16


def open_journal(path: Path) -> JournalStorage:
    """The storage in the file `path`. Whoever calls holds the search: no other process may write to it.

    Raises `DamagedError` where a line is not what was written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _drop_half_line(path)
    for left in path.parent.glob(f"{path.name}.lock*"):  # by a process that died between locking and writing
        left.unlink()
    if path.exists():
        _check(path)
    return JournalStorage(_Journal(str(path)))


class _Journal(JournalFileBackend):
    """Optuna's, which writes digests too."""

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        """Write more."""
        super().append_logs([{**log, _DIGEST: _digest(log)} for log in logs])


def _digest(log: Mapping[str, Any]) -> str:
    """Of what JSON makes of it, which is read back."""
    return digest_of(json.dumps(json.loads(json.dumps(log))).encode())[:_CHARACTERS]


def _check(path: Path) -> None:
    """Earlier versions wrote no digests; once a line has one, all that follow do."""
    expected = False
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            log = parsed(line)
            written = log.pop(_DIGEST, None)
            whole = written == _digest(log) if written is not None else not expected
        except (ValueError, AttributeError, TypeError):
            whole = False
        if not whole:
            raise DamagedError(
                f"line {number} of {path}, by which a search knows its trials, is not what was written there: put the "
                "file back as it was, or move it away and give the same command again: the search then begins anew"
            )
        expected = written is not None


def _drop_half_line(path: Path) -> None:
    """Cut off a last line that was not written to its end: Optuna would append to it, and never read it again."""
    if not path.exists():
        return
    with path.open("r+b") as file:
        written = file.read()
        file.truncate(written.rfind(b"\n") + 1)
