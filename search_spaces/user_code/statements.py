"""A module of the user's as its statements: which names each binds, and what it would run when the module is loaded."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import binds a name to: a module, or a name of it."""

    module: str
    name: str | None = None

    @property
    def whole(self) -> str:
        """The dotted name of all of it, by which a module is known."""
        return self.module if self.name is None else f"{self.module}.{self.name}"


@dataclass(slots=True)
class Module:
    """The statements of a text at its top level, in their order.

    `binders` are the statements that bind a name, or change what it is bound to; `imports` what names of imports stand
    for; `stars` the modules of which all names are imported, with the statement.
    """

    statements: list[ast.stmt]
    binders: dict[str, list[int]] = field(default_factory=dict)
    imports: dict[str, Imported] = field(default_factory=dict)
    stars: list[tuple[str, int]] = field(default_factory=list)

    def bind(self, name: str, place: int) -> None:
        """Note that the statement at `place` binds `name`."""
        places = self.binders.setdefault(name, [])
        if not places or places[-1] != place:
            places.append(place)

    @property
    def public(self) -> set[str]:
        """What a star import takes, without what the module itself imports by a star."""
        for statement in self.statements:
            match statement:
                case ast.Assign(targets=[ast.Name(id="__all__")], value=ast.List(elts=names) | ast.Tuple(elts=names)):
                    return {str(name.value) for name in names if isinstance(name, ast.Constant)}
        return {name for name in (*self.binders, *self.imports) if not name.startswith("_")}

    def definition(self, name: str) -> ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | None:
        """The function or class that `name` is, where it is bound once and is one."""
        places = self.binders.get(name, [])
        found = self.statements[places[0]] if len(places) == 1 else None
        if isinstance(found, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and found.name == name:
            return found
        return None


def read_module(text: str) -> Module:
    """The statements of a text, but for what it does as a program. Raises `SyntaxError`."""
    module = Module([statement for statement in ast.parse(text).body if not _only_as_program(statement)])
    for place, statement in enumerate(module.statements):
        for node in _at_top_level(statement):
            _note(module, node, place)
    for place, statement in enumerate(module.statements):
        for node in _at_top_level(statement):
            for name in changed_names(node):
                if name in module.binders:
                    module.bind(name, place)
    return module


def changed_names(node: ast.AST) -> Iterator[str]:
    """Names whose values the statement changes without binding them: `X.y = 1`, `X["y"] = 1`, `X.append(1)`."""
    match node:
        case ast.Assign(targets=targets):
            yield from (root for target in targets if (root := changed_root(target)))
        case ast.AugAssign(target=target) | ast.AnnAssign(target=target):
            if root := changed_root(target):
                yield root
        case ast.Expr(value=ast.Call(func=ast.Attribute() as called)):
            if root := changed_root(called):
                yield root


def changed_root(target: ast.expr) -> str | None:
    """`X` of `X.y` and `X["y"]`; None for a plain name, and for anything else."""
    return root_of(target) if isinstance(target, ast.Attribute | ast.Subscript) else None


def root_of(node: ast.expr) -> str | None:
    """`X` of `X`, `X.y` and `X["y"]`; None for anything else."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _only_as_program(statement: ast.stmt) -> bool:
    """`if __name__ == "__main__":`, which is false where Soundproof loads the file."""
    match statement:
        case ast.If(test=ast.Compare(left=ast.Name(id="__name__"), comparators=[ast.Constant(value="__main__")])):
            return not statement.orelse
    return False


def _at_top_level(statement: ast.stmt) -> Iterator[ast.AST]:
    """The statement and what it holds, but not what is inside functions and classes, whose names are their own."""
    yield statement
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return
    for child in ast.iter_child_nodes(statement):
        if isinstance(child, ast.stmt):
            yield from _at_top_level(child)
        elif isinstance(child, ast.ExceptHandler | ast.match_case):
            for inner in child.body:
                yield from _at_top_level(inner)


def _note(module: Module, node: ast.AST, place: int) -> None:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            module.bind(node.name, place)
        case ast.Import(names=names):
            for alias in names:
                top = alias.name.partition(".")[0]
                module.imports[alias.asname or top] = Imported(alias.name if alias.asname else top)
                module.bind(alias.asname or top, place)
        case ast.ImportFrom(module=source, names=names):
            for alias in names:
                if alias.name == "*":
                    module.stars.append((source or "", place))
                else:
                    module.imports[alias.asname or alias.name] = Imported(source or "", alias.name)
                    module.bind(alias.asname or alias.name, place)
        case ast.stmt():
            for name in _stored(node):
                module.bind(name, place)


def _stored(statement: ast.stmt) -> Iterator[str]:
    """Names that the statement itself assigns to, those of its own expressions too (`:=`)."""
    for child in ast.iter_child_nodes(statement):
        if isinstance(child, ast.stmt):
            continue
        for node in ast.walk(child):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.id
            elif isinstance(node, ast.MatchAs | ast.MatchStar) and node.name:
                yield node.name
