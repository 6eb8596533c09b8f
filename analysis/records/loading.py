"""Reading the record of a study or a search from MLflow, the only source of the analysis."""

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence

from mlflow import MlflowClient
from mlflow.entities import Run

from soundproof.analysis.records.declarations import read_declarations
from soundproof.analysis.records.declared import judge_declared
from soundproof.analysis.records.finding import (
    Wanted,
    declared_margin,
    find_parent,
    read_json_tag,
    read_tag,
    read_whole_tag,
    reading,
)
from soundproof.analysis.records.recorded_specs import RecordedSpec, with_specs
from soundproof.analysis.records.store import RecordedRun, as_recorded, children_of, load_histories
from soundproof.analysis.records.trials import History, RecordsError, Results, SearchRecords, TrialRecord
from soundproof.common import record
from soundproof.common.json_texts import parsed
from soundproof.common.record import HeldOut
from soundproof.search_spaces.declarations import claims_digest
from soundproof.search_spaces.studies import Question

NOT_RECORDED = "not recorded"
_YEAR_9999 = 253_370_764_800_000
"""In milliseconds since 1970: where what Python calls a time ends."""


def load_study(
    tracking_uri: str,
    study_id: str,
    preset: str | None = None,
    corpus: str | None = None,
    *,
    histories: Sequence[str] = (record.VALIDATION_LOSS,),
    study: Question | None = None,
) -> Results:
    """The records of one study on one preset and corpus; of those updated last where either is None.

    `histories` are the metrics whose values per epoch are read too. `study` is what is to be reported on, which may no
    longer be what was declared; None takes that. Raises `RecordsError` when there is no such record.
    """
    wanted = Wanted(kind=record.KIND_STUDY, id=study_id, preset=preset, corpus=corpus)
    with reading(tracking_uri) as client:
        parent = find_parent(client, tracking_uri, wanted)
        runs = _standing(_ended_children(client, parent), _variant_and_seed)
        trials = _read_trials(client, runs, histories, record.COMPARABLE)
    tags, entries = parent.data.tags, read_declarations(parent)
    asked = {} if study is None else {"claims": claims_digest(study.claims), "metric": study.metric}
    declared = judge_declared(entries, _ends(trials), **asked)
    return Results(
        tracking_uri=tracking_uri,
        study=study_id,
        preset=read_tag(parent.info.run_id, tags, record.PRESET),
        corpus=read_tag(parent.info.run_id, tags, record.CORPUS),
        margin=declared_margin(parent),
        trials=trials,
        planned_seeds=_planned_seeds(parent) if declared.before else None,
        first_seed=entries[-1].statement.first_seed if entries else 0,
        declared=declared,
        paired=record.UNPAIRED not in tags,
        corpus_remarks=_corpus_remarks(parent),
    )


def load_search(
    tracking_uri: str, space_id: str, preset: str | None = None, corpus: str | None = None, search: str | None = None
) -> SearchRecords:
    """The records of one search through a space; of the one updated last where several fit.

    The history of every trial holds the seconds of its epochs, those that were stopped or broke included. Raises
    `RecordsError` when there is no such record.
    """
    wanted = Wanted(kind=record.KIND_SEARCH, id=space_id, preset=preset, corpus=corpus, search=search)
    with reading(tracking_uri) as client:
        parent = find_parent(client, tracking_uri, wanted)
        runs = _standing(_ended_children(client, parent), _number_or_confirmation)
        trials = _read_trials(client, runs, (record.EPOCH_SECONDS,), record.STATUSES)
    tags = parent.data.tags
    confirmations = [trial for trial in trials if trial.purpose == record.PURPOSE_CONFIRMATION]
    asked = tags.get(record.TRIALS, "")
    rejected = read_json_tag(parent.info.run_id, tags, record.REJECTED)
    return SearchRecords(
        tracking_uri=tracking_uri,
        space=space_id,
        search=tags.get(record.SEARCH, NOT_RECORDED),
        preset=read_tag(parent.info.run_id, tags, record.PRESET),
        corpus=read_tag(parent.info.run_id, tags, record.CORPUS),
        sampler=tags.get(record.SAMPLER, NOT_RECORDED),
        scheduler=tags.get(record.SCHEDULER, NOT_RECORDED),
        objectives=_objectives(parent),
        margin=declared_margin(parent),
        asked=int(asked) if _is_count(asked) else None,
        rejected={reason: count for reason, count in rejected.items() if isinstance(count, int)},
        trials=tuple(sorted(trials, key=_order)),
        declared=judge_declared(read_declarations(parent), _ends(confirmations)),
        corpus_remarks=_corpus_remarks(parent),
    )


def _corpus_remarks(parent: Run) -> tuple[str, ...]:
    """Sentences; none of a record of a version that wrote none."""
    text = parent.data.tags.get(record.CORPUS_REMARKS, "[]")
    try:
        sentences = parsed(text)
    except ValueError:
        sentences = None
    if not isinstance(sentences, list) or not all(isinstance(sentence, str) for sentence in sentences):
        raise RecordsError(
            f"the tag {record.CORPUS_REMARKS} of run {parent.info.run_id} must be a JSON list of texts, got "
            f"{text[:60]!r}: delete the tag in MLflow's pages"
        )
    return tuple(sentences)


