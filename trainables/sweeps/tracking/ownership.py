"""Whose a record is while it is written: tags of the parent run say who, where, and when they were last seen.

A storage is locked by the system, but two storages may write to one tracking store. MLflow can neither lock nor compare
and set. So who claims a record writes its name once; then it says again and again that it is there, in a tag of its
own, and looks whether the name is still its: a claim is never written over by a sign of life.
"""

import getpass
import json
import os
import platform
import secrets
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient
from requests.exceptions import RequestException
from sqlalchemy.exc import SQLAlchemyError

from soundproof.common import record
from soundproof.common.json_texts import parsed
from soundproof.trainables.sweeps.tracking.deletions import GONE_FOR_GOOD
from soundproof.trainables.sweeps.tracking.mlflow_forms import run_tags
from soundproof.trainables.sweeps.tracking.outages import Say, TrackingError, say_nothing

BEAT_SECONDS = 10.0
"""How often an owner says that it is there."""
SILENT_SECONDS = 60.0
"""An owner elsewhere that is watched for so long, and says nothing, is gone: six of its signs have not come."""
_LOOK_SECONDS = 2.0
_LONG_AGO_SECONDS = 24 * 3600.0
"""A sign as old as that need not be watched for: no two clocks differ by so much."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Owner:
    """A process that writes a record."""

    user: str
    host: str
    process: int
    machine: str
    """Equal where numbers of processes mean the same processes."""
    began: str
    """When the process began, in the system's own words: numbers of processes are given again."""
    token: str
    seen: str
    """When it last said that it was there, by its own clock."""

    @classmethod
    def of(cls, tags: Mapping[str, str]) -> "Owner | None":
        """What the tags of a parent run say; None where they name nobody that can be understood."""
        try:
            found = cls(**parsed(tags[record.OWNER]), seen=tags[record.OWNER_SEEN])
            datetime.fromisoformat(found.seen)
        except (KeyError, ValueError, TypeError):
            return None
        return found if isinstance(found.process, int) else None

    @property
    def tags(self) -> dict[str, str]:
        """Of the parent run that it owns."""
        named = {name: value for name, value in asdict(self).items() if name != "seen"}
        return {record.OWNER: json.dumps(named), record.OWNER_SEEN: self.seen}

    @property
    def words(self) -> str:
        """Who it is, and when it was last seen."""
        found = f"{self.user} on {self.host}, process {self.process}, last seen {self.seen}"
        return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in found)

    @property
    def seconds_ago(self) -> float:
        """Since when it has said nothing, by this machine's clock."""
        seen = datetime.fromisoformat(self.seen)
        return (datetime.now(UTC) - (seen if seen.tzinfo else seen.replace(tzinfo=UTC))).total_seconds()

    @property
    def runs_here(self) -> bool | None:
        """Whether its process runs; None where it is, or was, one of another machine."""
        if self.machine != us().machine:
            return None
        return _began(self.process) == self.began


