"""Studies as sweeps: planning, Ray Tune, resume, and the record in MLflow."""

import search_spaces.privacy  # noqa: F401
