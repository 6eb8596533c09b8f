"""Nobody is told about the user's work: MLflow's telemetry and Ray's usage statistics are off unless the user set them.

Both are read when those libraries are imported, so the packages that import them import this first.
"""

from __future__ import annotations

import os

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
