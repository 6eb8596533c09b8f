"""Assignments as JSON, as a digest, and in words."""

import hashlib
import json

from soundproof.search_spaces.choices.nodes import Scalar
from soundproof.search_spaces.choices.traversal import Assignment

DIGEST_CHARACTERS = 8
"""Hexadecimal characters: two of a thousand assignments collide with probability 1e-4; the trial's own id is longer."""


def assignment_to_json(assignment: Assignment) -> str:
    """Canonical JSON: sorted names, no spaces, shortest exact floats."""
    return json.dumps(dict(assignment), sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=True)


def assignment_digest(assignment: Assignment) -> str:
    """A short hash of the canonical JSON."""
    return hashlib.sha256(assignment_to_json(assignment).encode()).hexdigest()[:DIGEST_CHARACTERS]


def in_words(value: Scalar) -> str:
    """A chosen value as a level shows it."""
    return f"{value:g}" if isinstance(value, float) else str(value)
