"""What may be wrong with a storage, in words, and what a repair would do about it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["database", "schema", "place", "run", "trial", "artifact", "features", "outbox", "leftover"]
"""What is wrong: the database itself, its schema, where files are said to lie, a run without a trial, a trial without
its files, a file that is not what was written, features in the cache, results on their way, what nobody needs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing. `remedy` says what `repair` does; where that is None, what the user may do."""

    kind: Kind
    what: str
    remedy: str
    repair: Callable[[], object] | None = None

    def to_plain(self, *, repaired: bool) -> dict[str, Any]:
        """For JSON."""
        can_be = self.repair is not None
        return {
            "kind": self.kind,
            "what": self.what,
            "remedy": self.remedy,
            "can_be_repaired": can_be,
            "repaired": can_be and repaired,
        }
