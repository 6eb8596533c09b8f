"""The numbers of a corpus, before they are printed, drawn or written as JSON."""

from dataclasses import dataclass

from soundproof.trainables.description.counts import Group
from soundproof.trainables.description.files import SourceFiles


@dataclass(frozen=True, kw_only=True, slots=True)
class CorpusSummary:
    """Counts of a corpus.

    `content` is the hash of its spec. `by_class` is empty where there are transcripts, `by_speaker` where there are
    classes or no speaker is named. `sides` are the partitions and folds that the corpus fixes. `files` is None where
    the corpus is made by formula.
    """

    name: str
    content: str
    transcribed: bool
    sides: tuple[str, ...]
    by_class: tuple[Group, ...]
    by_speaker: tuple[Group, ...]
    by_side: tuple[Group, ...]
    speakers: int
    total: Group
    files: SourceFiles | None
    skipped: tuple[str, ...]

    @property
    def examples_word(self) -> str:
        """What one of its examples is, in the plural."""
        return "utterances" if self.transcribed else "clips"
