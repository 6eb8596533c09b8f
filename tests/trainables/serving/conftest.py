"""Trials that were really trained, by the fixtures of the tests of prediction, in a store of their own."""

import importlib.util
import sys
from pathlib import Path

_NAME = "trained_trials"
_FILE = Path(__file__).parents[1] / "prediction" / "conftest.py"


def _load():
    spec = importlib.util.spec_from_file_location(_NAME, _FILE)
    module = importlib.util.module_from_spec(spec)
    sys.modules[_NAME] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


_trained = _load()
storage, speech, keywords = _trained.storage, _trained.speech, _trained.keywords
