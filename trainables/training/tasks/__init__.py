"""Training objectives: transcription and classification, their losses and error rates."""
