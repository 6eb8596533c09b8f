"""What was said, to be listened to: clips of audio that trials left among their artifacts."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence

from soundproof.analysis.artifacts import Artifacts
from soundproof.analysis.records import RecordsError, TrialRecord
from soundproof.search_spaces import record

LARGEST_BYTES = 250_000
"""A longer clip has no place inside a page."""
MOST_BYTES = 1_500_000
"""Of all clips together: in base64 they take a third more, and a page stays below five megabytes."""
_KINDS = {".flac": ("audio/flac", b"fLaC"), ".wav": ("audio/wav", b"RIFF")}


def audio_clips(artifacts: Artifacts, trials: Sequence[TrialRecord], keys: Iterable[str]) -> dict[str, str]:
    """By the key of an utterance: its clip as an address that needs no network, from the first of `trials` with audio.

    A clip is an artifact `audio/KEY.flac` or `audio/KEY.wav`. One that is not there, is too large or is no audio of its
    kind is passed over.
    """
    trial = next((trial for trial in trials if artifacts.has(trial, "", record.AUDIO_ARTIFACTS)), None)
    if trial is None:
        return {}
    clips, room = {}, MOST_BYTES
    for key in keys:
        found = _clip(artifacts, trial, key)
        if found is not None and len(found[1]) <= room:
            kind, audio = found
            room -= len(audio)
            clips[key] = f"data:{kind};base64,{base64.b64encode(audio).decode('ascii')}"
    return clips


def _clip(artifacts: Artifacts, trial: TrialRecord, key: str) -> tuple[str, bytes] | None:
    for ending, (kind, signature) in _KINDS.items():
        try:
            audio = artifacts.read(trial, f"{record.AUDIO_ARTIFACTS}/{key}{ending}")
        except RecordsError:
            continue
        if audio.startswith(signature) and len(audio) <= LARGEST_BYTES:
            return kind, audio
    return None
