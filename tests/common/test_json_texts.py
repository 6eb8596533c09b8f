"""JSON that others wrote: a value, or one kind of error."""

import json

import pytest

from soundproof.common.json_texts import DEEPEST, parsed


@pytest.mark.parametrize("text", ["[" * 200_000, "[" * 5000 + "]" * 5000, '{"a":' * 200 + "1" + "}" * 200])
def test_what_is_nested_too_deeply_is_refused(text: str) -> None:
    """Whether or not `json` itself can still read it."""
    with pytest.raises(ValueError, match="nested too deeply"):
        parsed(text)


def test_what_is_deep_enough_for_anybody_is_read() -> None:
    """Up to the bound; brackets in texts, and many beside each other, do not count."""
    deep = "[" * DEEPEST + "]" * DEEPEST
    assert parsed(deep) == json.loads(deep)
    assert parsed(json.dumps([["[[[{{{" * 99]] * 200)) == [["[[[{{{" * 99]] * 200


@pytest.mark.parametrize("content", [b"\xff{}", b"{", b'{"a": ' + b"9" * 5000 + b"}"])
def test_other_bytes_are_refused(content: bytes) -> None:
    """No UTF-8, no JSON, a number that Python does not read."""
    with pytest.raises(ValueError, match="."):
        parsed(content)
