"""What networks are trained to do: to transcribe, or to tell classes apart. Corpora, networks and studies name it."""

from typing import ClassVar, Literal

from soundproof.search_spaces.specs.canonical import Spec

TaskName = Literal["transcription", "classification"]


class OfTranscription(Spec):
    """Base of the corpora with transcripts and of the networks that transcribe."""

    __slots__ = ()
    task: ClassVar[Literal["transcription"]] = "transcription"


class OfClassification(Spec):
    """Base of the corpora with classes and of the networks that tell them apart."""

    __slots__ = ()
    task: ClassVar[Literal["classification"]] = "classification"
