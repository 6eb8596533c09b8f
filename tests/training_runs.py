"""Trials run to their end, and their numbers without what that cost."""

from soundproof.common import record
from soundproof.trainables.training.engine import Outcome, Training

COSTS = {record.EPOCH_SECONDS, record.TRAIN_SECONDS, record.LATENCY_SECONDS}


def run_to_end(training: Training) -> tuple[list[dict[str, float]], Outcome]:
    """The metrics of every epoch, and the outcome."""
    history = []
    while training.status is None:
        history.append(training.run_epoch())
    return history, training.finish()


def numbers(history: list[dict[str, float]]) -> list[dict[str, float]]:
    """What a second run of the same trial has to repeat."""
    return [{name: value for name, value in epoch.items() if name not in COSTS} for epoch in history]
