"""Specs of classifiers to torch modules, one family per file."""

from soundproof.trainables.networks.classifiers.build import build_classifier, weight_penalty

__all__ = ["build_classifier", "weight_penalty"]
