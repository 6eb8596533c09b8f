"""The runs of a decision: which are missing, what each came to, and where that is kept."""

import json
import math
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from soundproof.api.decided import keep_question, runs_root
from soundproof.api.program_identity import agree
from soundproof.common import record
from soundproof.common.counting import counted
from soundproof.common.errors import UserError
from soundproof.common.record import EndedTrial
from soundproof.search_spaces.declarations import declare_study
from soundproof.search_spaces.programs import FOLDER, SEED, VARIANT
from soundproof.trainables.sweeps.interrupts import two_step_interrupts
from soundproof.trainables.sweeps.programs.processes import Ending, Start
from soundproof.trainables.sweeps.programs.run_folders import Outcome, RunFolder, outcomes_below
from soundproof.trainables.sweeps.programs.scheduling import TimeLimit, run_programs
from soundproof.trainables.sweeps.ray_tune.session import VERBOSE, session
from soundproof.trainables.sweeps.storage import Storage
from soundproof.trainables.sweeps.tracking.heading import Heading
from soundproof.trainables.sweeps.tracking.outages import Say

if TYPE_CHECKING:
    from soundproof.api.decision import Decision
    from soundproof.trainables.sweeps.planning.seeds import Request
    from soundproof.trainables.sweeps.programs.recording import ProgramRecord

FAILURES_AT_FIRST = 3
"""Runs that fail before any has succeeded, after which no more are started."""
KEPT: frozenset[record.Status] = record.FINISHED | {"failed"}

_SHOWN = 200


def run_missing(decision: "Decision") -> None:
    """Run what is not finished, and record all of it. Raises `UserError`, and KeyboardInterrupt after Ctrl-C."""
    if decision.options.verbose:
        os.environ[VERBOSE] = "1"
    storage = Storage(root=decision.options.storage.resolve())
    with two_step_interrupts(), storage.exclusive(f"decide.{decision.name}"):
        root = runs_root(storage.root, decision.name)
        agree(decision, root)
        keep_question(decision.question, root)
        runs = DecisionRuns(decision, root / "runs")
        with _recorded(decision, storage, runs) as program_record:
            runs.go(program_record)


@contextmanager
def _recorded(decision: "Decision", storage: Storage, runs: "DecisionRuns") -> "Iterator[Callable[[], ProgramRecord]]":
    """What waits for the record, which is opened while Ray starts; closed when the block ends."""
    failed = Event()
    with ThreadPoolExecutor(1) as beside:
        opening = beside.submit(_open_record, decision, storage, runs.say, failed.is_set)
        entered: list[ProgramRecord] = []

        def opened() -> "ProgramRecord":
            if not entered:
                entered.append(opening.result().__enter__())
                entered[0].add_missing(runs.concluded())
            return entered[0]

        try:
            yield opened
            opened().__exit__(None, None, None)
            opened().close(interrupted=False)
        except BaseException as error:
            failed.set()
            if entered:
                entered[0].__exit__(type(error), error, None)
            if opening.exception() is None:
                opening.result().close(interrupted=True)
            raise


def _open_record(decision: "Decision", storage: Storage, say: Say, stopped: Callable[[], bool]) -> "ProgramRecord":
    from soundproof.trainables.sweeps.programs.recording import ProgramRecord

    question, design = decision.question, decision.schedule.design
    margin = decision.options.margin
    heading = Heading(
        kind=record.KIND_STUDY,
        id=decision.name,
        question=question.question,
        preset="",
        corpus=decision.recorded_as,
        margin=margin,
        design=design,
        declaration=declare_study(question, margin=margin, seeds=design, first_seed=decision.options.first_seed),
        about={} if not decision.options.unpaired else {record.UNPAIRED: "true"},
        settings={"baseline": question.baseline, "metric": question.metric},
        metric=question.metric,
        kept=KEPT,
    )
    variants = {variant.id: variant for variant in decision.variants}
    named = decision.options.tracking_uri
    uri, artifacts = (storage.tracking_uri, storage.artifacts) if named is None else (named, None)
    return ProgramRecord(uri, heading, artifacts, variants, say=say, stopped=stopped)


