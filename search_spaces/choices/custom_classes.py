"""Classes of the user's that a choice can build: their fields, and what stands for what is made of them."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from soundproof.common.errors import UserError
from soundproof.search_spaces.choices.nodes import CustomBuild
from soundproof.search_spaces.specs import SpecError
from soundproof.search_spaces.user_code.modules import class_of
from soundproof.search_spaces.user_code.written import WrittenByUser


def custom_defaults(cls: type[WrittenByUser], given: Mapping[str, Any]) -> dict[str, Any]:
    """All fields of a user's class in their order: what is given, else the defaults.

    Raises `SpecError` where one is unknown, or missing and without a default.
    """
    names = cls.fields()
    own = {field.name: field for field in dataclasses.fields(cls)}  # type: ignore[arg-type]  # it is a dataclass
    values: dict[str, Any] = {}
    for name in names:
        if name in given:
            values[name] = given[name]
        elif own[name].default is not dataclasses.MISSING:
            values[name] = own[name].default
        elif (factory := own[name].default_factory) is not dataclasses.MISSING:
            values[name] = factory()
    unknown, missing = sorted(set(given) - set(names)), [name for name in names if name not in values]
    if unknown or missing:
        raise SpecError(
            f"{cls.__name__} has the fields {', '.join(names) or '(none)'}; unknown {unknown}, missing {missing}"
        )
    return values


def custom_spec(node: CustomBuild, values: Mapping[str, Any]) -> Any:
    """What stands for the user's network that is made with these values. Raises `SpecError` where it refuses them."""
    found = class_of(node.source, node.class_name)
    try:
        return found(**values).spec()
    except UserError:
        raise
    except Exception as error:  # whatever a user's class raises for values that it does not take
        given = ", ".join(f"{name}={value!r}" for name, value in values.items())
        raise SpecError(f"{node.class_name}({given}) cannot be made: {type(error).__name__}: {error}") from error
