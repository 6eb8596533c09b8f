"""Runs of a program on Ray: as many at once as have room, in the order in which they are wanted."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from soundproof.common.errors import UserError
from soundproof.trainables.sweeps.planning.seeds import Request
from soundproof.trainables.sweeps.programs.processes import Ending, Start
from soundproof.trainables.sweeps.programs.run_folders import RunFolder
from soundproof.trainables.sweeps.ray_tune.ray_watch import RayWatch
from soundproof.trainables.sweeps.ray_tune.resources import Resources

if TYPE_CHECKING:
    from ray import ObjectRef

_GLANCE_SECONDS = 0.5
"""How often it is looked whether a run takes too long; an end is noticed at once."""
_TRIES = 3
"""How often a run is attended to whose worker or node dies."""
_STOPPING_SECONDS = 20.0
"""How long the end of runs is waited for that were asked to stop."""

_DAY_SECONDS = 86_400.0
_LEAST_SECONDS, _TIMES_THE_LONGEST = 600.0, 10.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Running:
    """A run that somebody attends to."""

    request: Request
    folder: RunFolder
    start: Start
    began: float
    tries: int = 1


class TimeLimit:
    """How long a run may take: what the user says, else ten times the longest so far, and ten minutes at least."""

    def __init__(self, seconds: float | None) -> None:
        self._said = seconds
        self._longest: float | None = None

    @property
    def seconds(self) -> float:
        """By what has ended so far; a day before anything has."""
        if self._said is not None:
            return self._said
        return _DAY_SECONDS if self._longest is None else max(_LEAST_SECONDS, _TIMES_THE_LONGEST * self._longest)

    def saw(self, seconds: float | None) -> None:
        """A run has ended in order after so long."""
        if seconds is not None:
            self._longest = max(seconds, self._longest or 0.0)


def run_programs(
    next_run: Callable[[], tuple[Request, RunFolder, Start] | None],
    ended: Callable[[Request, RunFolder, Ending], None],
    resources: Resources,
    limit: TimeLimit,
    watch: RayWatch,
) -> None:
    """Attend to runs until `next_run` gives None while nothing runs. Ray has been started, and `watch` is over it.

    `ended` is told how attending to a run ended. Ctrl-C, or an error of the two functions, ends the runs that are under
    way, and is raised then.
    """
    import ray  # noqa: PLC0415  # after the session has set its environment

    attend = ray.remote(num_cpus=resources.cpus_per_trial, num_gpus=resources.gpus_per_trial or 0, max_retries=0)(
        _attend
    )
    running: dict[ObjectRef[Ending], Running] = {}

    def begin(request: Request, folder: RunFolder, start: Start, tries: int) -> None:
        folder.go_on()
        attended = attend.options(**_where(folder)).remote(str(folder.path), start)
        running[attended] = Running(request=request, folder=folder, start=start, began=time.monotonic(), tries=tries)

    try:
        while True:
            watch.check()
            while len(running) < _room(resources) and (wanted := next_run()) is not None:
                begin(*wanted, tries=1)
            if not running:
                return
            done, _ = ray.wait(list(running), timeout=_GLANCE_SECONDS)
            for attended in done:
                run = running.pop(attended)
                ending = _ending(attended)
                if ending is None:
                    watch.check_now()  # whatever dies with Ray is no fault of the run's
                if ending is None and run.tries < _TRIES:
                    begin(run.request, run.folder, run.start, run.tries + 1)
                else:
                    ended(run.request, run.folder, ending or "lost")
            for run in running.values():
                if time.monotonic() - run.began > limit.seconds and run.folder.stop_reason is None:
                    run.folder.stop(f"it did not end within {limit.seconds:,.0f} s")
    finally:
        if watch.alive:  # runs go on without Ray, and the next command attends to them
            _stop(running)


def _attend(folder: str, start: Start) -> Ending:
    """What a worker of Ray's does."""
    import os  # noqa: PLC0415  # in the worker, whose environment is meant
    from dataclasses import replace  # noqa: PLC0415

    from soundproof.trainables.sweeps.programs.processes import attend  # noqa: PLC0415

    given = {name: value for name, value in os.environ.items() if name in _FROM_RAY}
    return attend(folder, replace(start, environment=given | dict(start.environment) | _devices(given)))


_DEVICES = ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "ASCEND_RT_VISIBLE_DEVICES")
_FROM_RAY = frozenset({*_DEVICES, "OMP_NUM_THREADS"})
"""What Ray sets for a worker, and the program has to know; the rest of its environment is the user's."""


def _devices(given: Mapping[str, str]) -> dict[str, str]:
    return {name: given[name] for name in _DEVICES if name in given}


def _ending(attended: "ObjectRef[Ending]") -> Ending | None:
    """How it ended; None where the worker or its node died. Raises `UserError` for what the user can mend."""
    import ray  # noqa: PLC0415

    try:
        return ray.get(attended)
    except ray.exceptions.RayTaskError as error:
        cause = error.cause if isinstance(error.cause, Exception) else error
        raise UserError(
            f"a run could not be started ({type(cause).__name__}: {cause}): see that its working folder and the "
            "storage are on every machine, and can be written to"
        ) from None
    except ray.exceptions.RayError:
        return None


def _room(resources: Resources) -> int:
    """How many runs fit on what Ray has, as far as they are limited at all."""
    import ray  # noqa: PLC0415

    has: Mapping[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
    wants = {"CPU": resources.cpus_per_trial, "GPU": resources.gpus_per_trial or 0.0}
    rooms = [math.floor(has.get(kind, 0.0) / share + 1e-9) for kind, share in wants.items() if share]
    room = min(rooms) if rooms else max(1, round(has.get("CPU", 1.0)))
    if room == 0:
        what = ", ".join(f"{share:g} {kind}" for kind, share in wants.items() if share)
        found = ", ".join(f"{has.get(kind, 0.0):g} {kind}" for kind in wants)
        raise UserError(f"a run wants {what}, Ray has {found}: ask for less with --cpus-per-trial or --gpus-per-trial")
    return min(room, resources.max_concurrent or room)


def _where(folder: RunFolder) -> dict[str, Any]:
    """On the machine where an earlier worker started the run, if it was started and that machine is there."""
    import ray  # noqa: PLC0415
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy  # noqa: PLC0415

    shell = folder.shell
    if shell is None or folder.exit_status is not None:
        return {}
    for node in ray.nodes():  # type: ignore[no-untyped-call]
        if node["Alive"] and node["NodeManagerHostname"] == shell[1]:
            return {"scheduling_strategy": NodeAffinitySchedulingStrategy(node["NodeID"], soft=True)}
    return {}


def _stop(running: "Mapping[ObjectRef[Ending], Running]") -> None:
    """End what still runs, and wait for that."""
    import ray  # noqa: PLC0415

    if not running:
        return
    for run in running.values():
        run.folder.stop("the whole was stopped")
    ray.wait(list(running), num_returns=len(running), timeout=_STOPPING_SECONDS)
