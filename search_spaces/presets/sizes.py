"""Sizes of the studies of each domain: what is trained at which preset, and on which embedded corpus."""

from typing import Any

from soundproof.search_spaces.presets.preset import Preset
from soundproof.search_spaces.specs import (
    Cut,
    RunningStatistics,
    SyntheticGenres,
    SyntheticKeywords,
    SyntheticSounds,
    SyntheticSpeech,
)

OF_KERAS, OF_TORCH = RunningStatistics(kept=0.99), RunningStatistics(kept=0.9)
"""What the documents' libraries keep of batch norm's running statistics.

At the documented sizes alone: 0.99 takes hundreds of batches to forget the start, as many as a quick run has.
"""


def _partitions(what: str, train: int, validation: int, test: int) -> dict[str, Any]:
    """The fields `train_WHAT`, `validation_WHAT` and `test_WHAT`."""
    return {f"train_{what}": train, f"validation_{what}": validation, f"test_{what}": test}


SPEECH = (
    Preset(
        name="smoke",
        width=0.04,
        sample_rate_hz=8000,
        epochs=2,
        batch_size=8,
        corpus=SyntheticSpeech(
            **_partitions("utterances", 24, 8, 8),
            **_partitions("speakers", 6, 2, 2),
            words_per_class=12,
            minimum_words=6,
            maximum_words=6,
        ),
    ),
    Preset(
        name="quick",
        width=0.24,
        sample_rate_hz=8000,
        epochs=6,
        batch_size=8,
        learning_rate_factor=1.5,
        corpus=SyntheticSpeech(
            **_partitions("utterances", 512, 96, 96),
            **_partitions("speakers", 32, 12, 12),
            words_per_class=10,
            minimum_words=6,
            maximum_words=6,
            minimum_snr_db=10,
            maximum_snr_db=30,
        ),
    ),
    Preset(
        name="documented",
        running_statistics=OF_KERAS,
        corpus=SyntheticSpeech(
            **_partitions("utterances", 2023, 256, 256),
            **_partitions("speakers", 160, 32, 32),
            minimum_words=4,
            maximum_words=12,
        ),
    ),
)


SOUNDS = (
    Preset(
        name="smoke",
        width=0.25,
        sample_rate_hz=11025,
        epochs=2,
        batch_size=8,
        corpus=SyntheticSounds(cut=Cut(seconds=1.0), sources_per_fold=1),
    ),
    Preset(
        name="quick",
        width=0.5,
        sample_rate_hz=11025,
        epochs=30,
        batch_size=16,
        corpus=SyntheticSounds(cut=Cut(seconds=2.5), sources_per_fold=8),
    ),
    Preset(name="documented", running_statistics=OF_KERAS, corpus=SyntheticSounds(sources_per_fold=8)),
)

GENRES = (
    Preset(
        name="smoke",
        width=0.1,
        epochs=2,
        batch_size=16,
        corpus=SyntheticGenres(tracks_per_genre=3, cut=Cut(seconds=3.0, per_recording=3)),
    ),
    Preset(
        name="quick",
        width=0.25,
        epochs=20,
        batch_size=32,
        least_learning_rate=0.003,
        corpus=SyntheticGenres(tracks_per_genre=16, cut=Cut(seconds=3.0, per_recording=8)),
    ),
    Preset(name="documented", running_statistics=OF_KERAS, corpus=SyntheticGenres(tracks_per_genre=100)),
)

TRACKS = (
    Preset(
        name="smoke",
        width=0.25,
        epochs=2,
        batch_size=8,
        corpus=SyntheticGenres(tracks_per_genre=4, cut=Cut(seconds=4.0)),
    ),
    Preset(
        name="quick",
        width=0.5,
        epochs=20,
        batch_size=8,
        learning_rate_factor=10,
        least_learning_rate=0.004,
        corpus=SyntheticGenres(tracks_per_genre=40, cut=Cut(seconds=6.0)),
    ),
    Preset(
        name="documented",
        running_statistics=OF_KERAS,
        corpus=SyntheticGenres(tracks_per_genre=100, cut=Cut(seconds=29.12)),
    ),
)

KEYWORDS = (
    Preset(
        name="smoke",
        width=0.1,
        sample_rate_hz=8000,
        epochs=2,
        batch_size=16,
        corpus=SyntheticKeywords(**_partitions("clips_per_class", 6, 3, 3), **_partitions("speakers", 6, 3, 3)),
    ),
    Preset(
        name="quick",
        width=0.25,
        sample_rate_hz=8000,
        epochs=10,
        batch_size=16,
        learning_rate_factor=2,
        corpus=SyntheticKeywords(
            **_partitions("clips_per_class", 80, 24, 24),
            **_partitions("speakers", 40, 12, 12),
            minimum_snr_db=5,
            maximum_snr_db=25,
        ),
    ),
    Preset(
        name="documented",
        running_statistics=OF_TORCH,
        corpus=SyntheticKeywords(**_partitions("clips_per_class", 400, 60, 60), **_partitions("speakers", 160, 30, 30)),
    ),
)
