"""What `--json` prints: plain values of summaries."""
