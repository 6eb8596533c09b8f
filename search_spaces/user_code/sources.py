"""A file of the user's with the own files that it imports: as texts, which travel to whatever process needs them."""

import ast
import hashlib
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath, PurePosixPath

from soundproof.search_spaces.specs.canonical import DIGEST_CHARACTERS

MAIN = ""
"""The module of the file itself. Those that it imports have their dotted names."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomSource:
    """`text` of the file called `name`, and by their dotted names the texts of own modules `beside` it."""

    name: str
    text: str
    beside: tuple[tuple[str, str], ...] = field(default=())

    @property
    def digest(self) -> str:
        """The hash of all of it; of one file alone, that of its text."""
        if not self.beside:
            whole = self.text
        else:
            whole = "\0".join([self.text, *(f"{module}\0{text}" for module, text in self.beside)])
        return hashlib.sha256(whole.encode()).hexdigest()[:DIGEST_CHARACTERS]

    @property
    def texts(self) -> dict[str, str]:
        """By the dotted names of modules, the file itself as `MAIN`."""
        return {MAIN: self.text, **dict(self.beside)}

    def path_of(self, module: str) -> str:
        """What tracebacks call a module's file."""
        return self.name if module == MAIN else str(Path(self.name).parent / _path(module))

    def files(self) -> dict[PurePosixPath, str]:
        """The texts by paths under which they can be imported again from the file, which is the first."""
        paths = {_path(module): text for module, text in self.beside}
        return {PurePosixPath(f"{Path(self.name).stem}.py"): self.text, **paths}


def read_source(path: Path) -> CustomSource:
    """The file at `path` with the files that it imports from its folder, and those that these import from there.

    As Python does for a program, a file beside it goes before an installed package of that name, but not before the
    standard library. Raises `OSError` or `UnicodeDecodeError` where one cannot be read.
    """
    text = _read(path)
    beside: dict[str, str] = {}
    pending = list(_imported_modules(text))
    while pending:
        module = pending.pop()
        file = _file_of(module, path.parent)
        if module in beside or _is_of_python(module) or file is None or file.resolve() == path.resolve():
            continue
        beside[module] = _read(file)
        pending += _imported_modules(beside[module])
    return CustomSource(name=str(path), text=text, beside=tuple(sorted(beside.items())))


def source_of_files(name: str, text: str, beside: Mapping[PurePath, str]) -> CustomSource:
    """Inverse of `CustomSource.files`: the file, and those `beside` it by their paths."""
    modules = {".".join(path.with_suffix("").parts): found for path, found in beside.items()}
    return CustomSource(name=name, text=text, beside=tuple(sorted(modules.items())))


def _path(module: str) -> PurePosixPath:
    return PurePosixPath(*module.split(".")).with_suffix(".py")


def _file_of(module: str, folder: Path) -> Path | None:
    place = folder.joinpath(*module.split("."))
    return next((file for file in (place.with_suffix(".py"), place / "__init__.py") if file.is_file()), None)


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8-sig")  # without a byte order mark, as Python reads it


def _is_of_python(module: str) -> bool:
    return module.partition(".")[0] in sys.stdlib_module_names


def _imported_modules(text: str) -> Iterator[str]:
    """All modules that a text may mean, wherever it imports them: of `from a import b` both `a` and `a.b`."""
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return  # told where the text is run
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(source), names=names, level=0):
                yield source
                yield from (f"{source}.{alias.name}" for alias in names if alias.name != "*")
