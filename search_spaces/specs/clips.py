"""Labelled clips that a trial hears: sounds, music, keywords. A corpus spec names content, never a place on a disk.

All clips of a corpus have one length, unless their cut leaves each its own. `classes` names the classes in the order of
a network's outputs. Where they come from files they are empty, as `content` is, until the files have been seen.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal

from soundproof.search_spaces.specs.canonical import Spec, SpecError
from soundproof.search_spaces.specs.corpora import check_range, check_seed
from soundproof.search_spaces.specs.tasks import OfClassification

KEYWORDS = tuple("yes no up down left right on off stop go".split())
KEYWORD_CLASSES = (*KEYWORDS, "unknown", "silence")
"""The twelve classes of the keyword task (Warden 2018): ten words, any other word, nobody speaking."""

SOUND_CLASSES = tuple(
    "chainsaw clock_tick crackling_fire crying_baby dog helicopter rain rooster sea_waves sneezing".split()
)
ANIMAL_CLASSES = tuple("dog rooster pig cow frog cat hen insects sheep crow".split())
"""The first ten of ESC-50, by its own numbers."""
GENRE_CLASSES = ("blues", "disco", "hiphop", "jazz", "metal", "reggae")


ClipPlace = Literal["start", "middle", "loudest", "whole", "own-length"]
"""Where clips lie in a recording: one after another from the start; the same around its middle; where they hold most
energy; or all of it, as one clip: filled up with silence to the longest, or each of its own length."""

ALL_OF_IT: tuple[ClipPlace, ...] = ("whole", "own-length")
"""Places that make one clip of a recording, whatever its length."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cut(Spec):
    """How clips are cut from recordings: `per_recording` pieces of `seconds`, at a `place`.

    A recording that is too short for its last piece yields fewer pieces; one that is too short for any yields one, with
    silence after it. Whatever is in no piece is not heard. With the places `whole` and `own-length`, `seconds` are
    those of the longest recording, and with the latter no silence comes after a shorter one.
    """

    seconds: float
    per_recording: int = 1
    place: ClipPlace = "start"

    def _check(self) -> None:
        if self.place in ALL_OF_IT and self.per_recording != 1:
            raise SpecError(
                f"Cut.place {self.place} makes one clip a recording, got per_recording={self.per_recording}"
            )
        if self.seconds <= 0 or self.per_recording < 1:
            raise SpecError(
                f"Cut.seconds must be positive and per_recording at least 1, got {self.seconds}, {self.per_recording}"
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class SyntheticKeywords(OfClassification):
    """Ten spoken keywords, other words (unknown) and background noise (silence), by espeak-ng in many voices.

    No speaker is in two partitions.
    """

    cut: Cut = Cut(seconds=1.0)
    train_clips_per_class: int
    validation_clips_per_class: int
    test_clips_per_class: int
    train_speakers: int
    validation_speakers: int
    test_speakers: int
    minimum_snr_db: float = 0.0
    maximum_snr_db: float = 20.0
    seed: int = 0
    classes: ClassVar[tuple[str, ...]] = KEYWORD_CLASSES

    def _check(self) -> None:
        for partition in ("train", "validation", "test"):
            clips, speakers = getattr(self, f"{partition}_clips_per_class"), getattr(self, f"{partition}_speakers")
            if clips < 1 or speakers < 1:
                raise SpecError(
                    f"SyntheticKeywords needs {partition}_clips_per_class and {partition}_speakers of at least 1, "
                    f"got {clips} and {speakers}"
                )
        check_range(self, "minimum_snr_db", "maximum_snr_db", lowest=-20)
        check_seed(self.seed)


@dataclass(frozen=True, kw_only=True, slots=True)
class SyntheticSounds(OfClassification):
    """Ten kinds of sound events made by formula, in background noise, in `folds` folds of equal size.

    Each kind has `sources_per_fold` sources in every fold; a source is one recording.
    """

    cut: Cut = Cut(seconds=5.0)
    sources_per_fold: int
    folds: int = 5
    minimum_snr_db: float = 0.0
    maximum_snr_db: float = 20.0
    seed: int = 0
    classes: ClassVar[tuple[str, ...]] = SOUND_CLASSES

    def _check(self) -> None:
        if self.sources_per_fold < 1 or self.folds < 3:
            raise SpecError(
                "SyntheticSounds needs at least 1 source per fold and 3 folds (to train, to validate, to test), got "
                f"{self.sources_per_fold} and {self.folds}"
            )
        check_range(self, "minimum_snr_db", "maximum_snr_db", lowest=-20)
        check_seed(self.seed)


@dataclass(frozen=True, kw_only=True, slots=True)
class SyntheticGenres(OfClassification):
    """Tracks of six genres made by formula; clips are cut from them, so that those of a track share its identity."""

    cut: Cut = Cut(seconds=3.0, per_recording=10)
    tracks_per_genre: int
    seed: int = 0
    classes: ClassVar[tuple[str, ...]] = GENRE_CLASSES

    def _check(self) -> None:
        if self.tracks_per_genre < 3:
            raise SpecError(f"SyntheticGenres.tracks_per_genre must be at least 3, got {self.tracks_per_genre}")
        check_seed(self.seed)


ClipDataset = Literal[
    "esc10", "esc50", "esc50-animals", "gtzan", "speech-commands", "fsdd-digits", "folder", "manifest"
]


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelledClips(OfClassification):
    """Clips cut from the recordings of a dataset in its published layout, a tree with a folder per class, or a table.

    `content` is a digest of the files and labels that were found, `classes` the names of the classes, sorted.
    """

    dataset: ClipDataset
    cut: Cut
    classes: tuple[str, ...] = ()
    content: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class TaggedClips(OfClassification):
    """Clips cut from listed recordings, each with any number of labels: a network has an output for each, by itself.

    `content` is a digest of the files and labels that were found, `classes` the labels, sorted.
    """

    cut: Cut
    classes: tuple[str, ...] = ()
    content: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ValuedClips(OfClassification):
    """Clips cut from listed recordings, each with a number: a network has one output, the number in standard units.

    `content` is a digest of the files and values that were found.
    """

    cut: Cut
    content: str = ""
    classes: ClassVar[tuple[str, ...]] = ("value",)


ClipCorpus = SyntheticKeywords | SyntheticSounds | SyntheticGenres | LabelledClips | TaggedClips | ValuedClips
