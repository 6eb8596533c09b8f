"""A study from its declaration to its record: expand, leave out what is finished, make features, train, write."""

import logging
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from soundproof.common import record
from soundproof.search_spaces.claims import curve_metrics
from soundproof.search_spaces.declarations import declare_study
from soundproof.search_spaces.presets import PlannedTrial, check_study
from soundproof.search_spaces.specs import Trial
from soundproof.search_spaces.studies import Margin, Study, Variant
from soundproof.trainables.corpora.corpus import Corpus
from soundproof.trainables.features import load
from soundproof.trainables.sweeps.job import Job
from soundproof.trainables.sweeps.outbox.audio_clips import add_audio
from soundproof.trainables.sweeps.planning.feasibility import features_of, infeasible_variants
from soundproof.trainables.sweeps.planning.measured import check_claims_measured, check_measured
from soundproof.trainables.sweeps.planning.provider import Known
from soundproof.trainables.sweeps.planning.same_trials import check_trials_differ
from soundproof.trainables.sweeps.planning.seeds import FromSeed, Request, Schedule
from soundproof.trainables.sweeps.planning.study_provider import StudyProvider
from soundproof.trainables.sweeps.progress.protocol import Progress
from soundproof.trainables.sweeps.ray_tune.ray_watch import RayWatch
from soundproof.trainables.sweeps.ray_tune.resources import OtherThreads
from soundproof.trainables.sweeps.tracking.heading import Heading
from soundproof.trainables.sweeps.tracking.outages import Say
from soundproof.trainables.sweeps.tracking.writer_thread import Recorder
from soundproof.trainables.training.data.splitting import split_examples

if TYPE_CHECKING:
    from mlflow.entities import Run

    from soundproof.trainables.sweeps.tracking import Tracker
    from soundproof.trainables.sweeps.tracking.queries import RunKey


_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sweep(Job):
    """One study at one preset on one corpus, with the seeds that the schedule asks for, counted from `first_seed`."""

    study: Study
    schedule: Schedule
    first_seed: int = 0

    @property
    def name(self) -> str:
        """Study, preset and corpus in one word, safe as a file name."""
        return f"{self.study.id}.{self.preset.label}.{self.corpus_name}"


def margin_on(margin: Margin, corpus: Corpus) -> float:
    """A declared margin where targets are as long as those of `corpus` on average."""
    return margin.on(float(np.mean([len(example.target) for example in corpus.examples])))


def run_sweep(sweep: Sweep, progress: Progress) -> None:
    """Run what is not finished. May be called again after any interruption, and then goes on.

    Raises `CorpusError`, `StorageError` or `TrackingError` before anything is trained, and `OneTrialError` where two
    variants would be one trial.
    """
    check_study(sweep.study, sweep.preset)
    sweep = replace(sweep, preset=sweep.preset.fitted(sweep.study))
    _check_trials(sweep)
    variants = {variant.id: sweep.preset.variant(variant) for variant in sweep.study.variants}
    with sweep.opened(partial(_open_tracker, sweep, progress.notice)) as opened:
        preparing = opened.beside.submit(_prepare_features, sweep, variants, progress, opened.failed.is_set)
        with sweep.ray(at_once=not opened.known) as start_ray:
            tracker, entries = opened.tracker.result(), preparing.result()
            _run(sweep, variants, tracker, entries, progress=progress, start_ray=start_ray)


def _check_trials(sweep: Sweep) -> None:
    """Here it is found out whether the corpus can be split, and whether all variants are trials of their own on it."""
    trials = {variant.id: sweep.plan(variant, sweep.first_seed).trial for variant in sweep.study.variants}
    sizes = [len(split_examples(sweep.corpus.examples, trial).train) for trial in trials.values()]
    check_trials_differ(sweep.study.variants, trials, max(sizes))
    any_trial = next(iter(trials.values()))
    check_measured(sweep.study.metric, any_trial)
    check_claims_measured(sweep.study.claims, any_trial)


