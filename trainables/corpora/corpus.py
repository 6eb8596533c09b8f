"""What every corpus offers: a table of utterances, and the audio of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from search_spaces.errors import UserError
from search_spaces.specs import Partition, SpeechCorpus

Waveform = NDArray[np.float32]


class CorpusError(UserError):
    """A corpus cannot be used as it is. The message names file and line, what was expected, and what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Utterance:
    """One transcribed recording.

    `key` is unique in its corpus and stays the same from run to run. `recording` groups what was cut from one
    recording. `partition` is set where the corpus itself fixes it; None leaves it to the trial's split.
    """

    key: str
    text: str
    recording: str
    speaker: str | None = None
    partition: Partition | None = None


class Corpus(Protocol):
    """Utterances in a fixed order, and their audio on demand.

    Implementations can be pickled, so that workers share the reading.
    """

    @property
    def spec(self) -> SpeechCorpus:
        """What this corpus is, `content` filled in."""

    @property
    def utterances(self) -> Sequence[Utterance]:
        """All utterances, in an order that depends on the spec alone."""

    @property
    def skipped(self) -> Sequence[str]:
        """Broken recordings that the user allowed to be left out, one sentence each."""

    def waveforms(self, indices: Sequence[int], sample_rate_hz: int) -> Iterator[Waveform]:
        """Mono audio of the utterances at `indices`, in that order, in -1..1, resampled to `sample_rate_hz`.

        What an utterance sounds like does not depend on which others are asked for. Raises `CorpusError`.
        """
