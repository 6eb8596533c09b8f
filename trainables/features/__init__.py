"""Features: what is computed from waveforms once, and kept on disk."""

from soundproof.trainables.features.cache import FeatureStore, load
from soundproof.trainables.features.preparation import prepare

__all__ = ["FeatureStore", "load", "prepare"]
