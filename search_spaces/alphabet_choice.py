"""What transcripts are spelled with, as whoever trains chooses it."""

import re
from dataclasses import dataclass
from typing import Literal, Self

from soundproof.common.errors import UserError

ALPHABETS = ("english", "corpus", "byte-pair:")
"""How the option begins; a number of units follows the colon."""

_UNITS = re.compile(r"byte-pair[:-]([1-9][0-9]{0,5})")


@dataclass(frozen=True, kw_only=True, slots=True)
class AlphabetChoice:
    """The documented English alphabet, the characters of the training texts, or so many `units` learnt from these."""

    kind: Literal["english", "corpus", "byte-pair"] = "english"
    units: int = 0

    @classmethod
    def parse(cls, text: str | None) -> Self:
        """`english`, `corpus` or `byte-pair:NUMBER`; None is English. Raises `UserError` for anything else."""
        match text:
            case None | "english":
                return cls()
            case "corpus":
                return cls(kind="corpus")
        found = _UNITS.fullmatch(text) if text.startswith(ALPHABETS[-1]) else None
        if found is None:
            raise UserError(
                "--alphabet expects english (a to z, space and apostrophe), corpus (the characters of the training "
                f"texts) or byte-pair:NUMBER (so many units learnt from them, as byte-pair:500), got {text!r}"
            )
        return cls(kind="byte-pair", units=int(found[1]))

    @property
    def made(self) -> bool:
        """Whether it is another than the documented one."""
        return self.kind != "english"

    @property
    def words(self) -> str:
        """What the record says of it: `corpus-alphabet`, `byte-pair-500`; nothing of English."""
        return {"english": "", "corpus": "corpus-alphabet", "byte-pair": f"byte-pair-{self.units}"}[self.kind]

    @property
    def option(self) -> str | None:
        """The value of `--alphabet`; None of English."""
        return {"english": None, "corpus": "corpus", "byte-pair": f"byte-pair:{self.units}"}[self.kind]

    @classmethod
    def read(cls, words: str) -> Self | None:
        """The choice that `words` says; None where the text is something else."""
        if words == "corpus-alphabet":
            return cls(kind="corpus")
        found = _UNITS.fullmatch(words)
        return None if found is None or ":" in words else cls(kind="byte-pair", units=int(found[1]))
