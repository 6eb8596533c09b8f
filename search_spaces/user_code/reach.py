"""What a class of the user's reaches in their files: its own text, and that of all that it is made of.

From the class go its bases, decorators, and every name that its methods read, to what binds these names: functions,
constants, classes, imports; from there on, into other files of the user's too. What stands between (comments,
documentation, claims, questions, other networks) is not reached. Statements that may change something beside the names
that they bind count for every class. Where a text can read names that it does not spell (`eval`, `globals`), all of it
counts.
"""

import ast
import copy
import hashlib
from collections.abc import Iterator, Mapping

from soundproof.search_spaces.specs.canonical import DIGEST_CHARACTERS
from soundproof.search_spaces.user_code.effects import Effects, Lookup
from soundproof.search_spaces.user_code.statements import Imported, Module, read_module

_READS_ANYTHING = frozenset(
    "globals eval exec compile __import__ importlib import_module inspect modules __builtins__ __dict__ __subclasses__ "
    "__globals__ getattr_static".split()
)
"""Names and attributes by which code gets at names that it does not spell."""

_Place = tuple[str, int, str | None]
"""A statement by its module and place, and the name that it is asked for: an import may bind others, too."""


class Reach:
    """The texts of a user's files, by the dotted names of their modules. Raises `SyntaxError` where one is none."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts
        self._modules = {name: read_module(text) for name, text in texts.items()}
        self._keeps_documentation = any("__doc__" in text for text in texts.values())
        self._effects = Effects(self._modules, self._lookup_in)
        self._known: dict[tuple[str, str], str] = {}

    def digest(self, module: str, name: str) -> str:
        """The hash of what the class `name` of `module` reaches; of all texts where that cannot be known."""
        key = (module, name)
        if key not in self._known:
            parts = self._reached(module, name)
            everything = [f"{where}\n{text}" for where, text in sorted(self._texts.items())]
            joined = "\0".join([name, *(everything if parts is None else parts)])
            self._known[key] = hashlib.sha256(joined.encode()).hexdigest()[:DIGEST_CHARACTERS]
        return self._known[key]

    def _reached(self, module: str, name: str) -> list[str] | None:
        """The reached statements as text, in the order of the files; None where reach cannot be known."""
        if name not in self._modules[module].binders:
            return None
        pending = list(self._bound(module, name))
        pending += [(one, place, None) for one in self._modules for place in self._effects.of(one)]
        reached: dict[tuple[str, int, str], str] = {}
        while pending:
            where, place, bound = pending.pop()
            statement = self._modules[where].statements[place]
            imported = self._modules[where].imports.get(bound) if bound is not None else None
            if imported is not None and isinstance(statement, ast.Import | ast.ImportFrom):
                # of what it imports this name alone
                reached[where, place, bound or ""] = f"{bound} is {imported.name} of {imported.module}"
                pending += self._imported(imported)
                continue
            if (where, place, "") in reached:
                continue
            counted = self._as_it_counts(statement)
            if _reads_anything(counted):
                return None
            reached[where, place, ""] = ast.unparse(counted)
            pending += self._next(where, counted)
        return [reached[at] for at in sorted(reached)]

    def _next(self, module: str, statement: ast.stmt) -> Iterator[_Place]:
        """Where the names lie that a statement reads."""
        known = self._modules[module]
        attributes = [node for node in ast.walk(statement) if isinstance(node, ast.Attribute)]
        of_modules = {node.value: node.attr for node in attributes if self._is_own_module(known, node.value)}
        names = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name) and node not in of_modules}
        for name in names | _quoted_names(statement):
            if name in known.binders:
                yield from self._bound(module, name)
            else:
                yield from self._by_star(module, name)
        for value, name in of_modules.items():
            yield from self._bound(known.imports[ast.unparse(value)].whole, name)
        for node in ast.walk(statement):
            for imported in _imports_of(node):
                yield from self._imported(imported)

    def _is_own_module(self, known: Module, value: ast.expr) -> bool:
        """Whether it is the name of an own module, as in `helpers.scaled`."""
        match value:
            case ast.Name(id=name) if name in known.imports:
                return known.imports[name].whole in self._modules
        return False

    def _imported(self, imported: Imported) -> Iterator[_Place]:
        """A name of an own module; all of it where the module itself is what is named."""
        if imported.whole in self._modules:
            yield from ((imported.whole, place, None) for place in range(len(self._modules[imported.whole].statements)))
        elif imported.name is not None and imported.module in self._modules:
            yield from self._bound(imported.module, imported.name)

    def _bound(self, module: str, name: str) -> Iterator[_Place]:
        known = self._modules[module]
        if name in known.binders:
            yield from ((module, place, name) for place in known.binders[name])
        else:
            yield from self._by_star(module, name)

    def _by_star(self, module: str, name: str, asked: frozenset[str] = frozenset()) -> Iterator[_Place]:
        """Where a name may come from that the module does not bind: any module of which it imports all names."""
        for source, place in self._modules[module].stars:
            if source not in self._modules:
                yield module, place, None
            elif name in self._modules[source].public:
                yield from self._bound(source, name)
            elif source not in asked:
                yield from self._by_star(source, name, asked | {module, source})

    def _lookup_in(self, module: str) -> Lookup:
        """What `Effects` asks: where a name of the module is defined, if by a file of the user's."""

        def find(name: str) -> tuple[str, Module, str] | None:
            known = self._modules[module]
            imported = known.imports.get(name)
            if imported is None and name in known.binders:
                return module, known, name
            if imported is not None:
                if imported.name is None or imported.module not in self._modules:
                    return None
                return self._lookup_in(imported.module)(imported.name)
            for source, _ in known.stars:
                if source in self._modules and source != module and name in self._modules[source].public:
                    return self._lookup_in(source)(name)
            return None

        return find

    def _as_it_counts(self, statement: ast.stmt) -> ast.stmt:
        """The statement without documentation, and without defaults that a trial writes out as settings."""
        counted = copy.deepcopy(statement)
        for node in ast.walk(counted):
            if (
                isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
                and not self._keeps_documentation
            ):
                node.body = [part for part in node.body if not _is_documentation(part)] or [ast.Pass()]
        if isinstance(counted, ast.ClassDef) and _is_dataclass(counted):
            _forget_defaults(counted)
        return counted


