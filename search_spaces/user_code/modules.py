"""Files of users as modules: each text runs once in a process, under its hash, wherever its networks are needed.

A file may import others beside it. In whatever process they run, their imports of each other mean these very texts, not
what else may lie under that name there: names of own modules are replaced by those that their hash gives them.
"""

import ast
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import re
import sys
from collections.abc import Iterator, Sequence
from types import CodeType, ModuleType
from typing import Any, NamedTuple, get_args

from soundproof.common.errors import UserError
from soundproof.search_spaces.specs.canonical import Spec, specs_within
from soundproof.search_spaces.specs.custom_networks import CustomPart
from soundproof.search_spaces.user_code.reach import Reach
from soundproof.search_spaces.user_code.sources import MAIN, CustomSource

_PREFIX = "soundproof_custom_"
_EXIT = (
    "it calls sys.exit, and a file that is loaded has to run to its end: leave that out, or write it below "
    'if __name__ == "__main__"'
)


class CustomFileError(UserError):
    """A file of the user's cannot be used. The message says which, why, and what to do."""


class _Place(NamedTuple):
    """A module of a source."""

    source: CustomSource
    module: str


_places: dict[str, _Place] = {}
"""By the names that modules have in this process."""

_reaches: dict[str, Reach] = {}
"""By the hashes of sources."""

_homes: dict[tuple[str, str], _Place] = {}
"""Where a class lies, by what stands for it and its name."""


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds and runs the modules of sources that were asked for."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """See `importlib`."""
        return importlib.util.spec_from_loader(fullname, self) if fullname in _places else None

    def exec_module(self, module: ModuleType) -> None:
        """See `importlib`."""
        place = _places[module.__name__]
        vars(module)["__file__"] = place.source.path_of(place.module)
        exec(_program(place), vars(module))  # noqa: S102  # the user's own program, which they named


sys.meta_path.append(_Finder())


def load_source(source: CustomSource) -> ModuleType:
    """The module of a file, run once in this process with the own modules that it imports. Raises `CustomFileError`."""
    name = _name(source, MAIN)
    if name in sys.modules:
        return sys.modules[name]
    _places.update({_name(source, module): _Place(source, module) for module in source.texts})
    try:
        return importlib.import_module(name)
    except BaseException as error:  # an interrupt too must not leave half a module to be found
        _forget(source)
        where = _where(error, source)
        if isinstance(error, SystemExit):
            raise CustomFileError(f"{where}: {_EXIT}") from error
        if isinstance(error, UserError) or not isinstance(error, Exception):
            raise
        raise CustomFileError(f"{where}: {type(error).__name__}: {error}") from error


def identity_of(found: type) -> str:
    """What stands for a class in a trial: the hash of what it reaches in its files. Raises `CustomFileError`."""
    place = _places.get(found.__module__)
    if place is None:
        raise CustomFileError(
            f"{found.__name__} must be in a file that Soundproof loads, since other processes build it too: "
            "write it into a file, and name that with --file, or in a notebook with soundproof.load_file"
        )
    if found.__qualname__ != found.__name__:
        raise CustomFileError(
            f"{found.__qualname__} must be a class of the file itself, since other processes look it up by its name: "
            "define it outside functions and classes"
        )
    identity = _reach(place.source).digest(place.module, found.__name__)
    _homes[identity, found.__name__] = place
    return identity


def class_of(identity: str, name: str) -> Any:
    """The class called `name` for which `identity` stands. Raises `CustomFileError` where its file is not loaded."""
    place = _home(identity, name)
    if place is None:
        raise CustomFileError(
            f"{name} is from a file that has not been loaded, where {identity} stands for what it "
            "reaches: name the file with --file, as it was when the trial was trained"
        )
    return getattr(sys.modules[_name(*place)], name, None)


def source_of(part: Any) -> CustomSource | None:
    """The file that a network, loss, metric or augmentation is from; None for those of Soundproof's own."""
    if not isinstance(part, CustomPart):
        return None
    place = _home(part.source, part.name)
    return None if place is None else place.source


def custom_parts(spec: Spec) -> Iterator[CustomPart]:
    """Everything in a spec that is made by code of the user's."""
    yield from specs_within(spec, *get_args(CustomPart))


def sources_of(spec: Spec) -> tuple[CustomSource, ...]:
    """The files that a spec's parts are from, each once."""
    return tuple(dict.fromkeys(source for part in custom_parts(spec) if (source := source_of(part)) is not None))


