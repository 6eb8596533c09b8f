"""MLflow's way of writing filters, statuses, names, tags, parameters and data."""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from mlflow.entities import Dataset, DatasetInput, InputTag, Param, Run, RunTag

from soundproof.common import record
from soundproof.search_spaces.sequences import sequence_text
from soundproof.search_spaces.specs import Trial
from soundproof.search_spaces.specs.custom_networks import parameter_name
from soundproof.search_spaces.studies import Arm, Variant

_ENDED = {"FINISHED", "FAILED", "KILLED"}
_LONGEST_NAME = 120
"""Characters of a run's name. MLflow keeps 250, and no column of its pages is so wide."""
_LONGEST_KEY, _LONGEST_VALUE = 250, 6000
"""Characters that MLflow takes of a parameter."""
_NOT_IN_KEYS = re.compile(r"[^\w. -]")
"""What MLflow refuses in the name of a parameter, on some system or other, or may take for a folder."""


def with_tags(tags: Mapping[str, str]) -> str:
    """MLflow's filter for runs that carry all of these tags."""
    return " and ".join(f"tags.`{name}` = {_quoted(value)}" for name, value in tags.items())


def _quoted(value: str) -> str:
    """A value in MLflow's filters, which know both quotation marks and no escape."""
    return f'"{value}"' if "'" in value else f"'{value}'"


def ended_as(run: Run, statuses: Collection[str]) -> bool:
    """Whether a run was closed, after everything was written, with one of these statuses."""
    return run.info.status in _ENDED and run.data.tags.get(record.STATUS) in statuses


def run_name(study: str, variant: Arm, what: str) -> str:
    """A child run's name, what tells it from its siblings first, since MLflow's tables cut it: `07 · seed 0 · relu`."""
    home, _, number = variant.id.rpartition("/")
    words = [number, what, *(level.value for level in variant.levels)]
    name = " · ".join(words if home in (study, "") else [*words, f"of {home}"])
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"


def trained_on(trial: Trial, corpus: str) -> DatasetInput:
    """The corpus of a trial as MLflow's dataset; `corpus` is its name. Where its files lie, the record never says."""
    made_by = {"tags": {"mlflow.source.name": "soundproof", record.CORPUS: corpus}}
    dataset = Dataset(
        name=corpus,
        digest=trial.corpus.digest(),
        source_type="code",
        source=json.dumps(made_by),
        profile=trial.corpus.to_json(),
    )
    return DatasetInput(dataset, tags=[InputTag("mlflow.data.context", "training")])


def run_tags(tags: Mapping[str, str]) -> list[RunTag]:
    """Tags as a batch takes them."""
    return [RunTag(name, value) for name, value in tags.items()]


def params(trial: Trial, variant: Variant) -> list[Param]:
    """A trial as MLflow's parameters, after what its variant is in words: the axes on which a study compares."""
    levels = {record.FACTOR_PREFIX + level.factor: level.value for level in variant.levels}
    return named_params(levels | dict(_flatten(trial.to_plain(), "")))


def named_params(values: Mapping[str, str]) -> list[Param]:
    """As MLflow takes them, whatever they are called and however long they are."""
    named = {_NOT_IN_KEYS.sub("_", name)[:_LONGEST_KEY]: value for name, value in values.items()}
    return [Param(name, value[:_LONGEST_VALUE]) for name, value in named.items()]


def _flatten(value: Any, prefix: str) -> Iterable[tuple[str, str]]:
    """A nested spec as dotted names; a sequence is one text."""
    match value:
        case dict():
            for name, item in value.items():
                if name == "settings":  # of a network of the user's own
                    for setting in item:
                        yield f"{prefix}.{parameter_name(setting['name'])}", _text(setting["value"])
                    continue
                yield from _flatten(item, f"{prefix}.{name}" if prefix else name)
        case _:
            yield prefix, _text(value)


def _text(value: Any) -> str:
    return sequence_text(value) if isinstance(value, list) else str(value)