def _run(
    sweep: Sweep,
    variants: dict[str, Variant],
    tracker: "Tracker",
    entries: dict[str, Path],
    *,
    progress: Progress,
    start_ray: Callable[[], RayWatch],
) -> None:
    plan: Callable[[Request], PlannedTrial] = cache(
        lambda request: sweep.plan(sweep.study.variant(request[0]), request[1])
    )
    with tracker:
        sweep.deliver_waiting(tracker, lambda trial: _asked_for(trial, variants, plan))
        stores = {key: load(entry) for key, entry in entries.items()}
        infeasible = infeasible_variants(
            variants, sweep.corpus.spec, stores, lambda variant: sweep.alphabet(variant, sweep.first_seed)
        )
        runs = tracker.runs.finished_here()
        current = _as_declared_now(runs, variants, infeasible, plan)
        for key, run in runs.items():
            tracker.supersede(run, key not in current)
        for (variant_id, trial_id), run in current.items():
            if trial_id is not None:
                tracker.add_held_out(run, plan((variant_id, int(run.data.tags[record.SEED]))).trial)
        for variant_id, reason in infeasible.items():
            if (variant_id, None) not in runs:
                _log.info("variant %s is infeasible: %s", variant_id, reason)
                tracker.infeasible(variants[variant_id], reason)
        originals = {trial_id: run for (_, trial_id), run in runs.items() if trial_id is not None}
        originals |= tracker.runs.finished_elsewhere()
        outbox = sweep.storage.outbox(sweep.name)

        threads = OtherThreads(sweep.resources.cpus_per_trial, progress.noted)
        for run in current.values():
            threads.see(run.data.tags)

        def reuse(planned: PlannedTrial) -> None:
            if planned.trial.trial_id in originals:
                threads.see(originals[planned.trial.trial_id].data.tags)
            recorder.reused(planned)
            progress.reused(planned)

        curves = curve_metrics(sweep.study.claims)

        @cache
        def recorded(trial_id: str) -> Mapping[str, record.Curve]:
            return {metric: tracker.runs.curve(originals[trial_id], metric) for metric in curves}

        with Recorder(tracker, variants, outbox, {key: run.info.run_id for key, run in originals.items()}) as recorder:
            provider = StudyProvider(
                FromSeed(sweep.schedule, sweep.first_seed),
                plan,
                ended={
                    (variant_id, int(run.data.tags[record.SEED])): known(run)
                    for (variant_id, trial_id), run in current.items()
                    if trial_id is not None
                },
                known={trial_id: known(run) for trial_id, run in originals.items()},
                infeasible=infeasible,
                reuse=reuse,
                held_out=tracker.held_out,
                curves=curves,
                recorded=recorded,
            )
            progress.planned(provider.forecast(), infeasible)
            if not provider.done:
                watch = start_ray()
                from soundproof.trainables.sweeps.ray_tune.tuning import tune_trials  # noqa: PLC0415  # imports Ray

                tune_trials(sweep, provider, lambda trial: entries[features_of(trial)], recorder, progress, watch=watch)
            progress.remark(provider.remark)
            progress.finished()


def _asked_for(
    trial: Trial, variants: Mapping[str, Variant], plan: Callable[[Request], PlannedTrial]
) -> tuple[Variant, Mapping[str, str]] | None:
    """The first variant that wants a trial, which has no further tags; see `Job.deliver_waiting`."""
    same = (variant for variant in variants.values() if plan((variant.id, trial.seed)).trial == trial)
    return next(((variant, {}) for variant in same), None)


def _as_declared_now(
    runs: "Mapping[RunKey, Run]",
    variants: Collection[str],
    infeasible: Collection[str],
    plan: Callable[[Request], PlannedTrial],
) -> "dict[RunKey, Run]":
    """Finished runs without those of a study that was declared differently then, or of another corpus."""

    def holds(key: "RunKey", run: "Run") -> bool:
        variant_id, trial_id = key
        if variant_id not in variants or trial_id is None:
            return variant_id in infeasible
        return plan((variant_id, int(run.data.tags[record.SEED]))).trial.trial_id == trial_id

    return {key: run for key, run in runs.items() if holds(key, run)}


def known(run: "Run") -> Known:
    """How the trial of a closed run ended."""
    status = next(status for status in record.STATUSES if status == run.data.tags[record.STATUS])
    return Known(status=status, metrics=run.data.metrics)


def _open_tracker(sweep: Sweep, say: Say, stopped: Callable[[], bool]) -> "Tracker":
    margin, design = margin_on(sweep.study.margin, sweep.corpus), sweep.schedule.design
    heading = Heading(
        kind=record.KIND_STUDY,
        id=sweep.study.id,
        question=sweep.study.question,
        preset=sweep.preset.label,
        corpus=sweep.corpus_name,
        margin=margin,
        design=design,
        declaration=declare_study(sweep.study, margin=margin, seeds=design, first_seed=sweep.first_seed),
        about=sweep.corpus_tags(),
        settings={"baseline": sweep.study.baseline, "metric": sweep.study.metric},
        metric=sweep.study.metric,
    )
    return sweep.open_tracker(heading, say, stopped, complete=partial(add_audio, sweep.corpus))


def _prepare_features(
    sweep: Sweep, variants: dict[str, Variant], progress: Progress, stopped: Callable[[], bool]
) -> dict[str, Path]:
    """Cache entries by `features_of`."""
    wanted = {features_of(variant): variant for variant in variants.values()}
    return {
        key: sweep.prepare(variant.features, variant.recipe.speeds, progress, stopped)
        for key, variant in wanted.items()
    }
