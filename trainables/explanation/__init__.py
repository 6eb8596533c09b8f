"""What in a clip decided for a class: SmoothGrad and Grad-CAM of trained classifiers, as pictures."""

import soundproof.common.library_settings  # noqa: F401  # before MLflow is imported
from soundproof.trainables.explanation.explain import ExplanationError, explain
from soundproof.trainables.explanation.recorded import explain_trial, log_explanations

__all__ = ["ExplanationError", "explain", "explain_trial", "log_explanations"]
