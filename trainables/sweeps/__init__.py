"""Studies as sweeps: planning, Ray Tune, resume, and the record in MLflow."""

import search_spaces.library_settings  # noqa: F401
