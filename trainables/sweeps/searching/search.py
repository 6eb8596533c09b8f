"""A search from its space to its record: go on where it stopped, sample, train, stop what does not pay, confirm."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from soundproof.common import record
from soundproof.search_spaces.declarations import declare_confirmation
from soundproof.search_spaces.presets import PlannedTrial
from soundproof.search_spaces.space_levels import check_space, fitted_to_space
from soundproof.search_spaces.spaces import SearchSpace
from soundproof.search_spaces.specs import Features, Trial
from soundproof.search_spaces.studies import Variant
from soundproof.search_spaces.study_ids import file_name
from soundproof.trainables.features import FeatureStore, load
from soundproof.trainables.sweeps.interrupts import raised_at_once
from soundproof.trainables.sweeps.job import Job
from soundproof.trainables.sweeps.outbox.results import waiting
from soundproof.trainables.sweeps.planning.feasibility import infeasible_reason
from soundproof.trainables.sweeps.planning.measured import check_measured
from soundproof.trainables.sweeps.planning.provider import Known
from soundproof.trainables.sweeps.progress.protocol import Progress
from soundproof.trainables.sweeps.ray_tune.ray_watch import RayWatch
from soundproof.trainables.sweeps.ray_tune.resources import OtherThreads
from soundproof.trainables.sweeps.searching.history import STATE_OF, History
from soundproof.trainables.sweeps.searching.population.members import MemberFactory
from soundproof.trainables.sweeps.searching.population.provider import PopulationProvider
from soundproof.trainables.sweeps.searching.prior_trials import choices_of, prior_trials
from soundproof.trainables.sweeps.searching.provider import SEARCH_SEED, SearchProvider, TrialFactory, trial_tags
from soundproof.trainables.sweeps.searching.samplers import check_sampler
from soundproof.trainables.sweeps.searching.settings import SearchSettings
from soundproof.trainables.sweeps.sweep import known, margin_on
from soundproof.trainables.sweeps.tracking.heading import Heading
from soundproof.trainables.sweeps.tracking.outages import Say, say_nothing
from soundproof.trainables.sweeps.tracking.writer_thread import Recorder
from soundproof.trainables.training.checkpoints import discard_checkpoint
from soundproof.trainables.training.data.splitting import split_examples

if TYPE_CHECKING:
    from mlflow.entities import Run

    from soundproof.trainables.sweeps.tracking import Tracker


GENERATIONS_IN_A_BUDGET = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class Search(Job):
    """One space at one preset on one corpus, searched as the settings say."""

    space: SearchSpace
    settings: SearchSettings

    @property
    def id(self) -> str:
        """The search among those of its space.

        A space that is declared otherwise is searched anew, and so is one on a corpus of the same name and other
        content: what the sampler has learnt holds for neither.
        """
        objectives = self.settings.objectives
        words = [] if objectives == (self.space.metric,) else [name.replace("/", "-") for name in objectives]
        return ".".join([self.settings.name, *words, self.space.digest()[:8], self.corpus.spec.digest()[:8]])

    @property
    def name(self) -> str:
        """Space, preset, corpus and search in one word, safe as a file name."""
        return file_name(f"{self.space.id}.{self.preset.label}.{self.corpus_name}.{self.id}")

    @property
    def epochs(self) -> int:
        """The budget of a trial."""
        return self.preset.epochs_of(self.space.epochs)


def run_search(search: Search, progress: Progress) -> None:
    """Go on until as many trials as asked for have ended and the best are confirmed.

    Raises `CorpusError`, `StorageError` or `TrackingError` before anything is trained, and `OneTrialError` where
    options of the space would be one trial.
    """
    check_sampler(search.settings.sampler, search.space)
    check_space(search.space, search.preset)
    search = replace(search, preset=fitted_to_space(search.preset, search.space))
    anything = search.space.variant(search.space.draw(Random(0)))  # noqa: S311  # any will do
    trial = search.plan(anything, SEARCH_SEED).trial
    split_examples(search.corpus.examples, trial)  # found out here if it cannot be
    for objective in search.settings.objectives:
        check_measured(objective, trial)
    with (
        search.opened(partial(_open_tracker, search, progress.notice)) as opened,
        search.ray(at_once=not opened.known) as start_ray,
    ):
        _run(search, opened.tracker.result(), progress, start_ray)


def _run(search: Search, tracker: "Tracker", progress: Progress, start_ray: Callable[[], RayWatch]) -> None:
    with tracker:
        tracker.attach_to_parent(record.SPACE_ARTIFACT, search.space.to_json())
        variants: dict[str, Variant] = {}
        features = _FeatureCache(search, progress)

        threads = OtherThreads(search.resources.cpus_per_trial, progress.noted)

        def reuse(planned: PlannedTrial) -> None:
            recorder.reused(planned, provider.tags(planned))
            progress.reused(planned)

        factory = TrialFactory(
            plan=search.plan,
            infeasible_reason=lambda variant: _infeasible_reason(search, variant, features),
            register=lambda variant: variants.update({variant.id: variant}),
            reuse=reuse,
        )
        provider, originals = _open(search, tracker, factory)
        with Recorder(tracker, variants, search.storage.outbox(search.name), originals) as recorder:
            progress.planned(provider.forecast(), {})
            finished = tracker.runs.finished_here().values()
            for run in finished:
                threads.see(run.data.tags)
            _make_missing(search, finished, features)
            try:
                if not provider.done:
                    watch = start_ray()
                    from soundproof.trainables.sweeps.ray_tune.tuning import tune_trials  # noqa: PLC0415  # imports Ray

                    tune_trials(search, provider, features.entry, recorder, progress, watch=watch)
            finally:
                recorder.tag_parent({record.REJECTED: json.dumps(Counter(provider.turned_down()))})
            progress.remark(provider.remark)
            progress.finished()


def _open(
    search: Search, tracker: "Tracker", factory: TrialFactory
) -> tuple[SearchProvider | PopulationProvider, Mapping[str, str]]:
    """Go on where the search stopped: its provider, and the runs that may be taken over, by trial id.

    A population takes nothing over: it needs the states that its members end in.
    """
    if search.settings.scheduler == "pbt":
        return _open_population(search, tracker, factory), {}
    history = History(search.storage.journal(search.name), search.space, search.settings, epochs=search.epochs)
    search.deliver_waiting(tracker, lambda trial: _asked_for(trial, search.space, history))
    here, elsewhere = tracker.runs.finished_here(), tracker.runs.finished_elsewhere()
    if history.is_new:
        history.begin_with(prior_trials(search.space, search.settings, search.plan, tracker, elsewhere))
    provider = SearchProvider(
        history,
        factory,
        ended={(variant_id, int(run.data.tags[record.SEED])): known(run) for (variant_id, _), run in here.items()},
        known={trial_id: known(run) for trial_id, run in elsewhere.items()},
    )
    originals = {str(trial_id): run for (_, trial_id), run in here.items()} | elsewhere
    return provider, {trial_id: run.info.run_id for trial_id, run in originals.items()}


def _asked_for(trial: Trial, space: SearchSpace, history: History) -> tuple[Variant, Mapping[str, str]] | None:
    """The variant of a trial that this search asked for, and the tags of its run."""
    sample = history.accepted().get(replace(trial, seed=SEARCH_SEED).trial_id)
    return None if sample is None else (space.variant(sample.assignment), trial_tags(sample, trial.seed))


def _open_population(search: Search, tracker: "Tracker", factory: TrialFactory) -> PopulationProvider:
    """The provider of a population, with everything that an earlier driver left behind in the record.

    A result says how its trial ended just as the record does, so the generations are found from both before any result
    is delivered: only they know which member it is.
    """
    trial_results = waiting(search.storage.outbox(search.name))
    recorded = {str(trial_id): known(run) for (_, trial_id), run in tracker.runs.finished_here().items()}
    left = {
        trial_result.trial.trial_id: Known(status=trial_result.status, metrics=trial_result.metrics)
        for trial_result in trial_results
    }
    checkpoints = search.storage.checkpoints(search.name)
    epochs = search.settings.generation_epochs or max(1, search.epochs // GENERATIONS_IN_A_BUDGET)
    provider = PopulationProvider(
        MemberFactory(search.space, search.settings, factory, epochs=epochs),
        ended=left | recorded,
        release=lambda trial_id: discard_checkpoint(checkpoints, trial_id),
    )
    for trial_result in trial_results:
        member = provider.member_of(trial_result.trial.trial_id)
        if member is None or member.trial_id in recorded:
            trial_result.discard()
        else:
            variant = search.space.variant(member.assignment)
            tracker.deliver(trial_result, variant, run_id=None, extra=provider.tags(member.planned))
    return provider


class _FeatureCache:
    """Features as samples want them: made once, when the first trial asks."""

    def __init__(self, search: Search, progress: Progress) -> None:
        prepare = raised_at_once()(search.prepare)  # Ray Tune would let all be made before it stops
        made: Callable[[Features, tuple[float, ...]], Path] = cache(
            lambda features, speeds: prepare(features, speeds, progress)
        )
        self.entry: Callable[[Trial | Variant], Path] = lambda of: made(of.features, of.recipe.speeds)
        self._loaded = cache(load)

    def store(self, of: Variant) -> FeatureStore:
        """Those of a variant at its size."""
        return self._loaded(self.entry(of))


def _make_missing(search: Search, recorded: "Iterable[Run]", features: _FeatureCache) -> None:
    """Make the features of trials with numbers where they were removed: whoever explains such a trial reads them."""
    for run in recorded:
        assignment = choices_of(run)
        if run.data.tags[record.STATUS] in record.COMPARABLE and assignment is not None:
            variant = search.space.variant(assignment)
            features.entry(search.preset.variant(variant))


def _infeasible_reason(search: Search, variant: Variant, features: _FeatureCache) -> str | None:
    """Why a variant may not or cannot be trained: the space's constraints, then the examples."""
    sized = search.preset.variant(variant)
    alphabet = search.alphabet(variant, SEARCH_SEED)
    return infeasible_reason(sized, search.space.constraints, search.corpus.spec, features.store(sized), alphabet)


def _open_tracker(search: Search, say: Say = say_nothing, stopped: Callable[[], bool] = lambda: False) -> "Tracker":
    settings, margin = search.settings, margin_on(search.space.margin, search.corpus)
    heading = Heading(
        kind=record.KIND_SEARCH,
        id=search.space.id,
        question=search.space.question,
        preset=search.preset.label,
        corpus=search.corpus_name,
        margin=margin,
        declaration=declare_confirmation(
            search.space.id,
            settings.objectives,
            margin=margin,
            seeds=settings.confirm_seeds,
            first_seed=SEARCH_SEED + 1,
            best=settings.confirm,
        ),
        identity={record.SEARCH: search.id},
        kept=frozenset(STATE_OF),
        about={
            record.SAMPLER: settings.sampler,
            record.SCHEDULER: settings.scheduler,
            record.OBJECTIVES: json.dumps(settings.objectives),
            record.TRIALS: str(settings.asked),
        }
        | search.corpus_tags(),
        settings={
            "sampler": settings.sampler,
            "scheduler": settings.scheduler,
            "objectives": ", ".join(settings.objectives),
        },
        metric=settings.objectives[0],
    )
    return search.open_tracker(heading, say, stopped)
