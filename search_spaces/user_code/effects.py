"""Whether a statement of a module may change more than the names that it binds: then it counts for every network.

What is known to change nothing is a short list: definitions, literals, Soundproof's own declarations, a few modules of
the standard library, and functions and classes of the user's that themselves call nothing else. Whatever is not known
is taken to have an effect. That costs trials that are trained again without need, never one that is not.
"""

import ast
from collections.abc import Callable, Iterator

from soundproof.search_spaces.user_code.statements import Module, changed_names, changed_root, root_of

_QUIET_MODULES = frozenset(
    "soundproof search_spaces dataclasses math itertools functools operator collections fractions statistics typing "
    "enum string abc numbers decimal".split()
)
_QUIET_BUILTINS = frozenset(
    "abs all any bool bytes chr classmethod dict divmod enumerate filter float format frozenset hash int isinstance "
    "issubclass len list map max min object ord pow print property range repr reversed round set slice sorted "
    "staticmethod str sum super tuple type zip".split()
)
_QUIET_METHODS = frozenset(
    "items keys values get format join split rsplit partition strip lstrip rstrip lower upper title capitalize replace "
    "startswith endswith index count copy spec to_plain to_json digest zfill".split()
)
_QUIET_DECORATORS = frozenset("torch property staticmethod classmethod override final".split())

_Function = ast.FunctionDef | ast.AsyncFunctionDef
Lookup = Callable[[str], tuple[str, Module, str] | None]
"""From a name in a module to the own module that defines it, and its name there; None where no own file does."""


