"""Declaring a space so that it reads like the spec it stands for.

Plain values, tuples of them and specs are nodes wherever one is expected:
`build(ConvStack, layers=integers(1, 4), filters=200, kernel_size=3, sublayers=ordering(Relu(), BatchNorm()))`.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any, Literal, overload

from soundproof.search_spaces.choices import nodes
from soundproof.search_spaces.choices.custom_classes import custom_defaults
from soundproof.search_spaces.choices.nodes import NOTHING, Node, Option
from soundproof.search_spaces.components import spaced
from soundproof.search_spaces.specs import Spec, SpecError
from soundproof.search_spaces.user_code.modules import identity_of
from soundproof.search_spaces.user_code.written import WrittenByUser


def as_node(value: Any) -> Node:
    """A node as it is; a scalar, a tuple or a spec as the node that builds it. Raises `SpecError` for anything else."""
    match value:
        case None | bool() | int() | float() | str():
            return nodes.Given(value=value)
        case tuple() | list():
            return nodes.Items(items=tuple(as_node(item) for item in value))
        case WrittenByUser():
            return build(type(value), **{name: getattr(value, name) for name in value.fields()})
        case Spec():
            if isinstance(value, nodes.NODES):
                return value
            fields = dataclasses.fields(value)  # type: ignore[arg-type]
            return build(type(value), **{field.name: getattr(value, field.name) for field in fields})
        case _:
            raise SpecError(f"a choice stands for a scalar, a tuple or a spec, got {value!r}")


@overload
def build(cls: type[Spec], **fields: Any) -> nodes.Build: ...


@overload
def build(cls: type[WrittenByUser], **fields: Any) -> nodes.CustomBuild: ...


def build(cls: type[Spec] | type[WrittenByUser], **fields: Any) -> nodes.Build | nodes.CustomBuild:
    """A spec of that class, or a network of one's own, with a node for each field.

    Fields that are left out keep their defaults. Raises `SpecError` where one is unknown, or missing.
    """
    if issubclass(cls, WrittenByUser):
        own = custom_defaults(cls, fields)
        return nodes.CustomBuild(class_name=cls.__name__, source=identity_of(cls), fields=_fields(own))
    if not issubclass(cls, Spec):
        raise SpecError(f"a choice builds specs and networks of one's own, got {cls.__name__}")
    return nodes.Build(class_name=cls.__name__, fields=_fields(fields))


def _fields(values: Mapping[str, Any]) -> tuple[nodes.Field, ...]:
    return tuple(nodes.Field(name=name, node=as_node(value)) for name, value in values.items())


def one_of(*options: Any, **labelled: Any) -> nodes.OneOf:
    """One of the options, by labels of one's own or, where given by position, by what they are."""
    return nodes.OneOf(options=_options(options, labelled))


def chosen(name: str, *, times: float = 1, plus: float = 0) -> nodes.Chosen:
    """What is chosen under that name earlier in the space: a field tied to another, or a bound that depends on one.

    `integers(1, chosen("network.layers"))`, `units=chosen("features.mel_bands", times=2)`. Of `features`, `network` and
    `recipe` each may follow those before it.
    """
    return nodes.Chosen(name=name, times=times, plus=plus)


def integers(
    low: int | nodes.Chosen, high: int | nodes.Chosen, *, step: int = 1, log: bool = False
) -> nodes.IntegerRange:
    """A whole number from `low` to `high`, both included; with `log` and `step` a quantised logarithmic range."""
    return nodes.IntegerRange(low=low, high=high, step=step, log=log)


def reals(
    low: float | nodes.Chosen, high: float | nodes.Chosen, *, step: float | None = None, log: bool = False
) -> nodes.RealRange:
    """A number from `low` to `high`, both included."""
    return nodes.RealRange(low=low, high=high, step=step, log=log)


def ordering(*items: Any, **labelled: Any) -> nodes.Ordering:
    """All items, in any order."""
    return nodes.Ordering(items=_options(items, labelled))


def subset(*items: Any, at_least: int = 0, at_most: int | None = None, **labelled: Any) -> nodes.Subset:
    """Some of the items, in the order given; any number of them where no bounds are given."""
    options = _options(items, labelled)
    return nodes.Subset(items=options, at_least=at_least, at_most=len(options) if at_most is None else at_most)


def repeat(count: Any, item: Any, *, vary: Literal["each", "together"]) -> nodes.Repeat:
    """The item `count` times. Whether the repetitions vary each or together has to be given."""
    return nodes.Repeat(count=as_node(count), item=as_node(item), vary=vary)


def _options(positional: tuple[Any, ...], labelled: dict[str, Any]) -> tuple[Option, ...]:
    return (
        *(Option(label=_label(node), node=node) for node in map(as_node, positional)),
        *(Option(label=label.replace("_", " "), node=as_node(value)) for label, value in labelled.items()),
    )


def _label(node: Node) -> str:
    """What a node is, in words: `gru`, `0.2`, `batch norm`, `dropout 0.2`, `relu, batch norm`."""
    match node:
        case nodes.Given(value=None):
            return NOTHING
        case nodes.Given(value=bool(value)):
            return "yes" if value else "no"
        case nodes.Given(value=value):
            return str(value)
        case nodes.Items(items=items):
            return ", ".join(_label(item) for item in items) or NOTHING
        case nodes.Build(class_name=name, fields=fields) | nodes.CustomBuild(class_name=name, fields=fields) if len(
            fields
        ) == 1 and isinstance(only := fields[0].node, nodes.Given):
            return f"{spaced(name)} {_label(only)}"
        case nodes.Build(class_name=name) | nodes.CustomBuild(class_name=name):
            return spaced(name)
        case _:
            raise SpecError(f"a {type(node).__name__} among options needs a label: name it, as in one_of(few={node!r})")
