"""From pairs of seeds to verdicts on claims, and to the seeds that would decide more."""
