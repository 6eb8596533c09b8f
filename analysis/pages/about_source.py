"""What a page on somebody else's runs says of them, before and beside verdicts."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from soundproof.analysis.tables.model import Table


@dataclass(frozen=True, kw_only=True, slots=True)
class AboutSource:
    """Sentences: `alarms` may make verdicts wrong, `remarks` do not; `proposed` was read off the source.

    `next_step` is what would decide most. `tables` are shown below them, each with its note.
    """

    alarms: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    proposed: tuple[str, ...] = ()
    next_step: str | None = None
    tables: "tuple[Table, ...]" = ()
