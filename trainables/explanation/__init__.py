"""What in a clip decided for a class: SmoothGrad and Grad-CAM of trained classifiers, as pictures."""

import soundproof.common.library_settings  # noqa: F401  # before MLflow is imported
from soundproof.trainables.explanation.explain import explain
from soundproof.trainables.explanation.recorded import explain_trial, log_explanations
from soundproof.trainables.explanation.trained import ExplanationError, TrainedClassifier

__all__ = ["ExplanationError", "TrainedClassifier", "explain", "explain_trial", "log_explanations"]
