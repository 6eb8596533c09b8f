"""The folder of one run: what was started there, how it ended, and what it came to.

    pid           the shell that waits for the program, and the machine: `1234 host`
    stdout.txt    what it printed; stderr.txt the rest
    exit_status   there once it has ended; renamed into place, so never half written
    stop          put there by whoever wants it to end: the reason
    outcome.json  what the run came to: from then on it is never started again

Anything else in it is the program's own.
"""

import hashlib
import json
import logging
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from soundproof.common.digests import DamagedError, check_digest, digest_of
from soundproof.common.json_texts import parsed
from soundproof.common.record import STATUSES, Status
from soundproof.common.whole_files import write_whole

_log = logging.getLogger(__name__)

_DIGEST = "sha256"
"""In `outcome.json`, of all else in it."""

_SAFE = re.compile(r"[^A-Za-z0-9.=+-]+")
_LONGEST = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What a run came to: its status, its value where it is comparable, why it is not, and when.

    `seconds` is None where nobody saw both ends.
    """

    variant: str
    seed: int
    status: Status
    value: float | None
    reason: str | None
    seconds: float | None
    ended_at_milliseconds: int


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Paths below a run's folder, and what they hold."""

    path: Path

    @classmethod
    def of(cls, root: Path, variant: str, seed: int) -> "RunFolder":
        """That of a variant and a seed, whatever the variant is called."""
        return cls(root / _slug(variant) / f"seed-{seed}")

    @property
    def stdout(self) -> Path:
        """What the program printed."""
        return self.path / "stdout.txt"

    @property
    def stderr(self) -> Path:
        """What it said beside that."""
        return self.path / "stderr.txt"

    @property
    def exit_status(self) -> int | None:
        """How the program ended; None while it has not."""
        try:
            return int((self.path / "exit_status").read_text())
        except (OSError, ValueError):
            return None

    @property
    def shell(self) -> tuple[int, str] | None:
        """The process that waits for the program, and the machine that it is on; None where none was started."""
        try:
            pid, host = (self.path / "pid").read_text().split()
            return int(pid), host
        except (OSError, ValueError):
            return None

    @property
    def seconds(self) -> float | None:
        """From start to end, by the times of the files that mark them."""
        try:
            began, ended = (self.path / name for name in ("pid", "exit_status"))
            return max(0.0, ended.stat().st_mtime - began.stat().st_mtime)
        except OSError:
            return None

    @property
    def stop_reason(self) -> str | None:
        """Why somebody wants the run to end; None where nobody does."""
        try:
            return (self.path / "stop").read_text(encoding="utf-8")
        except OSError:
            return None

    def stop(self, reason: str) -> None:
        """Ask whoever attends to the run to end it."""
        write_whole(self.path / "stop", reason)

    def go_on(self) -> None:
        """Take back what `stop` asked for."""
        self.path.mkdir(parents=True, exist_ok=True)
        (self.path / "stop").unlink(missing_ok=True)

    def forget(self) -> None:
        """Make ready for a start: what tells of an earlier one goes, what the program itself left stays."""
        self.path.mkdir(parents=True, exist_ok=True)
        for name in ("pid", "exit_status", "stop", "outcome.json"):
            (self.path / name).unlink(missing_ok=True)

    @property
    def outcome(self) -> Outcome | None:
        """What the run came to; None where that is not known, and it has to be started or attended to.

        One that is not what was written is not known, which is said.
        """
        path = self.path / "outcome.json"
        try:
            plain: dict[str, Any] = parsed(path.read_bytes())
            digest = plain.pop(_DIGEST, None)  # earlier versions wrote none
            if digest is not None:
                check_digest(_text(plain).encode(), digest, path)
            outcome = Outcome(**plain)
        except DamagedError as error:
            _log.warning("%s. It counts for nothing", error)
            return None
        except (OSError, ValueError, TypeError, AttributeError):
            return None
        return outcome if outcome.status in STATUSES else None

    def conclude(self, outcome: Outcome) -> None:
        """Write what the run came to, also where the program has deleted the folder."""
        self.path.mkdir(parents=True, exist_ok=True)
        plain = asdict(outcome)
        write_whole(self.path / "outcome.json", _text(plain | {_DIGEST: digest_of(_text(plain).encode())}) + "\n")


def _text(plain: Mapping[str, Any]) -> str:
    return json.dumps(plain, ensure_ascii=False)


def outcomes_below(root: Path) -> list[Outcome]:
    """Of all runs that have one, in the order of their ends."""
    found = (RunFolder(path.parent).outcome for path in root.glob("*/*/outcome.json"))
    return sorted((outcome for outcome in found if outcome is not None), key=lambda run: run.ended_at_milliseconds)


def _slug(variant: str) -> str:
    """A folder's name that tells variants apart: letters as they are, and a digest where others are replaced.

    >>> _slug("lr=0.1"), _slug("../a b")[:4]
    ('lr=0.1', '.._a')
    """
    plain = _SAFE.sub("_", variant)
    if plain == variant and len(plain) <= _LONGEST and plain.strip("."):
        return plain
    return f"{plain[:_LONGEST]}_{hashlib.sha256(variant.encode()).hexdigest()[:8]}"
