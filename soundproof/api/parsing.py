"""What users write in options, as the values that it names."""

from pathlib import Path
from typing import TYPE_CHECKING

from soundproof.common.errors import UserError
from soundproof.search_spaces.catalogue import choose_name
from soundproof.search_spaces.presets import PRESET_NAMES
from soundproof.search_spaces.studies import DOMAINS, Domain

if TYPE_CHECKING:
    from soundproof.search_spaces.specs import PresetName


def parse_preset(name: str) -> "PresetName":
    """The preset of that name. Raises `UnknownNameError`."""
    return choose_name("preset", name, PRESET_NAMES)


def parse_domain(name: str) -> Domain:
    """The domain of that name. Raises `UnknownNameError`."""
    return choose_name("domain", name, DOMAINS)


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
