"""Journals without waiting for the disk: a process that dies leaves what it has written, only a machine may not."""

import os

import pytest


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Optuna waits after every line, which is most of the time that these tests would take."""
    monkeypatch.setattr(os, "fsync", lambda file: None)
