"""What a study says before its data: its claims, metric, margin and plan, as the record keeps them with a time.

A statement is compared with another by what it says, not by its text: claims by their digests, which a later version of
their classes does not change.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from soundproof.search_spaces.claims import Claim
from soundproof.search_spaces.studies import Question

_DIGEST_CHARACTERS = 16


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """What is declared. `claims` is a digest of them all, empty where nothing is claimed, as by a search.

    `seeds` is a number that is fixed, the first of them being `first_seed`, or that there is none
    (`record.UNTIL_DECIDED`). The `margin` is that of the metric, in its unit.
    """

    claims: str
    metric: str
    margin: float
    seeds: str
    first_seed: int

    @property
    def fixed(self) -> int | None:
        """The number of seeds, where it is fixed."""
        return int(self.seeds) if self.seeds.isdecimal() and int(self.seeds) > 0 else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Declaration:
    """A statement on its way into the record, with its `text`: canonical JSON, the claims in words and in values."""

    statement: Statement
    text: str

    @property
    def digest(self) -> str:
        """The SHA-256 of the text, as `sha256sum` prints it of the file that holds it."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def claims_digest(claims: Iterable[Claim]) -> str:
    """Of a study's claims in whatever order; the wording counts, since a verdict is read with it."""
    digests = ",".join(sorted(claim.digest() for claim in claims))
    return hashlib.sha256(digests.encode()).hexdigest()[:_DIGEST_CHARACTERS] if digests else ""


def declare_study(study: Question, *, margin: float, seeds: str, first_seed: int) -> Declaration:
    """What a run of the study declares."""
    statement = Statement(
        claims=claims_digest(study.claims), metric=study.metric, margin=margin, seeds=seeds, first_seed=first_seed
    )
    return _declaration(statement, {"study": study.id, "claims": [claim.to_plain() for claim in study.claims]})


def declare_confirmation(
    space_id: str, objectives: Iterable[str], *, margin: float, seeds: int, first_seed: int, best: int
) -> Declaration:
    """What a search declares of its confirmation: how many of the best are trained again, on how many fresh seeds."""
    statement = Statement(
        claims="", metric=", ".join(objectives), margin=margin, seeds=str(seeds), first_seed=first_seed
    )
    return _declaration(statement, {"space": space_id, "best": best})


def _declaration(statement: Statement, about: dict[str, Any]) -> Declaration:
    said = about | {
        "metric": statement.metric,
        "margin": statement.margin,
        "seeds": statement.seeds,
        "first_seed": statement.first_seed,
    }
    return Declaration(statement=statement, text=json.dumps(said, sort_keys=True, separators=(",", ":")))