class DecisionRuns:
    """Which runs are wanted, and what has become of them."""

    def __init__(self, decision: "Decision", root: Path) -> None:
        self._decision, self._root = decision, root
        self._schedule = decision.schedule
        self._environment = dict(os.environ)
        self._limit = TimeLimit(decision.options.timeout)
        self._variants = {variant.id: variant for variant in decision.variants}
        self._outcomes = {(run.variant, run.seed): run for run in outcomes_below(root) if run.variant in self._variants}
        if decision.options.retry_failed:
            for request, outcome in list(self._outcomes.items()):
                if outcome.status == "failed":
                    self._folder(request).forget()
                    del self._outcomes[request]
        self._running: set[Request] = set()
        self._succeeded = any(run.status != "failed" for run in self._outcomes.values())
        self._failures: list[str] = []
        self._plan: list[Request] = []
        self._planned_after = -1

    def concluded(self) -> list[tuple[Outcome, RunFolder]]:
        """What runs have come to so far, with their folders."""
        return [(outcome, self._folder(request)) for request, outcome in self._outcomes.items()]

    def go(self, opened: "Callable[[], ProgramRecord]") -> None:
        """Start what is wanted until nothing is. `opened` waits for the record."""
        options = self._decision.options
        if self._wanted():
            self.say(f"{self._decision.question.question}")
            with session(options.address, 0 if options.resources.gpus_per_trial == 0 else None, tune=False) as watch:
                program_record = opened()
                run_programs(self._next, self._ended_into(program_record), options.resources, self._limit, watch)
        opened()
        self.say(", ".join(filter(None, [f"{counted(len(self._outcomes), 'run')} ended", self._schedule.remark()])))

    def _folder(self, request: "Request") -> RunFolder:
        return RunFolder.of(self._root, *request)

    def _wanted(self) -> "list[Request]":
        """What is wanted and neither has ended nor runs, most wanted first."""
        if self._planned_after != len(self._outcomes):  # claims are decided again when something has ended
            ended = [self._as_trial(outcome) for outcome in self._outcomes.values()]
            self._plan, self._planned_after = list(self._schedule.wanted(ended, ())), len(self._outcomes)
        return [request for request in self._plan if request not in self._outcomes and request not in self._running]

    def _as_trial(self, outcome: Outcome) -> EndedTrial:
        values = {} if outcome.value is None else {self._decision.question.metric: outcome.value}
        return EndedTrial(variant=outcome.variant, seed=outcome.seed, status=outcome.status, metrics=values)

    def _next(self) -> "tuple[Request, RunFolder, Start] | None":
        wanted = self._wanted()
        if not wanted:
            return None
        self._running.add(wanted[0])
        return wanted[0], self._folder(wanted[0]), self._start(wanted[0])

    def _start(self, request: "Request") -> Start:
        variant, seed = self._variants[request[0]], str(request[1])
        folder = self._folder(request).path
        values = {level.factor: level.value for level in variant.levels}
        values |= {SEED: seed, FOLDER: str(folder), VARIANT: variant.id}
        environment = self._environment | {"SOUNDPROOF_SEED": seed, "SOUNDPROOF_VARIANT": variant.id}
        environment |= _for_mlflow(self._decision.options.result, folder, self._environment)
        words = self._decision.template.filled(values)
        if self._decision.options.inside:
            words = [str(Path(word).resolve()) if Path(word).is_file() else word for word in words]
        working_folder = str(folder) if self._decision.options.inside else str(Path.cwd())
        return Start(words=words, working_folder=working_folder, environment=environment)

    def _ended_into(self, program_record: "ProgramRecord") -> "Callable[[Request, RunFolder, Ending], None]":
        def ended(request: "Request", folder: RunFolder, ending: Ending) -> None:
            outcome = self._judge(request, folder, ending)
            folder.conclude(outcome)
            self._running.discard(request)
            self._outcomes[request] = outcome
            program_record.add(outcome, folder)
            self._limit.saw(outcome.seconds if ending == "exited" else None)
            self._tell(outcome)
            self._give_up(outcome, folder)

        return ended

    def _judge(self, request: "Request", folder: RunFolder, ending: Ending) -> Outcome:
        """What a run came to: a number only where the program ended in order and said one."""
        status: record.Status = "failed"
        value, reason = None, None
        if ending == "exited" and folder.exit_status is None:
            raise UserError(
                f"a run ended on another machine, and {folder.path} knows nothing of it: --storage has to lie on a "
                "disk that all machines of the cluster share"
            )
        if ending == "exited" and folder.exit_status == 0:
            status, value, reason = self._read(folder)
        elif ending == "exited":
            reason = _exit_words(folder)
        elif ending == "stopped":
            reason = folder.stop_reason or "it was stopped"
        else:
            reason = "it left no exit status: killed with its shell, its folder deleted, or the disk full"
        return Outcome(
            variant=request[0],
            seed=request[1],
            status=status,
            value=value,
            reason=reason,
            seconds=folder.seconds,
            ended_at_milliseconds=time.time_ns() // 1_000_000,
        )

    def _read(self, folder: RunFolder) -> tuple[record.Status, float | None, str | None]:
        from soundproof.analysis.judging.program_results import NoResultError

        try:
            value = self._decision.reading.result(folder.path, folder.stdout)
        except NoResultError as error:
            return "failed", None, f"no result: {error}"
        if not math.isfinite(value):
            return "diverged", None, f"its result is {value}"
        return "completed", value, None

    def _tell(self, outcome: Outcome) -> None:
        came_to = f"{outcome.value:g}" if outcome.value is not None else f"{outcome.status} ({outcome.reason})"
        remark = self._schedule.remark()
        self.say(
            f"{outcome.variant} seed {outcome.seed}: {came_to}; {counted(len(self._outcomes), 'run')} ended"
            + (f", {remark}" if remark else "")
        )

    def _give_up(self, outcome: Outcome, folder: RunFolder) -> None:
        """Raise `UserError` where nothing but failures has been seen."""
        self._succeeded |= outcome.status != "failed"
        if outcome.status == "failed":
            self._failures.append(f"{outcome.reason}")
        if not self._succeeded and len(self._failures) >= FAILURES_AT_FIRST:
            raise UserError(
                f"the first {len(self._failures)} runs all failed, the last one so: {outcome.reason}. See "
                f"{folder.stderr}, mend it, and give the same command again with --retry-failed"
            )

    def say(self, text: str) -> None:
        """Tell the user, unless nothing is to be told."""
        if not self._decision.options.quiet:
            print(text, file=sys.stderr, flush=True)