class Effects:
    """Says of statements whether they may have an effect; `lookup(module)` finds what a name stands for."""

    def __init__(self, modules: dict[str, Module], lookup: Callable[[str], Lookup]) -> None:
        self._modules, self._lookup = modules, lookup
        self._quiet_functions: dict[tuple[str, str], bool] = {}

    def of(self, module: str) -> Iterator[int]:
        """The places of the statements of a module that may have one."""
        for place, statement in enumerate(self._modules[module].statements):
            if self._acts(module, statement):
                yield place

    def _acts(self, module: str, statement: ast.stmt) -> bool:
        acts = True
        match statement:
            case ast.Import() | ast.Pass() | ast.Expr(value=ast.Constant()):
                acts = False
            case ast.ImportFrom(module=source):
                acts = source == "__future__"
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                acts = not self._quiet_definition(module, statement)
            case ast.ClassDef():
                acts = not self._quiet_class(module, statement)
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign() | ast.Expr():
                acts = not self._quiet_assignment(module, statement)
            case ast.If() | ast.For() | ast.Try():
                inner = [node for node in ast.iter_child_nodes(statement) if isinstance(node, ast.stmt)]
                for handler in getattr(statement, "handlers", []):
                    inner += handler.body
                own = [node for node in ast.iter_child_nodes(statement) if isinstance(node, ast.expr)]
                acts = not all(self._quiet(module, node) for node in own)
                acts = acts or any(self._acts(module, node) for node in inner)
        return acts

    def _quiet_assignment(self, module: str, statement: ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Expr) -> bool:
        """Whether it changes own names alone, and calls nothing that is not quiet."""
        known = self._modules[module]
        changed = list(changed_names(statement))
        foreign = [name for name in changed if name not in known.binders or name in known.imports]
        targets = getattr(statement, "targets", [getattr(statement, "target", None)])
        strange = [target for target in targets if isinstance(target, ast.Attribute | ast.Subscript)]
        if foreign or any(changed_root(target) is None for target in strange):
            return False
        value = statement.value
        if isinstance(statement, ast.Expr) and isinstance(value, ast.Call) and changed:
            # `X.append(...)` of an own X: what it changes is bound to X, and the call itself is one of its methods
            return all(self._quiet(module, node) for node in [*value.args, *(word.value for word in value.keywords)])
        return value is None or self._quiet(module, value)

    def _quiet_definition(self, module: str, function: _Function) -> bool:
        defaults = [*function.args.defaults, *(value for value in function.args.kw_defaults if value is not None)]
        decorators = (self._quiet_decorator(module, decorator) for decorator in function.decorator_list)
        return all(decorators) and all(self._quiet(module, value) for value in defaults)

    def _quiet_decorator(self, module: str, decorator: ast.expr) -> bool:
        """Whether a decorator notes nothing anywhere: one of the standard library, of torch, or a quiet one of ours."""
        called, arguments = decorator, []
        if isinstance(decorator, ast.Call):
            called, arguments = decorator.func, [*decorator.args, *(word.value for word in decorator.keywords)]
        root, known = root_of(called), self._modules[module]
        if root is None or not all(self._quiet(module, value) for value in arguments):
            return False
        home = known.imports[root].module.partition(".")[0] if root in known.imports else root
        if self._lookup(module)(root) is None and (root in known.imports or root not in known.binders):
            return home in _QUIET_DECORATORS | _QUIET_MODULES
        return self._quiet_call(module, called, frozenset())

    def _quiet_class(self, module: str, found: ast.ClassDef) -> bool:
        if found.keywords or not all(self._quiet_base(module, base) for base in found.bases):
            return False
        if not all(self._quiet_decorator(module, decorator) for decorator in found.decorator_list):
            return False
        return not any(self._acts_in_class(module, statement) for statement in found.body)

    def _acts_in_class(self, module: str, statement: ast.stmt) -> bool:
        match statement:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                return not self._quiet_definition(module, statement)
            case ast.Assign(value=value) | ast.AnnAssign(value=value):
                targets = getattr(statement, "targets", [getattr(statement, "target", None)])
                plain = all(isinstance(target, ast.Name) for target in targets)
                return not plain or (value is not None and not self._quiet(module, value))
            case ast.ClassDef():
                return not self._quiet_class(module, statement)
            case ast.Pass() | ast.Expr(value=ast.Constant()):
                return False
        return True

    def _quiet_base(self, module: str, base: ast.expr) -> bool:
        """Whether a class may be derived from it without anybody hearing of it."""
        if isinstance(base, ast.Subscript):
            base = base.value
        if not isinstance(base, ast.Name):
            return root_of(base) is not None  # of a library, whose classes know nothing of ours
        found = self._lookup(module)(base.id)
        if found is None:
            return True
        home, known, name = found
        definition = known.definition(name)
        if not isinstance(definition, ast.ClassDef) or definition.keywords:
            return False
        hooks = {node.name for node in definition.body if isinstance(node, ast.FunctionDef)}
        return "__init_subclass__" not in hooks and all(self._quiet_base(home, one) for one in definition.bases)

    def _quiet(self, module: str, value: ast.expr, local: frozenset[str] = frozenset()) -> bool:
        """Whether the expression calls nothing but what is known to have no effect."""
        pending: list[ast.AST] = [value]
        while pending:
            node = pending.pop()
            if isinstance(node, ast.Name) and not self._quiet_if_function(module, node.id):
                return False  # whoever is given it may call it
            if isinstance(node, ast.Await | ast.Yield | ast.YieldFrom):
                return False
            if isinstance(node, ast.Call) and not self._quiet_call(module, node.func, local):
                return False
            pending += ast.iter_child_nodes(node)
        return True

    def _quiet_if_function(self, module: str, name: str) -> bool:
        found = self._lookup(module)(name)
        if found is None or not isinstance(found[1].definition(found[2]), _Function):
            return True
        return self._quiet_own(*found)

    def _quiet_call(self, module: str, called: ast.expr, local: frozenset[str]) -> bool:
        known = self._modules[module]
        root = root_of(called)
        if isinstance(called, ast.Name) and root is not None and root not in local:
            found = self._lookup(module)(root)
            if found is not None:
                return self._quiet_own(*found)
            if root in known.imports:
                return known.imports[root].module.partition(".")[0] in _QUIET_MODULES
            return root in _QUIET_BUILTINS and root not in known.binders
        if isinstance(called, ast.Attribute):
            if root is not None and root in known.imports and root not in local:
                return known.imports[root].module.partition(".")[0] in _QUIET_MODULES
            return called.attr in _QUIET_METHODS or (root is not None and root in local)
        return False

    def _quiet_own(self, module: str, known: Module, name: str) -> bool:
        """Whether a function or class of the user's may be called without an effect."""
        key = (module, name)
        if key not in self._quiet_functions:
            self._quiet_functions[key] = True  # while it is looked at: it may call itself
            self._quiet_functions[key] = self._looked_at(module, known, name)
        return self._quiet_functions[key]

    def _looked_at(self, module: str, known: Module, name: str) -> bool:
        definition = known.definition(name)
        if isinstance(definition, ast.ClassDef):
            made_by = {"__init__", "__post_init__", "__new__"}
            methods = [node for node in definition.body if isinstance(node, ast.FunctionDef) and node.name in made_by]
            bases = [self._lookup(module)(base.id) for base in definition.bases if isinstance(base, ast.Name)]
            own = all(self._quiet_own(*base) for base in bases if base is not None)
            return own and all(self._quiet_body(module, method) for method in methods)
        return definition is not None and not definition.decorator_list and self._quiet_body(module, definition)

    def _quiet_body(self, module: str, function: _Function) -> bool:
        """Whether a function's body changes its own names alone."""
        own = {node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        if function.name.startswith("__") and function.args.args:
            own.add(function.args.args[0].arg)  # self, which is being made
        local = frozenset(own)
        for node in ast.walk(function):
            match node:
                case ast.Global() | ast.Nonlocal() | ast.Delete() | ast.Import() | ast.ImportFrom() | ast.With():
                    return False
                case ast.Attribute(ctx=ast.Store()) | ast.Subscript(ctx=ast.Store()):
                    if root_of(node) not in local:
                        return False
                case ast.Call(func=called):
                    made_by_hand = ast.unparse(called) == "object.__setattr__" and function.name == "__post_init__"
                    if not made_by_hand and not self._quiet_call(module, called, local):
                        return False
        return True
