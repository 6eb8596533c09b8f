"""Whether a node sees the driver's storage: the driver lays a token there, and the node looks for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypedDict
from uuid import uuid4

from soundproof.trainables.sweeps.outbox.transfer import hire_courier


class Sharing(TypedDict):
    """What an actor needs to find out, and what to do where the answer is no. Plain, as Ray Tune wants it."""

    token: str
    """A file of the storage. Nobody else has one of that name, so whoever sees it sees the storage."""
    courier: str
    """The courier's name."""


@contextmanager
def sharing(address: str | None, notes: Path, outbox: Path) -> Iterator[Sharing | None]:
    """What to tell the actors of a sweep; None on one machine, where there is nothing to find out."""
    if address is None:
        yield None
        return
    name = f"soundproof-{uuid4().hex}"
    token = notes.resolve() / f"{name}.token"
    token.parent.mkdir(parents=True, exist_ok=True)
    token.touch()
    courier = hire_courier(name, outbox.resolve())
    try:
        yield Sharing(token=str(token), courier=name)
    finally:
        token.unlink(missing_ok=True)
        del courier


def sees_storage(told: Sharing) -> bool:
    """Whether this node does."""
    return Path(told["token"]).is_file()
