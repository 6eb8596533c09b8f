"""What networks answered, clip by clip, as trials recorded it."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipFacts:
    """What a clip shares with others. None where the corpus does not say, or an older record has not kept it."""

    speaker: str | None = None
    recording: str | None = None
    duration_seconds: float | None = None
    snr_db: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Transcribed:
    """One utterance: what was said, and what the network heard. `cer` is the character error rate, 0 for none."""

    key: str
    reference: str
    hypothesis: str
    cer: float
    facts: ClipFacts = ClipFacts()


@dataclass(frozen=True, kw_only=True, slots=True)
class Classified:
    """One clip: its class, and the class that the network gave it, with the probability of that."""

    key: str
    reference: str
    hypothesis: str
    probability: float
    facts: ClipFacts = ClipFacts()


Prediction = Transcribed | Classified


@dataclass(frozen=True, kw_only=True, slots=True)
class Predictions:
    """The recorded predictions of one trial."""

    validation: tuple[Prediction, ...]
    test: tuple[Prediction, ...]
