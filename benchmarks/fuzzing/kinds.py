"""What is fuzzed: a kind has real files as its seeds, and reads one that was changed as the product would."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from soundproof.common.errors import UserError

Form = Literal["bytes", "json", "lines", "cells"]
"""What is changed beside plain bytes: values of JSON, those of lines of JSON, cells of a table."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ready:
    """Seeds by name, and how one of them is read after it was changed: `read(NAME, BYTES)`."""

    seeds: Mapping[str, bytes]
    read: Callable[[str, bytes], object]


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """A format and its reader.

    `open` makes the seeds in a folder of its own, with the real writers. `refusals` are the errors that the reader
    documents, and that its callers turn into a message. `share` is its part of all inputs: readers that need
    milliseconds for each have smaller ones.
    """

    name: str
    open: Callable[[Path], Ready]
    form: Form = "bytes"
    refusals: tuple[type[Exception], ...] = (UserError,)
    share: float = 1.0


def tree(root: Path, reader: Callable[[Path], object], *names: str) -> Ready:
    """A folder of which one file is changed at a time, by default any; the others stay whole, and it is put back."""
    files = {file.relative_to(root).as_posix(): file for file in sorted(root.rglob("*")) if file.is_file()}
    seeds = {name: file.read_bytes() for name, file in files.items() if not names or name in names}
    assert seeds, root

    def read(name: str, content: bytes) -> object:
        (root / name).write_bytes(content)
        try:
            return reader(root)
        finally:
            (root / name).write_bytes(seeds[name])

    return Ready(seeds=seeds, read=read)


def single(folder: Path, seeds: Mapping[str, bytes], reader: Callable[[Path], object]) -> Ready:
    """Files that stand for themselves; each is read under its own name."""

    def read(name: str, content: bytes) -> object:
        path = folder / name
        path.write_bytes(content)
        return reader(path)

    folder.mkdir(parents=True, exist_ok=True)
    return Ready(seeds=seeds, read=read)
