"""A tracking store that is away, told apart from one that is used wrongly.

Away: no connection, no answer in time, an answer that the server cannot work now (HTTP 5xx, 429), a database that is
locked, a full disk. The same call may succeed later, so it is worth repeating. Everything else would fail again.

Light to import: MLflow takes seconds, and is loaded while Ray starts.
"""

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

from soundproof.common.errors import UserError
from soundproof.trainables.full_disks import lacks_space

if TYPE_CHECKING:
    from mlflow.exceptions import MlflowException

AT_END_SECONDS = 60.0
"""How long the end of a sweep waits for a store that is away: a server restarts in less."""
_FIRST_PAUSE_SECONDS = 0.5
"""A lock is released and a connection made again within about this."""
_LONGEST_PAUSE_SECONDS = 10.0
"""A night of asking costs nothing at this pace, and when the store is back no more than this is lost."""

_SQLITE_AWAY = ("database is locked", "database or disk is full", "disk i/o error", "unable to open database file")
_SQLITE_FULL = "database or disk is full"
_BUSY = frozenset({408, 429})

logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)  # prints a traceback for every try at a lock


class TrackingError(UserError):
    """The tracking store cannot be used. The message says which, why, and what to do."""


def away_message(error: BaseException) -> str:
    """The message for the user when the store did not answer and nothing more is tried."""
    remedy = "free some space" if is_full(error) else "see that it runs and can be reached"
    return (
        f"the tracking store is away ({in_short(error)}). Nothing that was trained is lost: "
        f"{remedy}, and give the same command again"
    )


def pauses() -> Iterator[float]:
    """Seconds to wait between one try and the next, growing."""
    pause = _FIRST_PAUSE_SECONDS
    while True:
        yield pause
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)


def is_away(error: BaseException) -> bool:
    """Whether the store may answer the same call later."""
    return any(_is_outage(link) for link in _chain(error))


def is_full(error: BaseException) -> bool:
    """Whether a disk is full, or a file as large as the user may make it."""
    return any(_lacks_space(link) for link in _chain(error))


def in_short(error: BaseException) -> str:
    """The innermost error in one line: what the layers above it repeat."""
    *_, last = _chain(error)
    lines = str(last).strip().splitlines() or [type(last).__name__]
    return lines[0][:300]


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error, what it was raised from, and so on. A database's own error is the last of its chain."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def _is_outage(error: BaseException) -> bool:
    import requests  # noqa: PLC0415  # see above
    from mlflow.exceptions import MlflowException, RestException  # noqa: PLC0415
    from sqlalchemy.exc import OperationalError  # noqa: PLC0415

    network = (
        requests.exceptions.ConnectionError,
        requests.exceptions.Timeout,
        requests.exceptions.RetryError,
        requests.exceptions.ChunkedEncodingError,
        ConnectionError,
        TimeoutError,
    )
    match error:
        case OperationalError():
            # database servers raise this for lost connections; SQLite for a missing table or a read-only file as well
            said = str(error.orig).lower()
            return type(error.orig).__module__ != "sqlite3" or any(words in said for words in _SQLITE_AWAY)
        case requests.exceptions.HTTPError():
            return error.response is not None and _is_transient(error.response.status_code)
        case RestException():
            return _is_transient(_http_status(error))
        case MlflowException():  # without a chain where the server's answer was not JSON: a proxy's page, say
            return str(error).startswith("API request to endpoint") and _is_transient(_http_status(error))
        case _:
            return isinstance(error, network) or _lacks_space(error)


def _http_status(error: "MlflowException") -> int:
    return int(error.get_http_status_code())  # type: ignore[no-untyped-call]


def _is_transient(status: int) -> bool:
    return status >= 500 or status in _BUSY


def _lacks_space(error: BaseException) -> bool:
    from sqlalchemy.exc import OperationalError  # noqa: PLC0415

    if isinstance(error, OperationalError):
        return _SQLITE_FULL in str(error.orig).lower()
    return isinstance(error, OSError) and lacks_space(error)
