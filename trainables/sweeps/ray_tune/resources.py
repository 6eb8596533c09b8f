"""What a trial may use, and how many run at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated

from soundproof.common import record
from soundproof.common.counting import counted
from soundproof.common.errors import UserError
from soundproof.common.option_fields import Option


class ResourcesError(UserError):
    """There is no room for a trial. The message says what was asked for and what to do."""


_LEAST_SHARE = 0.0001
"""Of a CPU or GPU: Ray counts in these."""
_MOST_PER_TRIAL = 1000
_MOST_AT_ONCE = 1_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Resources:
    """What the trials of a study or a search may use, of this machine or of the cluster that was joined."""

    max_concurrent: Annotated[
        int | None,
        Option(help="Trials at once; as many as have room by default.", minimum=1, maximum=_MOST_AT_ONCE),
    ] = None
    cpus_per_trial: Annotated[
        float, Option(help="Processors that Ray sets aside for each.", minimum=0, maximum=_MOST_PER_TRIAL)
    ] = 1.0
    gpus_per_trial: Annotated[
        float | None,
        Option(
            help="May be a fraction. By default a quarter where there is a GPU.", minimum=0, maximum=_MOST_PER_TRIAL
        ),
    ] = 0.0
    """None is the usual share of what is found."""

    def __post_init__(self) -> None:
        gpus = self.gpus_per_trial or 0.0
        if gpus > 1 and gpus != int(gpus):
            raise ResourcesError(
                f"GPUs are shared in fractions of one or given whole, got {gpus:g} by --gpus-per-trial: "
                f"give a trial {int(gpus)} or {int(gpus) + 1} of them"
            )
        for name, share in (("cpus", self.cpus_per_trial), ("gpus", gpus)):
            if 0 < share < _LEAST_SHARE:
                raise ResourcesError(
                    f"--{name}-per-trial expects 0 or at least {_LEAST_SHARE}, which Ray counts in, got {share:g}"
                )


def threads_of(cpus: float) -> int:
    """With how many threads a trial is trained that gets so many processors."""
    return max(1, int(cpus))


class OtherThreads:
    """Says, once for each number, that recorded trials count that were trained with other threads than this command's.

    With another number of threads, sums are added in another order: the same trial differs in its last digits.
    """

    def __init__(self, cpus_per_trial: float, say: Callable[[str], object]) -> None:
        self._threads = str(threads_of(cpus_per_trial))
        self._say = say
        self._said: set[str] = set()

    def see(self, tags: Mapping[str, str]) -> None:
        """A finished trial, by the tags of its run, counts as it is recorded."""
        other = tags.get(record.THREADS, self._threads)
        if other != self._threads and other not in self._said:
            self._said.add(other)
            theirs, ours = counted(int(other), "thread"), self._threads
            self._say(
                f"finished trials that were trained with {theirs} each count beside those of this command, with {ours} "
                f"each: the same trial differs in its last digits then. --cpus-per-trial {other} trains as they were"
            )


_USUAL_SHARE = 0.25
"""Of a GPU: a trial of these sizes does not fill it."""


def usual_gpu_share(address: str | None) -> float:
    """A quarter of a GPU where the Ray that was started or joined has any that can be used.

    On a cluster that is for its nodes to know; the driver's own machine may have none.
    """
    import ray  # noqa: PLC0415  # the command line reads this file, and sets Ray's environment later

    usable = bool(ray.cluster_resources().get("GPU"))  # type: ignore[no-untyped-call]
    if usable and address is None:
        import torch  # noqa: PLC0415  # seconds, and needed only where there is a GPU

        usable = torch.cuda.is_available()
    return _USUAL_SHARE if usable else 0.0


def check_share(cpus_per_trial: float, gpus_per_trial: float) -> None:
    """Raise `ResourcesError` where a trial would get nothing, which Ray cannot place."""
    if cpus_per_trial == 0 and gpus_per_trial == 0:
        raise ResourcesError(
            "a trial wants a share of a CPU or of a GPU, got 0 of both: leave out --cpus-per-trial for one CPU, or "
            "give a fraction, such as 0.5"
        )


def room(cpus_per_trial: float, gpus_per_trial: float) -> int:
    """How many such trials the nodes of the Ray that was joined can hold at once, each on one node.

    Raises `ResourcesError` where none can.
    """
    import ray  # noqa: PLC0415  # see above

    shares = {name: share for name, share in (("CPU", cpus_per_trial), ("GPU", gpus_per_trial)) if share}
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]  # type: ignore[no-untyped-call]
    held = [min((int(node.get(name, 0) / share + 1e-6) for name, share in shares.items()), default=1) for node in nodes]
    if not sum(held):
        raise ResourcesError(
            f"a trial wants {cpus_per_trial:g} CPUs and {gpus_per_trial:g} GPUs, and no node has that many: ask for "
            "less by --cpus-per-trial and --gpus-per-trial, add nodes, or, where an autoscaler adds them, say by "
            "--max-concurrent how many trials it shall make room for"
        )
    return sum(held)
