"""Inputs that nobody wrote, for every reader of foreign bytes: see `benchmarks.fuzz`."""
