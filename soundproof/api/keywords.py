"""Options that Python code gives by keyword, checked as the command line's are."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from soundproof.api.options import SessionOptions
from soundproof.common.errors import UserError
from soundproof.common.options import declared_options, from_options, option_values

Options = TypeVar("Options", bound=SessionOptions)


def options_with(kind: type[Options], options: Options | None, changed: Mapping[str, Any], *, caller: str) -> Options:
    """The options, or the default ones, with the `changed` values, by the names of their fields.

    A path may be text. Raises `UserError` for names and values that cannot be; messages name the function `caller`.
    """
    declared = declared_options(kind)
    known = [option.name for option in declared]
    unknown = [name for name in changed if name not in known]
    if unknown:
        raise UserError(f"{caller} has no option {', '.join(map(repr, unknown))}; it has {', '.join(known)}")
    paths = {option.name for option in declared if option.type is Path}
    given = {
        name: Path(value) if name in paths and isinstance(value, str) else value for name, value in changed.items()
    }
    return from_options(kind, given if options is None else option_values(options) | given)
