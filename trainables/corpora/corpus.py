"""What every corpus offers: a table of examples, and the audio of each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from soundproof.common.errors import UserError
from soundproof.search_spaces.specs import CorpusSpec, Partition

Waveform = NDArray[np.float32]


class CorpusError(UserError):
    """A corpus cannot be used as it is. The message names file and line, what was expected, and what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """One recording, or piece of one, and the right answer to it.

    `key` is unique in its corpus and stays the same from run to run. `target` is the transcript, or the name of the
    class. `recording` groups what was cut from one recording. `fold` is the corpus's own, from 1, where it has folds.
    `partition` is set where the corpus itself fixes it; None leaves it to the trial's split. `snr_db` is the ratio of
    speech to noise in decibels, where the corpus knows it. `labels` are all that an example has of a corpus with
    several labels, sorted; its `target` has them as one text, as it has the `value` of one whose right answer is a
    number.
    """

    key: str
    target: str
    recording: str
    speaker: str | None = None
    fold: int | None = None
    partition: Partition | None = None
    snr_db: float | None = None
    labels: tuple[str, ...] = ()
    value: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Remark:
    """What whoever reads results on a corpus has to know of it: of what `kind`, and in words that go on a sentence."""

    kind: str
    text: str


class Corpus(Protocol):
    """Examples in a fixed order, and their audio on demand.

    Implementations can be pickled, so that workers share the reading.
    """

    @property
    def spec(self) -> CorpusSpec:
        """What this corpus is, `content` filled in."""

    @property
    def examples(self) -> Sequence[Example]:
        """All examples, in an order that depends on the spec alone."""

    @property
    def skipped(self) -> Sequence[str]:
        """Broken recordings that the user allowed to be left out, one sentence each."""

    @property
    def remarks(self) -> Sequence[Remark]:
        """What is told before anything is trained, and among the caveats of every report."""

    def waveforms(self, indices: Sequence[int], sample_rate_hz: int) -> Iterator[Waveform]:
        """Mono audio of the examples at `indices`, in that order, in -1..1, resampled to `sample_rate_hz`.

        What an example sounds like does not depend on which others are asked for. Clips to be classified all have the
        length that their spec says, or at most that where it leaves each its own. Raises `CorpusError`.
        """
