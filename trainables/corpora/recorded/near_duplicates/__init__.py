"""Recordings that are the same sound, though not the same bytes: compressed, softer, shifted, at another rate."""

from soundproof.trainables.corpora.recorded.near_duplicates.finding import (
    MOST_SECONDS,
    NearDuplicates,
    Sound,
    find_near_duplicates,
)

__all__ = ["MOST_SECONDS", "NearDuplicates", "Sound", "find_near_duplicates"]
