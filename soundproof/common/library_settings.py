"""Settings that MLflow and Ray read when they are imported; packages that import those libraries import this first.

Nobody is told about the user's work: telemetry and usage statistics are off unless the user set them. And MLflow says
only what matters: the address of a run, which may have a password in it, is not printed. What goes to this machine
itself goes through no proxy.
"""

import os

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def _keep_loopback_from_proxies() -> None:
    """Name loopback among what no proxy is asked for, in both spellings, since libraries prefer one or the other."""
    if not any(name.lower().endswith("_proxy") and name.lower() != "no_proxy" for name in os.environ):
        return
    named = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    hosts = [host.strip() for host in named.split(",") if host.strip()]
    if "*" not in hosts:
        hosts += [host for host in _LOOPBACK if host not in hosts]
    os.environ["no_proxy"] = os.environ["NO_PROXY"] = ",".join(hosts)


os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "WARNING")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
os.environ.setdefault("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")
os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")  # the recorder repeats, without making a run twice
os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")
_keep_loopback_from_proxies()