def _for_mlflow(result: str, folder: Path, given: Mapping[str, str]) -> dict[str, str]:
    """What tells a program's MLflow where to log, and to mark its run where the store is shared."""
    from soundproof.analysis.judging.program_results import MLFLOW, MLFLOW_FOLDER, RUN_TAG, mlflow_address

    if result == MLFLOW:
        return {"MLFLOW_TRACKING_URI": str(folder / MLFLOW_FOLDER), "MLFLOW_ALLOW_FILE_STORE": "true"}
    address = mlflow_address(result)
    if address is None:
        return {}
    tags = json.loads(given.get("MLFLOW_RUN_CONTEXT") or "{}") | {RUN_TAG: str(folder)}
    return {"MLFLOW_TRACKING_URI": address, "MLFLOW_RUN_CONTEXT": json.dumps(tags)}


def _exit_words(folder: RunFolder) -> str:
    """The exit status, or the signal, and the last that the program said."""
    status = folder.exit_status or 0
    try:
        words = f"ended by {signal.Signals(status - 128).name}" if status > 128 else f"exit status {status}"
    except ValueError:
        words = f"exit status {status}"
    try:
        lines = folder.stderr.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    except OSError:
        lines = []
    return f"{words}: {lines[-1].strip()[:_SHOWN]}" if lines else words