def _ended_children(client: MlflowClient, parent: Run) -> Iterator[RecordedRun]:
    """The runs of the trials that have ended and still stand."""
    for run in children_of(client, parent):
        tags = run.tags
        ended = tags.get(record.KIND) == record.KIND_TRIAL and tags.get(record.STATUS) in record.STATUSES
        if ended and record.SUPERSEDED not in tags:
            read_tag(run.run_id, tags, record.VARIANT)
            yield run


def _standing(runs: Iterable[RecordedRun], key: Callable[[Mapping[str, str]], Hashable]) -> list[RecordedRun]:
    """One run for each key of tags: a finished one before any other, then the newest."""
    ranked = sorted(runs, key=lambda run: (run.tags[record.STATUS] in record.FINISHED, run.ended_at, run.run_id))
    return list({key(run.tags): run for run in ranked}.values())


def _variant_and_seed(tags: Mapping[str, str]) -> tuple[str, str | None]:
    return tags[record.VARIANT], tags.get(record.SEED)


def _number_or_confirmation(tags: Mapping[str, str]) -> Hashable:
    """The number of a trial of the search, else the variant and the seed that were confirmed.

    A sampler may propose the same variant twice: both proposals stand, each under its number.
    """
    if record.NUMBER in tags and tags.get(record.PURPOSE) != record.PURPOSE_CONFIRMATION:
        return tags[record.NUMBER]
    return tags.get(record.PURPOSE), *_variant_and_seed(tags)


def _read_trials(
    client: MlflowClient, runs: Sequence[RecordedRun], histories: Sequence[str], statuses: Collection[record.Status]
) -> tuple[TrialRecord, ...]:
    """The trials of these runs by variant and seed; those that ended in one of `statuses` with their histories."""
    trained = [run.run_id for run in runs if run.tags[record.STATUS] in statuses]
    by_metric = {metric: load_histories(client, trained, metric) for metric in histories}
    trials = [
        _trial(run, {metric: by_run[run.run_id] for metric, by_run in by_metric.items() if run.run_id in by_run})
        for run in with_specs(client, runs, statuses)
    ]
    return tuple(sorted(trials, key=lambda trial: (trial.variant, -1 if trial.seed is None else trial.seed)))


def _trial(run: RecordedRun, history: Mapping[str, History]) -> TrialRecord:
    tags = run.tags

    def whole(tag: str) -> int | None:
        return read_whole_tag(run.run_id, tags, tag)

    ended_at = whole(record.ENDED_AT)
    status = next(status for status in record.STATUSES if status == tags[record.STATUS])
    return TrialRecord(
        run_id=run.run_id,
        trial_id=tags.get(record.TRIAL_ID, ""),
        variant=tags[record.VARIANT],
        seed=whole(record.SEED),
        status=status,
        reason=tags.get(record.REASON),
        metrics={name: as_recorded(value) for name, value in run.metrics.items()},
        history=history,
        levels={
            name.removeprefix(record.FACTOR_PREFIX): value
            for name, value in tags.items()
            if name.startswith(record.FACTOR_PREFIX)
        },
        reused_from=tags.get(record.REUSED_FROM),
        device=tags.get(record.DEVICE),
        spec=RecordedSpec(tags[record.TRIAL]) if record.TRIAL in tags else {},
        split=tags.get(record.SPLIT),
        epochs=whole(record.EPOCHS),
        inherited_epochs=whole(record.INHERITED_EPOCHS) or 0,
        artifact_uri=run.artifact_uri,
        explained=record.EXPLAINED in tags,
        choices=read_json_tag(run.run_id, tags, record.CHOICES),
        purpose=tags.get(record.PURPOSE),
        number=whole(record.NUMBER),
        held_out=HeldOut.from_tags(tags),
        ended_at=run.ended_at if ended_at is None or not 0 <= ended_at < _YEAR_9999 else ended_at,
        digests=record.digests_of(tags),
    )


def _ends(trials: Iterable[TrialRecord]) -> list[int]:
    """When the trials ended that gave data: a seed, and an end that the same trial would reach again."""
    return [
        trial.ended_at
        for trial in trials
        if trial.seed is not None and trial.status in record.FINISHED and trial.ended_at is not None
    ]


def _planned_seeds(parent: Run) -> int | None:
    """The number of seeds fixed before any data. None is the cautious reading of a tag that says anything else."""
    text = parent.data.tags.get(record.DESIGN, "")
    return int(text) if _is_count(text) and int(text) > 0 else None


def _is_count(text: str) -> bool:
    """Whether it is a whole number that can be one of trials; Python refuses to read one of thousands of digits."""
    return text.isdecimal() and len(text) < 10


def _order(trial: TrialRecord) -> tuple[bool, float, str, int]:
    number = float("inf") if trial.number is None else trial.number
    return trial.purpose == record.PURPOSE_CONFIRMATION, number, trial.variant, trial.seed or 0


def _objectives(parent: Run) -> tuple[str, ...]:
    text = parent.data.tags.get(record.OBJECTIVES, "")
    try:
        names = parsed(text)
    except ValueError:
        names = None
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise RecordsError(
            f"the run {parent.info.run_id} must carry a JSON list of metrics in its tag {record.OBJECTIVES}, found "
            f"{text!r}: run the same command again, which writes the tag and trains nothing that is finished"
        )
    return tuple(names)
