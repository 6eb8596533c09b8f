"""MLflow's way of writing filters, statuses and parameters."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from mlflow.entities import Param, Run, RunStatus

from search_spaces import record
from search_spaces.specs import Plain

_ENDED = {"FINISHED", "FAILED", "KILLED"}


def quoted(value: str) -> str:
    """A value in MLflow's filters, which know both quotation marks and no escape."""
    return f'"{value}"' if "'" in value else f"'{value}'"


def ended_as(run: Run, statuses: Collection[str]) -> bool:
    """Whether a run was closed, after everything was written, with one of these statuses."""
    ended = str(run.info.status) in _ENDED or run.info.status in (RunStatus.FINISHED, RunStatus.FAILED)
    return ended and run.data.tags.get(record.STATUS) in statuses


def params(plain: Mapping[str, Plain]) -> list[Param]:
    """A spec as MLflow's parameters."""
    return [Param(name, value) for name, value in _flatten(plain, "")]


def _flatten(value: Any, prefix: str) -> Iterable[tuple[str, str]]:
    """A nested spec as dotted names; a list of specs is numbered from 1."""
    match value:
        case dict():
            for name, item in value.items():
                yield from _flatten(item, f"{prefix}.{name}" if prefix else name)
        case list():
            for number, item in enumerate(value, start=1):
                yield from _flatten(item, f"{prefix}.{number}")
        case _:
            yield prefix, str(value)
