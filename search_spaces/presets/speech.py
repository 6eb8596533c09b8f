"""Sizes of the speech studies."""

from soundproof.search_spaces.presets.preset import Preset
from soundproof.search_spaces.specs import SyntheticSpeech

SPEECH = (
    Preset(
        name="smoke",
        width=0.04,
        sample_rate_hz=8000,
        epochs=2,
        batch_size=8,
        corpus=SyntheticSpeech(
            train_utterances=24,
            validation_utterances=8,
            test_utterances=8,
            train_speakers=6,
            validation_speakers=2,
            test_speakers=2,
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
            train_utterances=512,
            validation_utterances=96,
            test_utterances=96,
            train_speakers=32,
            validation_speakers=12,
            test_speakers=12,
            words_per_class=10,
            minimum_words=6,
            maximum_words=6,
            minimum_snr_db=10,
            maximum_snr_db=30,
        ),
    ),
    Preset(
        name="documented",
        corpus=SyntheticSpeech(
            train_utterances=2023,
            validation_utterances=256,
            test_utterances=256,
            train_speakers=160,
            validation_speakers=32,
            test_speakers=32,
            minimum_words=4,
            maximum_words=12,
        ),
    ),
)
