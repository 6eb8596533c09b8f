"""Studies as sweeps: planning, Ray Tune, resume, and the record in MLflow."""

import soundproof.search_spaces.library_settings  # noqa: F401
