"""What all runs of one sweep have in common, and what tells it from other sweeps."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from soundproof.common import record
from soundproof.search_spaces.declarations import Declaration

NO_TAGS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, kw_only=True, slots=True)
class Heading:
    """What all runs of one sweep have in common. A sweep is a study's or a search's; `id` is also the experiment."""

    kind: str
    """`record.KIND_STUDY` or `record.KIND_SEARCH`."""
    id: str
    question: str
    preset: str
    corpus: str
    margin: float
    design: str | None = None
    """How many seeds a study fixed before any data, or `record.UNTIL_DECIDED`; None where nothing is replicated."""
    declaration: Declaration | None = None
    """What is written with the time before anything is trained."""
    identity: Mapping[str, str] = field(default_factory=dict)
    """Tags that tell this sweep from others of the same kind, id, preset and corpus."""
    about: Mapping[str, str] = field(default_factory=dict)
    """More tags of the parent run."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """More parameters of the parent run, which MLflow keeps as they were first."""
    metric: str | None = None
    """By which variants are compared; None leaves the best of them out of the parent run."""
    kept: frozenset[record.Status] = record.FINISHED
    """Ends that stay in the record when the sweep is opened again. A search asks for no sample twice.

    Of its trials on fresh seeds only those stay that are finished, whatever this says.
    """

    @property
    def parameters(self) -> dict[str, str]:
        """Of the parent run."""
        seeds = {} if self.design is None else {"seeds": self.design}
        return {"preset": self.preset, "corpus": self.corpus, "margin": repr(self.margin), **seeds, **self.settings}

    @property
    def words(self) -> str:
        """The record to people."""
        apart = ", ".join(word for word in (self.preset, *self.identity.values(), self.corpus) if word)
        return f"the record of {self.id} ({apart})"

    @property
    def name(self) -> str:
        """The parent run's name. What tells it from others of the experiment comes first: MLflow's tables cut it."""
        return " · ".join([self.preset, *self.identity.values(), self.corpus, self.id])
