"""Files of tables as raw rows: JSON Lines, a JSON array, CSV and its kin, Parquet; each as it is or gzipped."""

import gzip
import io
import json
import math
import zlib
from pathlib import Path
from typing import Any

from soundproof.common.json_texts import parsed
from soundproof.trainables.corpora.corpus import CorpusError
from soundproof.trainables.corpora.recorded.folder_listing import printable
from soundproof.trainables.corpora.recorded.tables.delimited import delimited_rows, is_delimited
from soundproof.trainables.corpora.recorded.tables.rows import Problem, Row, Unit

_GZIP, _PARQUET, _MARK = b"\x1f\x8b", b"PAR1", b"\xef\xbb\xbf"
_TABLES = (".csv", ".tsv", ".psv", ".txt")
_JSON = (".json", ".jsonl", ".ndjson")


def read_rows(path: Path, form: str) -> list[Row]:
    """The rows of the table at `path`, with the names that it gives its fields; `form` is how a line may look.

    Raises `CorpusError` where there is no table; what is wrong with a row stands in it.
    """
    content = _content(path, form)
    if content.startswith(_PARQUET):
        return _parquet_rows(path, content)
    content = content.removeprefix(_MARK)
    ending = Path(path.name.lower().removesuffix(".gz")).suffix
    json_like = content.lstrip()[:1] in (b"{", b"[")
    if ending in _TABLES or (ending not in _JSON and not json_like and is_delimited(content)):
        return delimited_rows(path, _text(path, content))
    array = _array_rows(path, content, form)
    if array is not None:
        return array
    numbered = enumerate(content.split(b"\n"), start=1)
    return [_json_row(path, number, raw, form) for number, raw in numbered if raw.strip()]


def _content(path: Path, form: str) -> bytes:
    if path.is_dir():
        raise CorpusError(f"{path}: expected a manifest, got a folder: give the file, one {form} a line")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CorpusError(
            f"{path}: expected a manifest, one {form} a line, which cannot be read ({error.strerror}): check the path"
        ) from error
    if not content.startswith(_GZIP):
        return content
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise CorpusError(f"{path}: must be a whole gzip file, got an error ({error}): copy it again") from error


def _text(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        raise CorpusError(
            f"{path}:{line}: must be UTF-8, got byte 0x{content[error.start]:02x} at column {column}: save it as UTF-8"
        ) from error


def _parquet_rows(path: Path, content: bytes) -> list[Row]:
    import pyarrow  # noqa: PLC0415  # other tables need not wait for it
    from pyarrow import parquet  # noqa: PLC0415  # the same

    try:
        table = parquet.read_table(io.BytesIO(content)).to_pylist()
    except (pyarrow.ArrowException, OSError) as error:
        raise CorpusError(f"{path}: must be Parquet, got an error ({printable(str(error))}): write it again") from error
    rows = [{name: _known(value) for name, value in row.items() if not _is_index(name)} for row in table]
    return [Row(file=path, number=number, unit="row", fields=row) for number, row in enumerate(rows, start=1)]


def _is_index(name: str) -> bool:
    """How pandas calls the numbers of its rows in a file."""
    return name.startswith("__index_level_") or name == "Unnamed: 0"


def _known(value: Any) -> Any:
    """None for what is not a number, as pandas writes what is missing."""
    return None if isinstance(value, float) and math.isnan(value) else value


def _array_rows(path: Path, content: bytes, form: str) -> list[Row] | None:
    """The entries of one JSON array; None where the file is something else."""
    if not content.lstrip().startswith(b"["):
        return None
    try:
        entries = parsed(content.decode("utf-8"), _DECODER)
    except json.JSONDecodeError as error:
        if not content.lstrip()[1:].lstrip().startswith(b"{"):
            return None
        problem = Problem("must be a JSON array", f"an error at column {error.colno} ({error.msg})", "correct it")
        return [Row(file=path, number=error.lineno, problems=[problem])]
    except ValueError:
        return None
    return [_row_of(path, number, entry, "entry", form) for number, entry in enumerate(entries, start=1)]


def _json_row(path: Path, number: int, raw: bytes, form: str) -> Row:
    """The line's fields; a line that is no JSON object has none, and one problem."""
    try:
        return _row_of(path, number, parsed(raw.decode("utf-8"), _DECODER), "line", form)
    except UnicodeDecodeError as error:
        got = f"byte 0x{raw[error.start]:02x} at column {error.start + 1}"
        problem = Problem("must be UTF-8", got, "save it as UTF-8")
    except json.JSONDecodeError as error:
        problem = Problem("must be JSON", f"an error at column {error.colno} ({error.msg})", f"write {form}")
    except ValueError as error:
        problem = Problem(f"must be JSON ({error})", "", f"write {form}")
    return Row(file=path, number=number, problems=[problem])


def _row_of(path: Path, number: int, value: Any, unit: Unit, form: str) -> Row:
    if isinstance(value, dict):
        return Row(file=path, number=number, unit=unit, fields=value)
    problem = Problem("must be an object", type(value).__name__, f"write {form}")
    return Row(file=path, number=number, unit=unit, problems=[problem])


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError(f"names must differ, got {', '.join(repr(name) for name, _ in pairs)}")
    return fields


def _refuse_constant(constant: str) -> float:
    raise ValueError(f"{constant} is not a JSON number")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse_constant)
