"""Trained networks as MLflow's models: loadable by `mlflow.pyfunc`, servable by `mlflow models serve`."""

import soundproof.common.library_settings  # noqa: F401
from soundproof.trainables.serving.registering import RegisteredTrial, RegistrationError, register

__all__ = ["RegisteredTrial", "RegistrationError", "register"]