def _home(identity: str, name: str) -> _Place | None:
    """Where a class lies, of what has been loaded: known by what it reaches, or as once by the whole of its file."""
    known = _homes.get((identity, name))
    if known is not None:
        return known
    for full, place in list(_places.items()):
        if not isinstance(getattr(sys.modules.get(full), name, None), type):
            continue
        if identity in (place.source.digest, _reach(place.source).digest(place.module, name)):
            _homes[identity, name] = place
            return place
    return None


def _reach(source: CustomSource) -> Reach:
    if source.digest not in _reaches:
        _reaches[source.digest] = Reach({module: _today(text) for module, text in source.texts.items()})
    return _reaches[source.digest]


def _name(source: CustomSource, module: str) -> str:
    """What a module is called in this process."""
    return _PREFIX + source.digest + (f"_{module.replace('.', '_')}" if module else "")


def _forget(source: CustomSource) -> None:
    for name in [_name(source, module) for module in source.texts]:
        _places.pop(name, None)
        sys.modules.pop(name, None)


def _program(place: _Place) -> CodeType:
    """A module's text, with own modules under the names that they have in this process."""
    name = place.source.path_of(place.module)
    tree = _OwnImports(place.source, name).visit(ast.parse(_today(place.source.texts[place.module]), name))
    return compile(ast.fix_missing_locations(tree), name, "exec", dont_inherit=True)


def _today(text: str) -> str:
    """The text as its author would write it now: its hash, by which trials are found that it trained, stays."""
    text = re.sub(r"^(\s*from) search_spaces\.own\b", r"\1 soundproof.search_spaces.custom", text, flags=re.MULTILINE)
    return re.sub(r"^(\s*from) search_spaces\b", r"\1 soundproof.search_spaces", text, flags=re.MULTILINE)


class _OwnImports(ast.NodeTransformer):
    """Replaces imports of own modules by those of the modules that their texts are in this process."""

    def __init__(self, source: CustomSource, file: str) -> None:
        self._source, self._own, self._file = source, dict(source.beside), file

    def visit_Import(self, node: ast.Import) -> ast.stmt:
        """`import helpers` and `import parts.helpers as helpers`."""
        for alias in node.names:
            if alias.name in self._own and alias.asname is None and "." in alias.name:
                package, _, last = alias.name.rpartition(".")
                raise CustomFileError(
                    f"{self._file}, line {node.lineno}: write `from {package} import {last}` for `import {alias.name}`"
                )
        return ast.copy_location(ast.Import([self._alias(alias, alias.name, alias.name) for alias in node.names]), node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> list[ast.stmt]:
        """`from helpers import name`, and `from parts import helpers` where that is a module."""
        if node.level:
            raise CustomFileError(
                f"{self._file}, line {node.lineno}: write the whole name of the module, from the folder of the file "
                "that is named, in place of dots"
            )
        assert node.module is not None
        modules = [alias for alias in node.names if f"{node.module}.{alias.name}" in self._own]
        names = [alias for alias in node.names if alias not in modules]
        made: list[ast.stmt] = [
            ast.Import([self._alias(alias, f"{node.module}.{alias.name}", alias.name)]) for alias in modules
        ]
        if names:
            source = _name(self._source, node.module) if node.module in self._own else node.module
            made.append(ast.ImportFrom(source, names, 0))
        return [ast.copy_location(statement, node) for statement in made]

    def _alias(self, alias: ast.alias, module: str, bound: str) -> ast.alias:
        if module not in self._own:
            return alias
        return ast.alias(_name(self._source, module), alias.asname or bound)


def _where(error: BaseException, source: CustomSource) -> str:
    """The file and line where it happened, of the user's files the last one on the way there: `own.py, line 3`."""
    if isinstance(error, SyntaxError):
        return f"{error.filename}, line {error.lineno}"
    files = {source.path_of(module) for module in source.texts}
    lines = [(name, line) for name, line in _frames(error) if name in files]
    return source.name if not lines else f"{lines[-1][0]}, line {lines[-1][1]}"


def _frames(error: BaseException) -> Iterator[tuple[str, int]]:
    traceback = error.__traceback__
    while traceback is not None:
        yield traceback.tb_frame.f_code.co_filename, traceback.tb_lineno
        traceback = traceback.tb_next
