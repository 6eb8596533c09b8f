"""The examples in docstrings are what the functions give."""

import doctest
import importlib
import re
from pathlib import Path

import pytest

import soundproof

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = re.compile(r">>> (?!.*# doctest: \+SKIP)")
FILES = [
    path.relative_to(ROOT).with_suffix("")
    for package in ("analysis", "search_spaces")
    for path in sorted((ROOT / package).rglob("*.py"))
    if EXAMPLE.search(path.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize("file", FILES, ids=str)
def test_examples_hold(file: Path) -> None:
    """Every example of the module, by the standard library's own runner, with all that `soundproof` exports."""
    public = {name: getattr(soundproof, name) for name in soundproof.__all__}
    found = doctest.testmod(importlib.import_module(".".join(("soundproof", *file.parts))), extraglobs=public)
    assert found.attempted > 0
    assert found.failed == 0
