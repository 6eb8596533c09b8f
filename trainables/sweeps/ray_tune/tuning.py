"""Ray Tune over planned trials: reused actors, no files per result, every event passed on."""

import logging
from collections.abc import Callable
from pathlib import Path

from ray import tune

from soundproof.search_spaces.presets import PlannedTrial
from soundproof.search_spaces.specs import Trial
from soundproof.search_spaces.user_code.modules import sources_of
from soundproof.trainables.sweeps.job import Job
from soundproof.trainables.sweeps.planning.provider import TrialProvider
from soundproof.trainables.sweeps.progress.protocol import Progress
from soundproof.trainables.sweeps.ray_tune.callbacks import Events, Planner, Stopping
from soundproof.trainables.sweeps.ray_tune.ray_watch import RayWatch
from soundproof.trainables.sweeps.ray_tune.resources import check_share, room, usual_gpu_share
from soundproof.trainables.sweeps.storage import StorageError
from soundproof.trainables.sweeps.tracking.writer_thread import Recorder
from soundproof.trainables.sweeps.workers.messages import WorkerSettings
from soundproof.trainables.sweeps.workers.remote_node import storage_token
from soundproof.trainables.sweeps.workers.trainable import TrialActor

_log = logging.getLogger(__name__)

_MORE_THAN_ANY_STUDY = 1_000_000
"""Ray Tune wants a number of trials. The provider says when there are no more."""

RETRIES = 2
"""How often a trial whose actor died is taken up by another one, from its checkpoint."""

PATIENCE_SECONDS = 1.0
"""How long an epoch may wait to be reported with the next ones: a result of Ray's costs milliseconds, and nobody
watches a curve more closely."""

RETRIES_ON_CLUSTER = 6
"""There a trial also meets nodes that die, and actors that died with them."""


def tune_trials(
    job: Job,
    provider: TrialProvider,
    entry_of: Callable[[Trial], Path],
    recorder: Recorder,
    progress: Progress,
    *,
    watch: RayWatch,
) -> None:
    """Train what the provider hands out. Returns when it has no more and each trial has ended, however.

    Ray has to be there, and `watch` over it. `entry_of` gives the cache entry of a trial's features. Raises
    KeyboardInterrupt when the user stops it, and `StorageError` when the disk is full.
    """
    resources, address = job.resources, job.address
    outbox, checkpoints = job.storage.outbox(job.name), job.storage.checkpoints(job.name)
    notes = job.storage.ray_results(job.name).resolve()
    gpus = usual_gpu_share(address) if resources.gpus_per_trial is None else resources.gpus_per_trial
    check_share(resources.cpus_per_trial, gpus)
    # Ray Tune has to be given the number: left alone it starts the actors of a searcher one by one, and while trials
    # are shorter than an actor's start, the first actor takes them all
    slots = room(resources.cpus_per_trial, gpus) if resources.max_concurrent is None else resources.max_concurrent
    with storage_token(address, notes, outbox) as token:

        def settings_of(planned: PlannedTrial) -> WorkerSettings:
            return WorkerSettings(
                entry=entry_of(planned.trial).resolve(),
                outbox=outbox.resolve(),
                checkpoints=checkpoints.resolve(),
                keep_checkpoint=provider.keeps_checkpoint(planned),
                training=job.training,
                patience_seconds=0.0 if provider.judges_epochs else PATIENCE_SECONDS,
                custom_sources=sources_of(planned.trial),
                storage_token=token,
            )

        planner = Planner(provider, settings_of)
        stopping = Stopping(planner)
        events = Events(
            planner,
            stopping,
            outbox=outbox,
            checkpoints=checkpoints,
            recorder=recorder,
            progress=progress,
            watch=watch,
            retries=RETRIES if address is None else RETRIES_ON_CLUSTER,
        )
        tuner = tune.Tuner(
            tune.with_resources(TrialActor, {"cpu": resources.cpus_per_trial, "gpu": gpus}),
            tune_config=tune.TuneConfig(
                search_alg=planner,
                scheduler=stopping,
                num_samples=_MORE_THAN_ANY_STUDY,
                max_concurrent_trials=slots,
                reuse_actors=True,
            ),
            run_config=_run_config(notes, events),
        )
        try:
            _fit(tuner, events)
        finally:
            stopped = events.close()
    if events.refused is not None:
        raise StorageError(events.refused)
    if stopped:  # Ray takes the user's first Ctrl-C for a request to end in order, and returns as if all were done
        raise KeyboardInterrupt


def _fit(tuner: tune.Tuner, events: Events) -> None:
    """Run the sweep. What Ray meets when that is over, making a table of results for nobody, is logged and no more.

    It reads, as pickles, the errors of actors that have died: on a disk that was full they are cut.
    """
    try:
        tuner.fit()
    except Exception:
        if not events.over:
            raise
        _log.info("Ray's own table of results cannot be made", exc_info=True)


def _run_config(notes: Path, events: Events) -> tune.RunConfig:
    return tune.RunConfig(
        name="tune",
        storage_path=str(notes),
        callbacks=[events],
        verbose=0,
        # Ray retries no trial whose actor dies before it has begun with it: `Events` does, and counts
        failure_config=tune.FailureConfig(max_failures=0),
        checkpoint_config=tune.CheckpointConfig(checkpoint_frequency=0, checkpoint_at_end=False),
    )
