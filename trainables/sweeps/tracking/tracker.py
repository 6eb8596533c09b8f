"""What is written of a sweep, and when: as its trials begin, train, end, or turn out to be known already."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from mlflow.entities import Metric, Run
from mlflow.exceptions import MlflowException

from soundproof.common import record
from soundproof.common.provenance import Provenance, installed
from soundproof.common.record import HeldOut
from soundproof.search_spaces.specs import Trial
from soundproof.search_spaces.studies import Variant
from soundproof.search_spaces.user_code.modules import custom_parts, source_of
from soundproof.trainables.sweeps.outbox.results import TrialResult
from soundproof.trainables.sweeps.planning.provider import unknown
from soundproof.trainables.sweeps.tracking.child_runs import ChildRuns, Curve, at_step
from soundproof.trainables.sweeps.tracking.deletions import restoring, was_deleted
from soundproof.trainables.sweeps.tracking.heading import NO_TAGS, Heading
from soundproof.trainables.sweeps.tracking.machine_load import MachineLoad
from soundproof.trainables.sweeps.tracking.mlflow_forms import params, run_tags
from soundproof.trainables.sweeps.tracking.outages import Say, say_nothing
from soundproof.trainables.sweeps.tracking.parent_run import close_parent, open_record


class Tracker:
    """Writes one sweep; as a context manager, it closes the record at the end of the block.

    Opening it finds or makes the experiment and the parent run, and removes what a dead driver left.
    """

    def __init__(
        self,
        tracking_uri: str,
        heading: Heading,
        artifacts: Path | None,
        complete: Callable[[TrialResult], object] | None = None,
        held_out: Callable[[Trial], HeldOut | None] = unknown,
        *,
        say: Say = say_nothing,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        """`artifacts` is where a local store keeps files; None leaves it to the server.

        `complete` adds to the artifacts of a trial what its actor could not, before they are written. `held_out` knows
        what the seed of a trial kept from training. `say` and `stopped` as in `Ownership.claim`.
        """
        self.uri = tracking_uri
        self.say = say
        self._complete = complete
        self.held_out = held_out
        self.runs = open_record(tracking_uri, heading, artifacts, say=say, stopped=stopped)
        self.client = self.runs.client
        self.parent_id = self.runs.parent_id
        self._children = ChildRuns(tracking_uri, self.runs, held_out)
        self._curves: dict[str, Curve] = {}
        """Of trials that run, by run id."""
        self._words: dict[str, str] = {}
        """What runs are called to people, by run id."""
        self._deleted: set[str] = set()
        """Runs that somebody deleted while they were written."""
        self._sources: set[str] = set()
        """Hashes of the user's files that are kept."""
        self._ended = False
        self._made_with = installed().tags
        self._load = MachineLoad(self.client.get_run(self.parent_id).info.start_time)

    def __enter__(self) -> "Tracker":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.end(interrupted=kind is not None)

    def supersede(self, run: Run, superseded: bool) -> None:
        """Mark whether the study and the corpus are still what they were then."""
        if superseded == (record.SUPERSEDED in run.data.tags):
            return
        with self._unless_deleted(run.info.run_id):
            if superseded:
                self.client.set_tag(run.info.run_id, record.SUPERSEDED, "true")
            else:
                self.client.delete_tag(run.info.run_id, record.SUPERSEDED)

    def add_held_out(self, run: Run, trial: Trial) -> None:
        """Say of a finished trial what its seed held out, where an earlier version did not."""
        found = self.held_out(trial)
        if found is not None and not found.tags.items() <= run.data.tags.items():
            with self._unless_deleted(run.info.run_id):
                self.client.log_batch(run.info.run_id, tags=run_tags(found.tags))

    def tag_parent(self, tags: Mapping[str, str]) -> None:
        """Set tags of the parent run."""
        with self._unless_deleted(self.parent_id):
            self.client.log_batch(self.parent_id, tags=run_tags(tags))

    def attach_to_parent(self, name: str, text: str) -> None:
        """Keep a text as an artifact of the parent run."""
        with self._unless_deleted(self.parent_id):
            self.client.log_text(self.parent_id, text, name)

    def begin(self, variant: Variant, trial: Trial, extra: Mapping[str, str] = NO_TAGS) -> str:
        """The child run of a trial that trains, opened unless it is open. `extra` are more tags of it."""
        run_id = self._children.open(variant, trial, f"seed {trial.seed}", self._made_with | dict(extra))
        if run_id not in self._curves:
            self._keep_source(trial)
            self._words[run_id] = f"{variant.id} seed {trial.seed}"
            with self._unless_deleted(run_id):
                self._children.log_corpus(run_id, trial)
                self._curves[run_id] = Curve()
        return run_id

    def is_deleted(self, run_id: str) -> bool:
        """Whether somebody was seen to have deleted the run while it was written."""
        return run_id in self._deleted

    def epoch(self, run_id: str, number: int, metrics: Mapping[str, float]) -> None:
        """Take the metrics of epoch `number`, the first being 1. They are written by the next `flush`, or at the end.

        An epoch that is known already is ignored, and so is a run that was deleted.
        """
        if run_id not in self._deleted:
            self._curves[run_id].add(number, metrics)

    def flush(self) -> None:
        """Write what is to be watched: the epochs of running trials, and the load of this machine to the parent run.

        Raises `TrackingError` where another program has taken the record over.
        """
        if self.runs.ownership.is_lost:
            self.runs.ownership.check()
        for run_id, curve in list(self._curves.items()):
            metrics = curve.unwritten()
            if metrics:
                with self._unless_deleted(run_id):
                    self._children.log(run_id, metrics)
                    curve.mark_written()
        load = self._load.sample()
        if load and self.parent_id not in self._deleted:
            with self._unless_deleted(self.parent_id):
                self.client.log_batch(self.parent_id, metrics=load)

    def deliver(
        self, trial_result: TrialResult, variant: Variant, run_id: str | None, extra: Mapping[str, str] = NO_TAGS
    ) -> str:
        """Write a finished trial and close its run; `run_id` is None when an earlier driver had opened it.

        `extra` are more tags of a run that has to be opened. A result whose run was deleted is not wanted: it goes too.
        """
        if run_id is None:
            run_id = self.begin(variant, trial_result.trial, extra)
        if run_id not in self._deleted:
            with self._unless_deleted(run_id):
                self._deliver(trial_result, variant, run_id)
        trial_result.discard()
        return run_id

    def _deliver(self, trial_result: TrialResult, variant: Variant, run_id: str) -> None:
        curve = self._curves[run_id]
        for number, epoch in enumerate(trial_result.history, start=1):
            curve.add(number, epoch, trial_result.left_at_milliseconds)
        metrics = curve.unwritten() + at_step(trial_result.metrics, 0, trial_result.left_at_milliseconds)
        tags = {record.STATUS: trial_result.status, record.DEVICE: trial_result.device}
        tags[record.ENDED_AT] = str(trial_result.left_at_milliseconds)
        if trial_result.digests:
            tags[record.DIGESTS] = json.dumps(trial_result.digests)
        if trial_result.threads is not None:
            tags[record.THREADS] = str(trial_result.threads)
        if trial_result.reason is not None:
            tags[record.REASON] = trial_result.reason
        self._children.log(run_id, metrics, params(trial_result.trial, variant), tags)
        if self._complete is not None:
            self._complete(trial_result)
        self._children.log_artifacts(run_id, trial_result.artifacts)
        self._close(run_id, trial_result.status)

    def fail(self, run_id: str, variant: Variant, trial: Trial, status: record.Status, reason: str) -> None:
        """Close the run of a trial that left no outcome: it crashed, or was interrupted."""
        if run_id in self._deleted:
            return
        tags = {record.STATUS: status, record.REASON: reason}
        with self._unless_deleted(run_id):
            self._children.log(run_id, self._curves[run_id].unwritten(), params(trial, variant), tags)
            self._close(run_id, status)

    def infeasible(self, variant: Variant, reason: str) -> None:
        """Record a variant that cannot be trained. It has no seed: no chance is involved."""
        tags = self._made_with | {record.STATUS: "infeasible", record.REASON: reason}
        run_id = self._children.open(variant, None, "infeasible", tags)
        self._close(run_id, "infeasible")

    def reuse(self, variant: Variant, trial: Trial, original: Run, extra: Mapping[str, str] = NO_TAGS) -> None:
        """Show a trial that another sweep or variant trained here too, with its numbers, pointing at the original."""
        copied = (record.STATUS, record.REASON, record.DEVICE, record.DIGESTS, record.THREADS)
        tags = {name: original.data.tags[name] for name in copied if name in original.data.tags}
        tags |= dict(extra) | Provenance.of(original.data.tags).tags
        tags[record.REUSED_FROM] = original.data.tags.get(record.REUSED_FROM, str(original.info.run_id))
        tags[record.ENDED_AT] = original.data.tags.get(record.ENDED_AT, str(original.info.end_time))
        run_id = self._children.open(variant, trial, f"seed {trial.seed} (reused)", tags)
        history = [
            Metric(metric.key, metric.value, metric.timestamp, metric.step)
            for name in original.data.metrics
            for metric in self.client.get_metric_history(original.info.run_id, name)
        ]
        self._words[run_id] = f"{variant.id} seed {trial.seed}"
        with self._unless_deleted(run_id):
            self._children.log_corpus(run_id, trial)
            self._children.log(run_id, history, params(trial, variant))
            self._close(run_id, original.data.tags[record.STATUS])

    def end(self, *, interrupted: bool = False) -> None:
        """Close the parent run, unless it has been tried before; see `close_parent`."""
        if self._ended:
            return
        self._ended = True
        close_parent(self.runs, interrupted=interrupted, say=self.say)

    @contextmanager
    def _unless_deleted(self, run_id: str) -> Iterator[None]:
        """Do the block unless the run was deleted meanwhile: that is said, and nothing more is written to it.

        Raises `TrackingError` where another program has taken the record over, and with it deleted what was open.
        """
        try:
            yield
        except MlflowException:
            if not was_deleted(self.client, run_id):
                raise
            self.runs.ownership.check()
            self._deleted.add(run_id)
            self._curves.pop(run_id, None)
            self._children.forget(run_id)
            self._say_deleted(run_id)

    def _say_deleted(self, run_id: str) -> None:
        if run_id == self.parent_id:
            self.say(
                f"{self.runs.heading.words} was deleted in MLflow: trials go on and are recorded below it. Restore it "
                f"with {restoring(run_id)}; else the same command takes finished trials over into a new run"
            )
        else:
            self.say(
                f"the run of {self._words.get(run_id, run_id)} was deleted in MLflow: nothing more of this trial is "
                f"recorded, and the same command trains it again. Restored now with {restoring(run_id)}, it keeps "
                "what it had"
            )

    def _keep_source(self, trial: Trial) -> None:
        """Keep the user's files that parts of the trial are from, as it is now: a later text lies beside it."""
        for part in custom_parts(trial):
            source = source_of(part)
            if source is None or part.source in self._sources:
                continue
            for path, text in source.files().items():
                self.attach_to_parent(f"{record.CUSTOM_ARTIFACTS}/{part.source}/{path}", text)
            self._sources.add(part.source)

    def _close(self, run_id: str, status: str) -> None:
        self._children.close(run_id, status)
        self._words.pop(run_id, None)
        self._curves.pop(run_id, None)