@cache
def us() -> Owner:
    """This process."""
    process = os.getpid()
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a number without a name, as in containers
        user = f"user {os.getuid()}"
    return Owner(
        user=user,
        host=platform.node(),
        process=process,
        machine=_machine(),
        began=_began(process) or "",
        token=secrets.token_hex(8),
        seen=_now(),
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _machine() -> str:
    """One start of one system, and one space of numbers of processes in it."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return platform.node()


def _began(process: int) -> str | None:
    """When a process of this machine began; None where there is none of that number."""
    try:
        status = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
        state, *numbers = status.rpartition(")")[2].split()
    except OSError:
        if Path("/proc/self/stat").exists():
            return None
    else:
        return None if state in "ZX" else numbers[18]
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return None
    except OSError:
        pass
    return "unknown"


class Ownership:
    """This process's claim to the record below one parent run. Once claimed, it is renewed until it is released."""

    def __init__(self, client: MlflowClient, parent_id: str, what: str) -> None:
        """`what` names the record to people."""
        self._client = client
        self._parent_id = parent_id
        self._what = what
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._taken_by: Owner | None = None

    def claim(self, say: Say = say_nothing, stopped: Callable[[], bool] = lambda: False) -> None:
        """Make the record ours, and keep it. Raises `TrackingError` where somebody else writes it.

        An owner that has ended, or is silent for too long, is told of by `say`, and followed. `stopped` cuts the
        waiting short.
        """
        owner = self._owner()
        if owner is not None and owner.token != us().token:
            if owner.runs_here or (owner.runs_here is None and self._is_there(owner, say, stopped)):
                raise self._refused(self._owner() or owner)
            say(f"{self._what} is taken over from a program that has ended ({owner.words})")
        self._client.log_batch(self._parent_id, tags=run_tags(replace(us(), seen=_now()).tags))
        self.check()
        self._thread = threading.Thread(
            target=_beat, args=(weakref.ref(self), self._stop), name="ownership", daemon=True
        )
        weakref.finalize(self, self._stop.set)
        self._thread.start()

    def refuse_used(self) -> None:
        """Raise `TrackingError` where another program of this machine writes the record."""
        owner = self._owner()
        if owner is not None and owner.token != us().token and owner.runs_here:
            raise self._refused(owner)

    def _refused(self, owner: Owner) -> TrackingError:
        return TrackingError(
            f"{self._what} is being written by another program ({owner.words}): wait until that has ended, or end it, "
            "and give the same command again, which takes over what it has finished; or name another --tracking-uri"
        )

    def check(self) -> None:
        """Raise `TrackingError` where another program has made the record its own."""
        owner = self._taken_by or self._owner()
        if owner is not None and owner.token != us().token:
            self._taken_by = owner
            raise TrackingError(
                f"{self._what} was taken over by another program ({owner.words}): nothing more is written. "
                " What is finished and not recorded waits in the storage: give the same "
                "command again when the other program has ended"
            )

    @property
    def is_lost(self) -> bool:
        """Whether another program was seen to have made the record its own."""
        return self._taken_by is not None

    def renew(self) -> None:
        """Say that we are still there, unless the record is another's."""
        self.check()
        self._client.set_tag(self._parent_id, record.OWNER_SEEN, _now())

    def release(self) -> None:
        """Let others have the record."""
        self.stop()
        if not self.is_lost:
            for tag in (record.OWNER, record.OWNER_SEEN):
                with suppress(MlflowException):  # without the tag already
                    self._client.delete_tag(self._parent_id, tag)

    def stop(self) -> None:
        """Renew no more. Where nothing else is done, others on this machine may follow once this process has ended."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(BEAT_SECONDS)
            self._thread = None

    def _owner(self) -> Owner | None:
        try:
            return Owner.of(self._client.get_run(self._parent_id).data.tags)
        except MlflowException as error:
            if error.error_code != GONE_FOR_GOOD:
                raise
            return None

    def _is_there(self, owner: Owner, say: Say, stopped: Callable[[], bool]) -> bool:
        """Watch an owner on another machine for a sign of life. Its clock need not be ours."""
        if owner.seconds_ago > _LONG_AGO_SECONDS:
            return False
        say(f"{self._what} belongs to {owner.words}: waiting up to {SILENT_SECONDS:.0f} s for a sign of life")
        gives_up = time.monotonic() + SILENT_SECONDS
        while time.monotonic() < gives_up and not stopped():
            time.sleep(min(_LOOK_SECONDS, SILENT_SECONDS))
            now = self._owner()
            if now is None:
                return False
            if now != owner:
                return True
        return stopped()


def _beat(held: "weakref.ref[Ownership]", stop: threading.Event) -> None:
    """Renew until told to stop, or until nobody holds the claim. A store that is away is told again later."""
    while not stop.wait(BEAT_SECONDS):
        ownership = held()
        if ownership is None:
            return
        try:
            ownership.renew()
        except TrackingError:
            return
        except (MlflowException, RequestException, SQLAlchemyError, OSError):
            pass
        del ownership
