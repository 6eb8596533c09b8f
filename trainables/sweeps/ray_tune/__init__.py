"""Ray Tune: what it is asked to run, on which resources, and what it reports."""
