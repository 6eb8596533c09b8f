"""Speech that a trial hears, with its transcripts. A corpus spec names content, never a place on a disk.

Corpora read from files carry `content`, a digest of the files: the same data elsewhere is the same corpus, and
changed data is another one. `content` is empty until the files have been seen.
"""

from dataclasses import dataclass

from soundproof.search_spaces.specs.canonical import Spec, SpecError
from soundproof.search_spaces.specs.checks import at_least_one
from soundproof.search_spaces.specs.tasks import OfTranscription


@dataclass(frozen=True, kw_only=True, slots=True)
class SyntheticSpeech(OfTranscription):
    """Sentences of the project's own grammar, spoken by espeak-ng in many voices, pitches and rates, with noise.

    `words_per_class` bounds the vocabulary: the first so many nouns, verbs and so on of the grammar. No speaker is in
    two partitions. Noise is added at a signal-to-noise ratio drawn uniformly per utterance.
    """

    train_utterances: int
    validation_utterances: int
    test_utterances: int
    train_speakers: int
    validation_speakers: int
    test_speakers: int
    words_per_class: int = 80
    minimum_words: int = 4
    maximum_words: int = 6
    minimum_snr_db: float = 5.0
    maximum_snr_db: float = 25.0
    seed: int = 0

    def _check(self) -> None:
        for partition in ("train", "validation", "test"):
            utterances, speakers = getattr(self, f"{partition}_utterances"), getattr(self, f"{partition}_speakers")
            if not 1 <= speakers <= utterances:
                raise SpecError(
                    f"SyntheticSpeech.{partition}_speakers must be at least 1 and at most "
                    f"{partition}_utterances, got {speakers} and {utterances}"
                )
        at_least_one(self, "words_per_class")
        check_range(self, "minimum_words", "maximum_words", lowest=1)
        check_range(self, "minimum_snr_db", "maximum_snr_db", lowest=-20)
        check_seed(self.seed)


@dataclass(frozen=True, kw_only=True, slots=True)
class ConnectedDigits(OfTranscription):
    """Recordings of the Free Spoken Digit Dataset, joined into digit strings of one speaker with short pauses.

    Takes 0 to 4 are the official test set and are heard in test utterances alone; the others are left to the split.
    """

    utterances: int
    test_utterances: int
    minimum_digits: int = 2
    maximum_digits: int = 6
    minimum_pause_seconds: float = 0.05
    maximum_pause_seconds: float = 0.25
    seed: int = 0
    content: str = ""

    def _check(self) -> None:
        if self.utterances < 1 or self.test_utterances < 1:
            raise SpecError(
                f"ConnectedDigits needs at least one utterance each, got {self.utterances}, {self.test_utterances}"
            )
        check_range(self, "minimum_digits", "maximum_digits", lowest=1)
        check_range(self, "minimum_pause_seconds", "maximum_pause_seconds", lowest=0)
        check_seed(self.seed)


@dataclass(frozen=True, kw_only=True, slots=True)
class ManifestSpeech(OfTranscription):
    """Anyone's recordings, or parts of them, listed in a table.

    `audio`, `text`, optionally `speaker`, `group`, `fold`, `partition`, `start`, `duration`.
    """

    content: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class LibriSpeech(OfTranscription):
    """Sentences read from English books, in LibriSpeech's layout: all of them, or as many as one limit lets in.

    `seed` draws these, whatever speaker and subset they are of: so many `utterances`, or as many as together take so
    many `hours`.
    """

    utterances: int | None = None
    hours: float | None = None
    seed: int = 0
    content: str = ""

    def _check(self) -> None:
        limits = [limit for limit in (self.utterances, self.hours) if limit is not None]
        if len(limits) > 1 or not all(limit > 0 for limit in limits):
            raise SpecError(
                "LibriSpeech takes a number of utterances or of hours above 0, or neither, got "
                f"utterances={self.utterances}, hours={self.hours}"
            )
        check_seed(self.seed)


SpeechCorpus = SyntheticSpeech | ConnectedDigits | ManifestSpeech | LibriSpeech


def check_range(spec: Spec, low: str, high: str, lowest: float) -> None:
    """Raise `SpecError` unless lowest <= low <= high."""
    low_value, high_value = getattr(spec, low), getattr(spec, high)
    if not lowest <= low_value <= high_value:
        name = type(spec).__name__
        raise SpecError(f"{name} needs {lowest} <= {low} <= {high}, got {low_value} and {high_value}")


def check_seed(seed: int) -> None:
    """Raise `SpecError` for a negative seed."""
    if seed < 0:
        raise SpecError(f"seed must be 0 or more, got {seed}")
