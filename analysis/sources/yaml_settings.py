"""Settings kept as YAML: nothing in the file is run, and what only Python could make is named and left out."""

from pathlib import Path
from typing import Any

from soundproof.analysis.sources.flat_cells import as_cells, flattened, listed
from soundproof.analysis.sources.folder_trees import text_of_file
from soundproof.analysis.sources.found import SourceError

_MOST_VALUES = 100_000


class _Unknown:
    """What stands for a value of a type that YAML does not know."""


def settings_of(path: Path) -> tuple[dict[str, str], list[str]]:
    """The settings of a file by their path with slashes, and a sentence about those left out; none without the file."""
    if not path.is_file():
        return {}, []
    values = loaded(path)
    if values is None:
        return {}, []
    if not isinstance(values, dict):
        return {}, [f"it should be settings by name, and is {type(values).__name__}; it was left out."]
    unknown = [name for name, value in flattened(values) if _is_unknown(value)]
    cells = as_cells(_without_unknown(values))
    return cells, [f"left out what only Python could read: {listed(unknown)}."] if unknown else []


def loaded(path: Path) -> Any:
    """What a YAML file says; objects of Python are placeholders, and its tuples are lists."""
    import yaml

    class Loader(yaml.SafeLoader):  # type: ignore[misc]  # the library has no types
        """The safe loader, which makes no objects, with a placeholder for those that the file asks for."""

    def placeholder(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Any:
        if suffix == "tuple" and isinstance(node, yaml.SequenceNode):
            return loader.construct_sequence(node, deep=True)
        return _Unknown()

    Loader.add_multi_constructor("tag:yaml.org,2002:python/", placeholder)
    Loader.add_multi_constructor("!", placeholder)
    try:
        values = yaml.load(text_of_file(path), Loader=Loader)  # noqa: S506 (a subclass of the safe loader)
        refuse_endless(values)
        return values
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", None)
        place = "" if line is None else f", line {line + 1:,}"
        raise SourceError(f"{path}{place} cannot be read as YAML: mend the file, or leave it out.") from None


def refuse_endless(values: Any) -> None:
    """Raise ValueError for what becomes endless, or next to it, when it is written out.

    YAML lets a value refer to another, or to itself: ten lines hold a thousand million values.
    """
    waiting, seen = [values], 0
    while waiting:
        inside = waiting.pop()
        if isinstance(inside, dict | list):
            waiting += inside.values() if isinstance(inside, dict) else inside
            seen += len(inside)
            if seen > _MOST_VALUES:
                raise ValueError(f"it holds more than {_MOST_VALUES:,} values once references are followed")


def _is_unknown(value: Any) -> bool:
    return isinstance(value, _Unknown) or (isinstance(value, list) and any(_is_unknown(entry) for entry in value))


def _without_unknown(values: dict[Any, Any]) -> dict[Any, Any]:
    return {
        name: _without_unknown(value) if isinstance(value, dict) else value
        for name, value in values.items()
        if not _is_unknown(value)
    }
