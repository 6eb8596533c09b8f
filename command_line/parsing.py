"""What the user wrote, as the values that it names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from soundproof.command_line.options import DEFAULT_MAX_SEEDS, DEFAULT_SEEDS
from soundproof.common.errors import UserError
from soundproof.search_spaces import PRESET_NAMES
from soundproof.search_spaces.catalogue import unknown_name
from soundproof.search_spaces.specs import PresetName
from soundproof.search_spaces.studies import DOMAINS, Domain

if TYPE_CHECKING:
    from soundproof.command_line.run_options import RunOptions


def parse_preset(name: str) -> PresetName:
    """The preset of that name. Raises `UnknownNameError`."""
    for known in PRESET_NAMES:
        if known == name:
            return known
    raise unknown_name("preset", name, list(PRESET_NAMES))


def parse_domain(name: str) -> Domain:
    """The domain of that name. Raises `UnknownNameError`."""
    for known in DOMAINS:
        if known == name:
            return known
    raise unknown_name("domain", name, list(DOMAINS))


@dataclass(frozen=True, kw_only=True, slots=True)
class Seeds:
    """How many seeds: `number` fixed beforehand, or at most so many until every claim is decided."""

    number: int
    until_decided: bool

    @classmethod
    def parse(cls, options: RunOptions) -> Seeds:
        """What the options say. Raises `UserError` where they contradict each other."""
        if options.until_decided and options.seeds is not None:
            raise UserError(
                "--seeds fixes their number beforehand and --until-decided leaves it open: give one of the two "
                "(with --until-decided, --max-seeds sets the limit)"
            )
        if options.max_seeds is not None and not options.until_decided:
            raise UserError("--max-seeds limits --until-decided, which was not given: add it, or use --seeds")
        if options.until_decided:
            most = DEFAULT_MAX_SEEDS if options.max_seeds is None else options.max_seeds
            return cls(number=most, until_decided=True)
        return cls(number=DEFAULT_SEEDS if options.seeds is None else options.seeds, until_decided=False)


def parse_tracking_uri(named: str | None, storage: Path) -> str:
    """The tracking store that the user named, or the one in the storage."""
    from soundproof.trainables.sweeps.storage import Storage

    return named or Storage(root=storage).tracking_uri


def parse_recorded_corpus(text: str | None) -> str | None:
    """What the record calls a corpus that is named as `run` takes it; any other text is taken for such a name."""
    if text is None:
        return None
    from soundproof.trainables.corpora import parse_corpus

    try:
        return parse_corpus(text).label
    except UserError:
        return text


def parse_seconds(text: str) -> tuple[float, float | None]:
    """The two ends of LEAST:MOST; either may be empty. Raises `UserError`."""
    least, colon, most = text.partition(":")
    try:
        if colon:
            return float(least or 0), float(most) if most else None
    except ValueError:
        pass
    raise UserError(f"--receptive-field expects LEAST:MOST in seconds, such as 0.2:3 or 0.2:, got {text!r}")
