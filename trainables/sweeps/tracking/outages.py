"""A tracking store that is away, told apart from one that is used wrongly.

Away: no connection, no answer in time, an answer that the server cannot work now (HTTP 5xx, 429), a database that is
locked, a full disk. The same call may succeed later, so it is worth repeating. Denied: the server wants other
credentials (HTTP 401, 403, 407). Before anything is trained that is an error of the user's; once the store has been
written to, credentials have run out, and the user may renew them. Everything else would fail again.

Light to import: MLflow takes seconds, and is loaded while Ray starts.
"""

import logging
import os
import re
from collections.abc import Callable, Iterator

from soundproof.common.errors import UserError
from soundproof.common.passwords import without_passwords
from soundproof.trainables.full_disks import lacks_space

AT_END_SECONDS = 60.0
"""How long the end of a sweep waits for a store that is away: a server restarts in less."""
_FIRST_PAUSE_SECONDS = 0.5
"""A lock is released and a connection made again within about this."""
_LONGEST_PAUSE_SECONDS = 10.0
"""A night of asking costs nothing at this pace, and when the store is back no more than this is lost."""

_SQLITE_AWAY = ("database is locked", "database or disk is full", "disk i/o error", "unable to open database file")
_SQLITE_FULL = "database or disk is full"
_BUSY = frozenset({408, 429})
_DENIED = frozenset({401, 403, 407})

logging.getLogger("mlflow.store.db.utils").setLevel(logging.CRITICAL)  # prints a traceback for every try at a lock


Say = Callable[[str], object]
"""Hears what a person has to know, from whatever thread."""


def say_nothing(_: str) -> None:
    """What hears where nobody wants to."""


class TrackingError(UserError):
    """The tracking store cannot be used. The message says which, why, and what to do."""


def away_message(error: BaseException) -> str:
    """The message for the user when the store did not answer and nothing more is tried."""
    return (
        f"the tracking store {state(error)} ({in_short(error)}). Nothing that was trained is lost: "
        f"{what_to_do(error)}, and give the same command again"
    )


def state(error: BaseException) -> str:
    """What the store does, in a few words."""
    return "wants other credentials" if is_denied(error) else "is away"


def what_to_do(error: BaseException) -> str:
    """The remedy for a program that has ended, in words that a sentence begins or goes on with."""
    if is_denied(error):
        return "set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or write them into ~/.mlflow/credentials"
    return "free some space" if is_full(error) else "see that it runs and can be reached"


def as_sentence(words: str) -> str:
    """With a capital letter."""
    return words[:1].upper() + words[1:]


def what_to_do_meanwhile(error: BaseException) -> str:
    """The remedy for a program that goes on, as a sentence: what it reads again, and what it cannot."""
    if not is_denied(error):
        return ""
    if os.environ.get("MLFLOW_TRACKING_TOKEN") or os.environ.get("MLFLOW_TRACKING_PASSWORD"):
        return (
            "Its credentials are from the environment, which a program that runs keeps: make them valid again at the "
            "server; or stop with Ctrl-C, set new ones, and give the same command again, which delivers what waits"
        )
    return "Write new ones into ~/.mlflow/credentials, which is read again at every try"


def pauses() -> Iterator[float]:
    """Seconds to wait between one try and the next, growing."""
    pause = _FIRST_PAUSE_SECONDS
    while True:
        yield pause
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)


def is_away(error: BaseException) -> bool:
    """Whether the store may answer the same call later."""
    return any(_is_outage(link) for link in _chain(error))


def is_denied(error: BaseException) -> bool:
    """Whether the server, or a proxy before it, wants other credentials."""
    return any(_status(link) in _DENIED for link in _chain(error))


def may_be_written_later(error: BaseException) -> bool:
    """Whether a store that has taken something before may take this later: it is away, or wants new credentials."""
    return is_away(error) or is_denied(error)


def is_full(error: BaseException) -> bool:
    """Whether a disk is full, or a file as large as the user may make it."""
    return any(_lacks_space(link) for link in _chain(error))


def in_short(error: BaseException) -> str:
    """The innermost error in one line: what the layers above it repeat."""
    *_, last = _chain(error)
    lines = str(last).strip().splitlines() or [type(last).__name__]
    return without_passwords(lines[0])[:300]


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
    from sqlalchemy.exc import OperationalError  # noqa: PLC0415

    network = (
        requests.exceptions.ConnectionError,
        requests.exceptions.Timeout,
        requests.exceptions.RetryError,
        requests.exceptions.ChunkedEncodingError,
        requests.exceptions.JSONDecodeError,  # of a page that answers in the store's place, with status 200
        ConnectionError,
        TimeoutError,
    )
    match error:
        case OperationalError():
            # database servers raise this for lost connections; SQLite for a missing table or a read-only file as well
            said = str(error.orig).lower()
            return type(error.orig).__module__ != "sqlite3" or any(words in said for words in _SQLITE_AWAY)
        case _:
            status = _status(error)
            if status is not None:
                return status >= 500 or status in _BUSY
            return isinstance(error, network) or _lacks_space(error)


def _status(error: BaseException) -> int | None:
    """The HTTP status that a server answered with; None where the error is no answer."""
    import requests  # noqa: PLC0415  # see above
    from mlflow.exceptions import MlflowException, RestException  # noqa: PLC0415

    match error:
        case requests.exceptions.HTTPError():
            return None if error.response is None else int(error.response.status_code)
        case RestException():
            return int(error.get_http_status_code())  # type: ignore[no-untyped-call]
        case MlflowException() if str(error).startswith("API request to endpoint"):  # no JSON: a proxy's page, say
            said = re.search(r"failed with error code (\d{3})\b", str(error))  # it has no code of its own for each
            return int(said[1]) if said else int(error.get_http_status_code())  # type: ignore[no-untyped-call]
        case _:
            return None


def _lacks_space(error: BaseException) -> bool:
    from sqlalchemy.exc import OperationalError  # noqa: PLC0415

    if isinstance(error, OperationalError):
        return _SQLITE_FULL in str(error.orig).lower()
    return isinstance(error, OSError) and lacks_space(error)
