"""What is wrong with an audio file, and what to do about it."""

from pathlib import Path

from soundproof.trainables.corpora.corpus import CorpusError

COPY = "copy it again from its source"
"""What to do with a file that was damaged on its way."""


class BrokenAudioError(CorpusError):
    """A file does not hold the audio that it should. `reason` says what is wrong with it and what to do."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


def cut_short(path: Path, promised: int, held: int, what: str = "bytes of samples") -> BrokenAudioError:
    """The header of `path` promises more than there is."""
    return BrokenAudioError(path, f"cut short: its header promises {promised} {what}, {held} are there: {COPY}")
