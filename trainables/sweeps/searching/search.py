"""A search from its space to its record: go on where it stopped, sample, train, stop what does not pay, confirm."""

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from soundproof.common import record
from soundproof.search_spaces.constraints import rejection
from soundproof.search_spaces.presets import PlannedTrial
from soundproof.search_spaces.specs import Features
from soundproof.search_spaces.studies import Variant
from soundproof.trainables.features import load
from soundproof.trainables.sweeps.interrupts import raised_at_once
from soundproof.trainables.sweeps.job import closed_on_failure
from soundproof.trainables.sweeps.outbox.results import TrialResult, waiting
from soundproof.trainables.sweeps.planning.feasibility import input_extents
from soundproof.trainables.sweeps.progress.protocol import Progress
from soundproof.trainables.sweeps.searching.history import STATE_OF, History
from soundproof.trainables.sweeps.searching.job import Search
from soundproof.trainables.sweeps.searching.population.opening import open_population
from soundproof.trainables.sweeps.searching.population.provider import PopulationProvider
from soundproof.trainables.sweeps.searching.prior_trials import prior_trials
from soundproof.trainables.sweeps.searching.provider import SEARCH_SEED, SearchProvider, TrialFactory, trial_tags
from soundproof.trainables.sweeps.searching.samplers import check_sampler
from soundproof.trainables.sweeps.sweep import known, margin_on
from soundproof.trainables.sweeps.tracking.heading import Heading
from soundproof.trainables.sweeps.tracking.writer_thread import Recorder
from soundproof.trainables.training.data.splitting import split_examples

if TYPE_CHECKING:
    from mlflow.entities import Run

    from soundproof.trainables.sweeps.tracking import Tracker


_log = logging.getLogger(__name__)


def run_search(search: Search, progress: Progress) -> None:
    """Go on until as many trials as asked for have ended and the best are confirmed.

    Raises `CorpusError`, `StorageError` or `TrackingError` before anything is trained.
    """
    check_sampler(search.settings.sampler, search.space)
    anything = search.space.variant(search.space.draw(Random(0)))  # noqa: S311  # any will do
    split_examples(search.corpus.examples, search.plan(anything, SEARCH_SEED).trial)  # found out here if it cannot be
    with search.locked() as beside:
        opening = beside.submit(_open_tracker, search)
        with closed_on_failure(opening), search.ray():  # Ray's start is mostly waiting: the rest is done meanwhile
            _run(search, opening.result(), progress)


def _run(search: Search, tracker: "Tracker", progress: Progress) -> None:
    interrupted = True
    try:
        tracker.attach_to_parent(record.SPACE_ARTIFACT, search.space.to_json())
        variants: dict[str, Variant] = {}
        features = _FeatureCache(search, progress)

        def reuse(planned: PlannedTrial) -> None:
            recorder.tagged(planned, opened.provider.tags(planned))
            recorder.reused(planned)
            progress.reused(planned)

        factory = TrialFactory(
            plan=search.plan,
            infeasible_reason=lambda variant: _infeasible_reason(search, variant, features),
            register=lambda variant: variants.update({variant.id: variant}),
            reuse=reuse,
        )
        opened = _open(search, tracker, factory)
        with Recorder(tracker, variants, search.storage.outbox(search.name), opened.originals) as recorder:
            progress.planned(opened.provider.forecast(), {})
            _make_missing(search, tracker.finished_here().values(), features)
            try:
                search.train(opened.provider, features.entry, recorder, progress)
            finally:
                recorder.tag_parent({record.REJECTED: json.dumps(Counter(opened.turned_down()))})
            progress.remark(opened.provider.remark)
            progress.finished()
        interrupted = False
    finally:
        tracker.end(interrupted=interrupted)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Opened:
    """A provider as the record has it.

    `originals` are the runs that may be taken over, by trial id, and `turned_down` gives the reasons for the record.
    """

    provider: SearchProvider | PopulationProvider
    originals: Mapping[str, str]
    turned_down: Callable[[], Iterable[str]]


