"""Runs of a program in MLflow: what `report` and the pages read, in the form of any other study's."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from soundproof.common import record
from soundproof.common.provenance import installed
from soundproof.search_spaces.studies import Arm
from soundproof.trainables.sweeps.programs.run_folders import Outcome, RunFolder
from soundproof.trainables.sweeps.tracking.child_runs import RUN_STATUS, at_step
from soundproof.trainables.sweeps.tracking.heading import Heading
from soundproof.trainables.sweeps.tracking.mlflow_forms import named_params, run_name, run_tags
from soundproof.trainables.sweeps.tracking.outages import Say, away_message, say_nothing
from soundproof.trainables.sweeps.tracking.parent_run import close_parent, open_record
from soundproof.trainables.sweeps.tracking.writer_thread import WriterThread


class ProgramRecord(WriterThread):
    """Writes what runs came to, beside the runs that still go on.

    The outcome of a run lies in its folder, whatever becomes of the store: what is not in the record yet is written
    when the record is opened again.
    """

    def __init__(
        self,
        tracking_uri: str,
        heading: Heading,
        artifacts: Path | None,
        variants: Mapping[str, Arm],
        *,
        say: Say = say_nothing,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        """Open the record under the heading; what a dead driver left half written goes. Raises `TrackingError`.

        `say` and `stopped` as in `Ownership.claim`.
        """
        super().__init__(self._keep, say)
        self._runs = open_record(tracking_uri, heading, artifacts, say=say, stopped=stopped)
        self._variants = variants
        self._made_with = installed().tags

    def add_missing(self, outcomes: Iterable[tuple[Outcome, RunFolder]]) -> None:
        """Take those that are not recorded: an earlier driver died before it had written them."""
        tags = [run.data.tags for run in self._runs.children()]
        known = {(of[record.VARIANT], of.get(record.SEED), of.get(record.ENDED_AT)) for of in tags}
        for outcome, folder in outcomes:
            if (outcome.variant, str(outcome.seed), str(outcome.ended_at_milliseconds)) not in known:
                self.add(outcome, folder)

    def add(self, outcome: Outcome, folder: RunFolder) -> None:
        """Take what a run came to; it is written soon."""
        self._submit(lambda: self._write(outcome, folder))

    def close(self, *, interrupted: bool) -> None:
        """Close the parent run; see `close_parent`."""
        close_parent(self._runs, interrupted=interrupted, say=self._say)

    def _keep(self) -> None:
        """Raise `TrackingError` where another program has taken the record over."""
        if self._runs.ownership.is_lost:
            self._runs.ownership.check()

    def left_waiting(self, error: BaseException) -> str:
        """See `WriterThread`."""
        return away_message(error)

    def _write(self, outcome: Outcome, folder: RunFolder) -> None:
        variant, client, heading = self._variants[outcome.variant], self._runs.client, self._runs.heading
        began = outcome.ended_at_milliseconds - round(1000 * (outcome.seconds or 0.0))
        name = run_name(heading.id, variant, f"seed {outcome.seed}")
        run_id = self._runs.create(self._tags(outcome, variant), name, start_time=began).run_id
        values = {} if outcome.value is None or heading.metric is None else {heading.metric: outcome.value}
        values |= {} if outcome.seconds is None else {record.TRAIN_SECONDS: outcome.seconds}
        ends = {record.STATUS: outcome.status, record.ENDED_AT: str(outcome.ended_at_milliseconds)}
        ends |= {} if outcome.reason is None else {record.REASON: outcome.reason[: record.LONGEST_TAG]}
        levels = {level.factor: level.value for level in variant.levels}
        client.log_batch(
            run_id,
            metrics=at_step(values, 0, outcome.ended_at_milliseconds),
            params=named_params({**levels, "seed": str(outcome.seed), "folder": str(folder.path)}),
            tags=run_tags(ends),
        )
        status = RUN_STATUS.get(outcome.status, "FINISHED")
        client.set_terminated(run_id, status=status, end_time=outcome.ended_at_milliseconds)

    def _tags(self, outcome: Outcome, variant: Arm) -> dict[str, str]:
        heading = self._runs.heading
        return {
            **self._made_with,
            record.KIND: record.KIND_TRIAL,
            record.PARENT_RUN: self._runs.parent_id,
            record.STUDY: heading.id,
            record.VARIANT: variant.id,
            record.SEED: str(outcome.seed),
            record.PRESET: heading.preset,
            record.CORPUS: heading.corpus,
            **{record.FACTOR_PREFIX + level.factor: level.value for level in variant.levels},
        }
