"""What a clip shares with others, beside the predictions of it: chance in a test split comes by speakers."""

from typing import Any

from soundproof.search_spaces.specs import Features, step_samples
from soundproof.trainables.features import FeatureStore


def clip_facts(store: FeatureStore, features: Features, index: int) -> dict[str, Any]:
    """Recording, speaker, duration and, where the corpus knows it, the ratio of speech to noise, as JSON values.

    `duration_seconds` counts whole steps of the features, so that a clip may be shorter or longer by a window.
    """
    example = store.examples[index]
    seconds = int(store.lengths[index]) * step_samples(features) / features.sample_rate_hz
    facts = {"recording": example.recording, "speaker": example.speaker, "duration_seconds": round(seconds, 4)}
    return facts if example.snr_db is None else facts | {"snr_db": round(example.snr_db, 2)}
