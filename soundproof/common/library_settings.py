"""Settings that MLflow and Ray read when they are imported; packages that import those libraries import this first.

Nobody is told about the user's work: telemetry and usage statistics are off unless the user set them. And MLflow says
only what matters.
"""

import os

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")  # the recorder repeats, without making a run twice
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")
