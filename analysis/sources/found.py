"""What every reader ends in: the runs that a source has, each with what is said of it as text, and its curves.

A reader decides nothing: which column is the variant, the seed or the metric is asked later, of all formats alike. It
drops nothing in silence either: what it leaves out, or reads otherwise than it stands there, is a sentence in `notes`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from soundproof.common.errors import UserError
from soundproof.common.record import Curve


class SourceError(UserError):
    """A source that cannot be read. The message names file, row and column, what was expected, and what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundRun:
    """One run, or one row of a table.

    `where` names it for people: `row 7 of results.csv`, `folder runs/a_seed1`. `cells` are settings and single metrics
    alike, as text by column (`cells.text_of`, read back by `cells.number`); what is empty is not there. `curves` are
    metrics over steps, in the order of steps, NaN and infinity kept. `state` is the source's own word for how the run
    ended, None where it has none.
    """

    where: str
    cells: Mapping[str, str]
    curves: Mapping[str, Curve] = field(default_factory=dict)
    state: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A source as it was read: its name as it was given, what kind it is in words, and its runs in their order.

    `columns` are those of the cells, in the source's order. `hints` are what the format itself knows of a column:
    "seed", "fold", "variant", "state", or "bookkeeping" for what is neither a setting nor a metric.
    """

    name: str
    kind: str
    columns: tuple[str, ...]
    runs: tuple[FoundRun, ...]
    notes: tuple[str, ...] = ()
    hints: Mapping[str, str] = field(default_factory=dict)
