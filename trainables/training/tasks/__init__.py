"""Training objectives: transcription and classification, their losses and error rates."""

import soundproof.common.numba_settings  # noqa: F401  # before numba: where it may write
