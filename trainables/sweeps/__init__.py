"""Studies as sweeps: planning, Ray Tune, resume, and the record in MLflow."""

import soundproof.common.library_settings  # noqa: F401
