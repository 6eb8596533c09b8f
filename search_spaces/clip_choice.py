"""Which parts of recordings become clips, where whoever trains chooses it instead of the preset."""

import re
from dataclasses import dataclass, replace
from typing import Annotated, Self, get_args

from soundproof.common.errors import UserError
from soundproof.common.option_fields import Option
from soundproof.search_spaces.catalogue import choose_name
from soundproof.search_spaces.specs.clips import ALL_OF_IT, ClipPlace, Cut

_LEAST_SECONDS = 0.02
_MOST_SECONDS = 3600.0
_MOST_CLIPS = 100_000
_WORDS = re.compile(r"(?:(?P<clips>[0-9]+)-clips)?-?(?:(?P<seconds>[0-9]+(?:\.[0-9]+)?)-seconds)?-?(?P<place>[a-z-]+)?")


class ClipChoiceError(UserError):
    """Clips cannot be cut so. The message says what was asked for, and what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ClipChoice:
    """Length, place and number of clips; None leaves each to the preset. Raises `UserError` where they contradict."""

    clip_seconds: Annotated[
        float | None,
        Option(
            help="Length of the clips of a corpus; by default the preset's.",
            minimum=_LEAST_SECONDS,
            maximum=_MOST_SECONDS,
        ),
    ] = None
    clip_place: Annotated[
        str | None,
        Option(
            help="Where clips lie: start (the usual), middle, loudest; whole: all of every recording, then "
            "silence up to the longest; own-length: all of it, without the silence."
        ),
    ] = None
    clips_per_recording: Annotated[
        int | None,
        Option(
            help="At most so many clips of a recording, side by side; by default the preset's.",
            minimum=1,
            maximum=_MOST_CLIPS,
        ),
    ] = None

    def __post_init__(self) -> None:
        if self.clip_place is not None:
            choose_name("clip place", self.clip_place, get_args(ClipPlace))
        if self.clip_place in ALL_OF_IT and (self.clip_seconds, self.clips_per_recording) != (None, None):
            long = "as long as the longest" if self.clip_place == "whole" else "as long as that is"
            raise ClipChoiceError(
                f"--clip-place {self.clip_place} makes one clip of each recording, {long}: leave out --clip-seconds "
                "and --clips-per-recording, or choose another place"
            )

    @property
    def made(self) -> bool:
        """Whether anything was chosen."""
        return self != ClipChoice()

    def applied(self, cut: Cut) -> Cut:
        """The cut of a preset with what was chosen. The length of whole recordings is known once they were seen."""
        place: ClipPlace | None = next((place for place in get_args(ClipPlace) if place == self.clip_place), None)
        number = 1 if place in ALL_OF_IT else self.clips_per_recording
        return replace(
            cut,
            seconds=cut.seconds if self.clip_seconds is None else self.clip_seconds,
            place=place or cut.place,
            per_recording=number or cut.per_recording,
        )

    @property
    def words(self) -> str:
        """What the record says of it: `3-clips-1.5-seconds-loudest`; nothing where nothing was chosen."""
        number = "" if self.clips_per_recording is None else f"{self.clips_per_recording}-clips"
        seconds = "" if self.clip_seconds is None else f"{self.clip_seconds:.9g}-seconds"
        return "-".join(word for word in (number, seconds, self.clip_place) if word)

    @property
    def options(self) -> str:
        """The same as options of a command."""
        values = {
            "--clips-per-recording": self.clips_per_recording,
            "--clip-seconds": None if self.clip_seconds is None else f"{self.clip_seconds:.9g}",
            "--clip-place": self.clip_place,
        }
        return " ".join(f"{name} {value}" for name, value in values.items() if value is not None)

    @classmethod
    def read(cls, words: str) -> Self | None:
        """The choice that `words` says; None where the text is something else."""
        found = _WORDS.fullmatch(words)
        if not words or found is None or found["place"] not in (None, *get_args(ClipPlace)):
            return None
        return cls(
            clips_per_recording=None if found["clips"] is None else int(found["clips"]),
            clip_seconds=None if found["seconds"] is None else float(found["seconds"]),
            clip_place=found["place"],
        )
