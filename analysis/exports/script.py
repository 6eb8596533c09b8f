"""A study or a search as a script that runs it again: canonical JSON, what was recorded, a call of the loader."""

import importlib.metadata
from collections import Counter
from collections.abc import Mapping
from pprint import pformat
from typing import Any

from soundproof.analysis.records.trials import Results, SearchRecords
from soundproof.analysis.tables.paper import on_one_line
from soundproof.search_spaces.spaces import SearchSpace
from soundproof.search_spaces.studies import Study

_WIDTH = 120
_POPULATION = "pbt"
_HOW_TO_RUN = (
    "Run it with a Python that has Soundproof, from the folder of run_search.py unless it is installed. The",
    "same command again goes on where it stopped.",
)
_REPEATABLE = (
    "Which networks a sampler proposes depends also on the order in which trials end: --max-concurrent 1 makes",
    "a search that can be repeated exactly.",
)


def study_script(study: Study, records: Results) -> str:
    """A Python script that trains the same trials, by their ids, and reports on them.

    Seeds that were fixed beforehand, from 0 on, are fixed again; otherwise each variant gets those that the record has.
    """
    fixed = None if records.first_seed else records.planned_seeds
    values = {
        "STUDY": study.to_json(),
        "SEEDS": _seeds(records) if fixed is None else fixed,
        "TRIAL_IDS": {
            (trial.variant, trial.seed): trial.trial_id
            for trial in records.trials
            if trial.seed is not None and trial.trial_id
        },
    }
    return _script("rerun_study", values, records, f"The study {study.id}", *_HOW_TO_RUN)


def search_script(space: SearchSpace, records: SearchRecords) -> str:
    """A Python script that searches `space`, the one that was searched, with the recorded settings."""
    values = {"SPACE": space.to_json(), "SETTINGS": _settings(records)}
    what = f"The search {records.search} of the space {space.id}"
    return _script("rerun_search", values, records, what, *_HOW_TO_RUN, "", *_REPEATABLE)


def _script(loader: str, values: Mapping[str, Any], records: Results | SearchRecords, what: str, *further: str) -> str:
    version = importlib.metadata.version("soundproof")
    place = f"preset={records.preset!r}, corpus={records.corpus!r}, description=__doc__"
    if loader == "rerun_study":
        place += f", version={version!r}"
    title = f"{what}, as Soundproof {version} recorded it: preset {records.preset}, corpus {records.corpus}."
    parts = [
        docstring(title, "", *further),
        f"from soundproof.command_line.rerun import {loader}",
        *(f"{name} = {_literal(value)}" for name, value in values.items()),
        f'if __name__ == "__main__":\n    {loader}({", ".join(values)}, {place})',
    ]
    return "\n\n".join(parts) + "\n"


def _literal(value: Any) -> str:
    return repr(value) if isinstance(value, str) else pformat(value, width=_WIDTH, sort_dicts=False)


def docstring(*lines: str) -> str:
    """A docstring of these lines, whatever users wrote in them."""
    safe = [on_one_line(line).replace("\\", "\\\\").replace('"', '\\"') for line in lines]
    return '"""' + "\n".join("".join(c if c.isprintable() else "?" for c in line) for line in safe) + '\n"""'


def _seeds(records: Results) -> dict[str, list[int]]:
    seeds: dict[str, list[int]] = {}
    for trial in records.trials:
        if trial.seed is not None:
            seeds.setdefault(trial.variant, []).append(trial.seed)
    return {variant: sorted(of) for variant, of in seeds.items()}


def _settings(records: SearchRecords) -> dict[str, Any]:
    """Options of `search_space`, as far as the record has them: the seed and the population are in its name."""
    confirmed = Counter(trial.variant for trial in records.confirmations)
    _, _, seed, *sizes = records.search.split(".")
    settings: dict[str, Any] = {
        "trials": records.asked or len(records.searched),
        "objective": list(records.objectives),
        "sampler": records.sampler,
        "scheduler": records.scheduler,
        "search_seed": int(seed),
        "confirm": len(confirmed),
    }
    if confirmed:
        settings["confirm_seeds"] = max(confirmed.values())
    if records.scheduler == _POPULATION:
        found = (int(size) for size in sizes[0].split("x"))
        settings |= dict(zip(("population", "generation_epochs"), found, strict=False))
    return settings
