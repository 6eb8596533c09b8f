"""What is promised names the test that holds it: each is there, and those that take minutes are said to."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROWS = re.findall(
    r"^\| (.+?) \| `(tests/[^`]+)`", (ROOT / "docs" / "promises.md").read_text(encoding="utf-8"), re.MULTILINE
)


def test_promises_are_found() -> None:
    """The page has not changed its form."""
    assert len(ROWS) > 25


@pytest.mark.parametrize(("promise", "named"), ROWS, ids=[named.rpartition("::")[2] for _, named in ROWS])
def test_a_promise_has_its_test(promise: str, named: str) -> None:
    """A file, or a function in it that is a test, marked as evidence exactly where the page says so."""
    file, _, function = named.partition("::")
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    tests = [name for name in functions if name.startswith("test_")]
    assert function in tests if function else tests
    marks = [ast.unparse(mark) for mark in functions[function].decorator_list] if function else []
    marks += [text for text in map(ast.unparse, tree.body) if text.startswith("pytestmark")]
    assert any("mark.evidence" in mark for mark in marks) == ("*evidence*" in promise)