def _open(search: Search, tracker: "Tracker", factory: TrialFactory) -> _Opened:
    """Go on where the search stopped. A population takes nothing over: it needs the states that its members end in."""
    if search.settings.scheduler == "pbt":
        population = open_population(search, tracker, factory)
        return _Opened(provider=population, originals={}, turned_down=population.turned_down)
    history = History(search.storage.journal(search.name), search.space, search.settings, epochs=search.epochs)
    _deliver_waiting(search, tracker, history)
    here, elsewhere = tracker.finished_here(), tracker.finished_elsewhere()
    if history.is_new:
        history.begin_with(prior_trials(search.space, search.settings, search.plan, tracker, elsewhere))
    provider = SearchProvider(
        search.space,
        history,
        search.settings,
        factory,
        ended={(variant_id, int(run.data.tags[record.SEED])): known(run) for (variant_id, _), run in here.items()},
        known={trial_id: known(run) for trial_id, run in elsewhere.items()},
    )
    ids = {str(trial_id): run.info.run_id for (_, trial_id), run in here.items()}
    ids |= {trial_id: run.info.run_id for trial_id, run in elsewhere.items()}
    return _Opened(provider=provider, originals=ids, turned_down=history.turned_down)


class _FeatureCache:
    """Features as samples want them: made once, when the first trial asks."""

    def __init__(self, search: Search, progress: Progress) -> None:
        prepare = raised_at_once()(search.prepare)  # Ray Tune would let all be made before it stops
        self.entry: Callable[[Features], Path] = cache(lambda features: prepare(features, progress))
        self.store = cache(lambda features: load(self.entry(features)))


def _make_missing(search: Search, recorded: "Iterable[Run]", features: _FeatureCache) -> None:
    """Make the features of trials with numbers where they were removed: whoever explains such a trial reads them."""
    for run in recorded:
        if run.data.tags[record.STATUS] in record.COMPARABLE:
            variant = search.space.variant(json.loads(run.data.tags[record.CHOICES]))
            features.entry(search.preset.variant(variant).features)


def _infeasible_reason(search: Search, variant: Variant, features: _FeatureCache) -> str | None:
    """Why a variant may not or cannot be trained: the space's constraints, then the examples."""
    sized = search.preset.variant(variant)
    return rejection(sized, search.space.constraints, input_extents(sized, features.store(sized.features)))


def _deliver_waiting(search: Search, tracker: "Tracker", history: History) -> None:
    """Write what had ended when an earlier driver died."""
    done = {trial_id for _, trial_id in tracker.finished_here()}
    for trial_result in waiting(search.storage.outbox(search.name)):
        for variant, tags in _asked_for(search, history, trial_result):
            if trial_result.trial.trial_id in done:
                trial_result.discard()
            else:
                _log.info("trial %s, finished under an earlier driver, is delivered", trial_result.trial.trial_id)
                tracker.deliver(trial_result, variant, run_id=None, extra=tags)


def _asked_for(search: Search, history: History, trial_result: TrialResult) -> Iterator[tuple[Variant, dict[str, str]]]:
    """The variant of a trial that this search asked for, and the tags of its run."""
    sample = history.sample_of(replace(trial_result.trial, seed=SEARCH_SEED).trial_id)
    if sample is not None:
        yield search.space.variant(sample.assignment), trial_tags(sample, trial_result.trial.seed)


def _open_tracker(search: Search) -> "Tracker":
    settings = search.settings
    heading = Heading(
        kind=record.KIND_SEARCH,
        id=search.space.id,
        question=search.space.question,
        preset=search.preset.label,
        corpus=search.corpus_name,
        margin=margin_on(search.space.margin, search.corpus),
        identity={record.SEARCH: search.id},
        kept=frozenset(STATE_OF),
        about={
            record.SAMPLER: settings.sampler,
            record.SCHEDULER: settings.scheduler,
            record.OBJECTIVES: json.dumps(settings.objectives),
            record.TRIALS: str(settings.asked),
        },
        settings={
            "sampler": settings.sampler,
            "scheduler": settings.scheduler,
            "objectives": ", ".join(settings.objectives),
        },
        metric=settings.objectives[0],
    )
    return search.open_tracker(heading)
