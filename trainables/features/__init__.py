"""Features: what is computed from waveforms once, and kept on disk."""

from trainables.features.cache import FeatureStore, load
from trainables.features.preparation import prepare

__all__ = ["FeatureStore", "load", "prepare"]
