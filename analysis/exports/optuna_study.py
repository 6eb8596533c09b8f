"""Trials as studies of Optuna's own: what optuna-dashboard shows of a search, and of a study with fixed variants.

They are written into a file that it opens: a SQLite database, or a journal.
"""

import math
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.exceptions import ExperimentalWarning
from optuna.storages import BaseStorage, JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState, create_trial

from soundproof.analysis.exports.run_facts import RunFacts
from soundproof.analysis.records.trials import Results, SearchRecords, TrialRecord
from soundproof.common import record
from soundproof.search_spaces.choices import Assignment
from soundproof.search_spaces.studies import Question

DistributionsOf = Callable[[Assignment], Mapping[str, BaseDistribution]]
"""From the choices of a trial to the distributions that they are from."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OptunaStudy:
    """What one of Optuna's studies is made of. `about` becomes its user attributes."""

    name: str
    objectives: tuple[str, ...]
    about: Mapping[str, Any]
    trials: Sequence[FrozenTrial]


def curve_of(metric: str) -> str | None:
    """The metric of every epoch whose best value `metric` is; None where it is no such value."""
    per_epoch = metric.removeprefix(record.BEST_PREFIX)
    return per_epoch if metric != per_epoch and per_epoch.startswith(record.VALIDATION_PREFIX) else None


def study_as_optuna(study: Question, records: Results, runs: RunFacts) -> OptunaStudy:
    """A study: its factors are categorical parameters with all of their levels, the seed is a user attribute.

    Optuna takes trials of one variant for repeated measurements.
    """
    levels: dict[str, dict[str, None]] = defaultdict(dict)
    for level in (level for variant in study.variants for level in variant.levels):
        levels[level.factor][level.value] = None
    chosen = {variant.id: {level.factor: level.value for level in variant.levels} for variant in study.variants}
    factors = {factor: CategoricalDistribution(tuple(values)) for factor, values in levels.items()}
    trials = [
        _trial(trial, params, {name: factors[name] for name in params}, (study.metric,), runs)
        for trial in sorted(records.trials, key=lambda trial: (trial.seed is None, trial.seed or 0, trial.variant))
        if (params := chosen.get(trial.variant)) is not None
    ]
    about = {"question": study.question, "baseline": study.baseline, "margin": records.margin}
    return OptunaStudy(
        name=f"{records.study}.{records.preset}.{records.corpus}",
        objectives=(study.metric,),
        about=about | {"preset": records.preset, "corpus": records.corpus},
        trials=trials,
    )


def search_as_optuna(
    records: SearchRecords, runs: RunFacts, distributions_of: DistributionsOf
) -> tuple[OptunaStudy, ...]:
    """A search with the distributions of its space; where there was a confirmation, its trials as a study beside it.

    The two are apart, since the search's own numbers are optimistic, and those on fresh seeds are not.
    """
    name = f"{records.space}.{records.preset}.{records.corpus}.{records.search}"
    about = {"sampler": records.sampler, "scheduler": records.scheduler, "margin": records.margin}
    about |= {"preset": records.preset, "corpus": records.corpus, "rejected": dict(records.rejected)}
    parts = {name: records.searched, f"{name}.confirmation": records.confirmations}
    return tuple(
        OptunaStudy(
            name=part,
            objectives=records.objectives,
            about=about,
            trials=[
                _trial(trial, trial.choices, distributions_of(trial.choices), records.objectives, runs)
                for trial in trials
            ],
        )
        for part, trials in parts.items()
        if trials or part == name
    )


def _trial(
    trial: TrialRecord,
    params: Mapping[str, Any],
    distributions: Mapping[str, BaseDistribution],
    objectives: Sequence[str],
    runs: RunFacts,
) -> FrozenTrial:
    state, values = _end(trial, objectives)
    made = create_trial(
        state=state,
        values=values,
        params=dict(params),
        distributions=dict(distributions),
        user_attrs=_attributes(trial),
        intermediate_values=dict(runs.curves.get(trial.run_id, ())) if len(objectives) == 1 else {},
    )
    if trial.run_id in runs.times:
        start, end = runs.times[trial.run_id]
        made.datetime_start, made.datetime_complete = (time.astimezone().replace(tzinfo=None) for time in (start, end))
    return made


def _end(trial: TrialRecord, objectives: Iterable[str]) -> tuple[TrialState, list[float] | None]:
    """Complete only with a number for each objective; none is made up for what ended otherwise."""
    if trial.status == "pruned":
        return TrialState.PRUNED, None
    values = [trial.metrics.get(objective, math.nan) for objective in objectives]
    if trial.comparable and all(math.isfinite(value) for value in values):
        return TrialState.COMPLETE, values
    return TrialState.FAIL, None


def _attributes(trial: TrialRecord) -> dict[str, Any]:
    about = {
        "variant": trial.variant,
        "seed": trial.seed,
        "status": trial.status,
        "reason": trial.reason,
        "number": trial.number,
        "trial_id": trial.trial_id or None,
        "run_id": trial.run_id,
        "device": trial.device,
    }
    return {name: value for name, value in about.items() if value is not None} | trial.finite_metrics


DATABASES = (".db", ".sqlite", ".sqlite3")
"""How the name of a database ends; any other file is a journal."""


def optuna_file(studies: Iterable[OptunaStudy], suffix: str) -> bytes:
    """The content of a file whose name ends in `suffix`, holding these studies."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"studies{suffix}"
        with _storage(path) as storage:
            for study in studies:
                _write(study, storage)
        return path.read_bytes()


def optuna_url(path: Path) -> str:
    """How optuna-dashboard, and Optuna's own command, take the file at `path`."""
    return f"sqlite:///{path}" if _is_database(path) else str(path)


def _is_database(path: Path) -> bool:
    return path.suffix.lower() in DATABASES


@contextmanager
def _storage(path: Path) -> Iterator[BaseStorage]:
    if not _is_database(path):
        yield JournalStorage(JournalFileBackend(str(path)))
        return
    database = RDBStorage(f"sqlite:///{path}")
    try:
        yield database
    finally:
        database.remove_session()
        database.engine.dispose()


def _write(study: OptunaStudy, storage: BaseStorage) -> None:
    better = {True: StudyDirection.MAXIMIZE, False: StudyDirection.MINIMIZE}
    directions = [better[record.higher_is_better(metric)] for metric in study.objectives]
    made = optuna.create_study(storage=storage, study_name=study.name, directions=directions)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)  # how Optuna's own plots call their axes
        made.set_metric_names(list(study.objectives))
    for name, value in study.about.items():
        made.set_user_attr(name, value)
    made.add_trials(study.trials)