def _is_documentation(part: ast.stmt) -> bool:
    return isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant)


def _is_dataclass(found: ast.ClassDef) -> bool:
    return any("dataclass" in ast.unparse(decorator) for decorator in found.decorator_list)


def _forget_defaults(found: ast.ClassDef) -> None:
    """Leave out values of fields: what a network is made with stands in its settings.

    A default stays that something may read as a name of the class: in its body, or as an attribute of anything but
    `self`. Whether there is one stays, too.
    """
    read = {node.id for node in ast.walk(found) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    read |= {
        node.attr
        for node in ast.walk(found)
        if isinstance(node, ast.Attribute) and not (isinstance(node.value, ast.Name) and node.value.id == "self")
    }
    for part in found.body:
        match part:
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.Constant()) if name not in read:
                part.value = ast.Constant(...)


def _reads_anything(statement: ast.stmt) -> bool:
    for node in ast.walk(statement):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name) if name in _READS_ANYTHING:
                return True
            case ast.ImportFrom(module=source) if (source or "").partition(".")[0] in _READS_ANYTHING:
                return True
            case ast.Call(func=ast.Name(id="vars" | "locals" | "dir"), args=[]):
                return True
    return False


def _quoted_names(statement: ast.stmt) -> set[str]:
    """Names in annotations that are written in quotes."""
    found: set[str] = set()
    for node in ast.walk(statement):
        annotation = getattr(node, "annotation", None) or getattr(node, "returns", None)
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            try:
                quoted = ast.parse(annotation.value, mode="eval")
            except SyntaxError:
                continue
            found |= {inner.id for inner in ast.walk(quoted) if isinstance(inner, ast.Name)}
    return found


def _imports_of(node: ast.AST) -> Iterator[Imported]:
    """What an import statement within another one names; of stars the whole module."""
    match node:
        case ast.Import(names=names):
            yield from (Imported(alias.name) for alias in names)
        case ast.ImportFrom(module=source, names=names):
            for alias in names:
                yield Imported(source or "", None if alias.name == "*" else alias.name)
