"""Whether a node sees the driver's storage: the driver lays a token there, and the node looks for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypedDict
from uuid import uuid4

from soundproof.trainables.sweeps.outbox.transfer import start_transfer_server


class Sharing(TypedDict):
    """What an actor needs to find out, and what to do where the answer is no. Plain, as Ray Tune wants it."""

    token: str
    """A file of the storage. Nobody else has one of that name, so whoever sees it sees the storage."""
    server: str
    """The transfer server's name."""


@contextmanager
def sharing(address: str | None, notes: Path, outbox: Path) -> Iterator[Sharing | None]:
    """What the actors of a sweep are given; None on one machine, where there is nothing to find out."""
    if address is None:
        yield None
        return
    name = f"soundproof-{uuid4().hex}"
    token = notes.resolve() / f"{name}.token"
    token.parent.mkdir(parents=True, exist_ok=True)
    token.touch()
    server = start_transfer_server(name, outbox.resolve())
    try:
        yield Sharing(token=str(token), server=name)
    finally:
        token.unlink(missing_ok=True)
        del server


def sees_storage(shared: Sharing) -> bool:
    """Whether this node does."""
    return Path(shared["token"]).is_file()
