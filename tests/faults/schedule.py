"""Which faults a seed deals, in which order, to whom, and after how many bytes, passes of training or requests."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Literal, get_args

from faults.answering import MANNERS

Kind = Literal[
    "driver",
    "actor",
    "raylet",
    "control store",
    "server",
    "answer",
    "full disk",
    "flipped features",
    "flipped checkpoint",
    "clock set back",
    "second driver",
    "moved storage",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
Name = Literal["study", "search"]
Unit = Literal["bytes", "passes", "requests"]

TIMES: Mapping[Kind, int] = {
    "driver": 5,
    "actor": 4,
    "raylet": 2,
    "control store": 2,
    "server": 3,
    "answer": len(MANNERS),
    "full disk": 3,
    "flipped features": 2,
    "flipped checkpoint": 2,
    "clock set back": 2,
    "second driver": 2,
    "moved storage": 2,
}
"""How many of each a run has to see."""

WAYS: Mapping[Kind, tuple[str, ...]] = {
    "driver": ("SIGKILL", "SIGKILL to its group", "SIGKILL", "SIGTERM", "SIGINT"),
    "answer": MANNERS,
    "second driver": ("the same storage", "another storage"),
}
"""Kinds that come in several ways, each of which is dealt."""

MOST_BYTES = 60_000
MOST_PASSES = 6
MOST_REQUESTS = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One fault: `way` of its kind, to the study or the search, when so much has been done since it was looked for."""

    kind: Kind
    way: str
    to: Name
    offset: int
    unit: Unit
    amount: float
    """Between 0 and 1: how large it is, where that means something: of the byte that is flipped, the space left."""


def deal(seed: int) -> list[Fault]:
    """All faults of a run, in their order."""
    chance = Random(seed)
    faults = [
        _fault(kind, WAYS[kind][number % len(WAYS[kind])] if kind in WAYS else "", chance, number)
        for kind in KINDS
        for number in range(TIMES[kind])
    ]
    chance.shuffle(faults)
    return faults


def deal_again(fault: Fault, chance: Random) -> Fault:
    """Another one in the place of a fault that has hit nothing, to either of the two."""
    return _fault(fault.kind, fault.way, chance, chance.randrange(2))


def _fault(kind: Kind, way: str, chance: Random, number: int) -> Fault:
    of_server = kind in {"server", "answer"} or way == "another storage"
    unit: Unit = "requests" if kind in {"server", "answer"} else chance.choice(["bytes", "passes"])
    most = {"bytes": MOST_BYTES, "passes": MOST_PASSES, "requests": MOST_REQUESTS}[unit]
    return Fault(
        kind=kind,
        way=way,
        to="search" if of_server else ("study", "search")[number % 2],
        offset=chance.randint(1, most),
        unit=unit,
        amount=chance.random(),
    )
