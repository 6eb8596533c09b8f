"""Rows as JSON: a list of objects, an object that holds one such list, or JSON Lines with an object a line."""

import json
from pathlib import Path
from typing import Any

from soundproof.analysis.sources.decoding import decoded
from soundproof.analysis.sources.found import Found, SourceError
from soundproof.analysis.sources.json_rows import DECODER, RowsRead
from soundproof.analysis.sources.without_collection import without_collection
from soundproof.common.json_texts import parsed

_LINES = (".jsonl", ".ndjson")
_ENDINGS = (".json", *_LINES)
_EXPECTED = "expected a list of objects, one for each run, or such objects as JSON Lines"


def recognises(path: Path) -> bool:
    """Whether this is a file of JSON by its name and its first character."""
    if path.suffix.lower() not in _ENDINGS or not path.is_file():
        return False
    with path.open("rb") as file:
        beginning = file.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()
    return beginning[:1] in (b"[", b"{")


def read(path: Path) -> Found:
    """The runs of a file, one for each object; `.json` may hold JSON Lines too.

    Keys of nested objects are joined by `/`. A key may be missing in some objects. Lists of [step, value] are curves.
    """
    text = decoded(path)
    with without_collection():
        if path.suffix.lower() in _LINES or _has_lines(text):
            return _read_lines(path, text)
        return _read_whole(path, _parsed(path, text))


def _has_lines(text: str) -> bool:
    """Whether a first line is an object of its own, and something follows."""
    first, _, rest = text.strip().partition("\n")
    if not rest or not first.startswith("{"):
        return False
    try:
        return isinstance(parsed(first, DECODER), dict)
    except ValueError:
        return False


def _read_lines(path: Path, text: str) -> Found:
    """An object a line."""
    rows = RowsRead(name=str(path), kind="JSON Lines")
    name = path.name
    for at, line in enumerate(text.split("\n"), start=1):
        if not line or line.isspace():
            continue
        where = f"line {at} of {name}"
        try:
            entry = parsed(line, DECODER)
        except ValueError as error:
            raise SourceError(
                f"{where}: expected an object of JSON, {_fault(error)}. Mend or remove the line."
            ) from None
        if not isinstance(entry, dict):
            raise SourceError(
                f"{where}: expected an object of JSON, found {_described(entry)}. Write one object a line."
            )
        rows.add(where, entry)
    return rows.found()


def _parsed(path: Path, text: str) -> Any:
    """The value of a whole file."""
    try:
        return parsed(text, DECODER)
    except ValueError as error:
        line = f", line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise SourceError(f"{path}{line}: expected JSON, {_fault(error)}. Mend the file, or export it again.") from None


def _fault(error: Exception) -> str:
    """What is wrong with a text that is no JSON."""
    if isinstance(error, json.JSONDecodeError):
        return f"found a fault at column {error.colno}: {error.msg}"
    return f"but {error}"


def _read_whole(path: Path, value: Any) -> Found:
    """The objects of a list, or of the one list of objects in an object."""
    rows = RowsRead(name=str(path), kind="JSON")
    if isinstance(value, dict):
        value = _only_list(path, value, rows)
    if not isinstance(value, list) or not value:
        raise SourceError(f"{path}: {_EXPECTED}; found {_described(value)}. Export the rows as such a list.")
    for at, entry in enumerate(value, start=1):
        where = f"entry {at} of {path.name}"
        if not isinstance(entry, dict):
            raise SourceError(f"{where}: {_EXPECTED}; found {_described(entry)}. {_records(path)}")
        rows.add(where, entry)
    return rows.found()


def _only_list(path: Path, value: dict[str, Any], rows: RowsRead) -> list[dict[str, Any]]:
    """The one list of objects that an object holds."""
    lists = [key for key, entry in value.items() if isinstance(entry, list) and entry and isinstance(entry[0], dict)]
    if len(lists) == 1:
        beside = [key for key in value if key not in lists]
        rows.notes.append(
            f"Rows are the objects below {lists[0]!r}." + f" Left out: {', '.join(beside)}." * bool(beside)
        )
        return value[lists[0]]  # type: ignore[no-any-return]
    if len(lists) > 1:
        raise SourceError(f"{path}: {_EXPECTED}; found several lists of objects: {', '.join(lists)}. Give one a file.")
    if {"columns", "data"} <= value.keys():
        found = "a table as pandas writes it with orient='split'"
    elif value and all(isinstance(entry, dict) for entry in value.values()):
        found = "objects by name, as pandas writes with orient='columns' or 'index'"
    else:
        found = f"an object without one (keys: {', '.join(list(value)[:8]) or 'none'})"
    raise SourceError(f"{path}: {_EXPECTED}; found {found}. {_records(path)}")


def _records(path: Path) -> str:
    """How such a file is written."""
    return f"From pandas: frame.to_json({path.stem + '.jsonl'!r}, orient='records', lines=True)."


def _described(value: Any) -> str:
    """What a value is, in words."""
    kinds = {dict: "an object", list: "a list", bool: "true or false", int: "a number", type(None): "null"}
    if isinstance(value, list) and not value:
        return "an empty list"
    return kinds.get(type(value), "a number or text")
