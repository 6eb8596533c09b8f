"""What a trial may use: what is refused before anything is started."""

import pytest

from soundproof.common import record
from soundproof.trainables.sweeps.ray_tune.resources import OtherThreads, Resources, ResourcesError, check_share


@pytest.mark.parametrize(
    ("cpus", "gpus", "message"),
    [
        (1.0, 1.5, "got 1.5 by --gpus-per-trial: give a trial 1 or 2 of them"),
        (1.0, 0.00001, "--gpus-per-trial expects 0 or at least 0.0001, .* got 1e-05"),
        (0.00001, None, "--cpus-per-trial expects 0 or at least 0.0001, .* got 1e-05"),
    ],
)
def test_shares_that_ray_cannot_give_are_refused(cpus: float, gpus: float | None, message: str) -> None:
    """It would end the driver with an error of its own."""
    with pytest.raises(ResourcesError, match=message):
        Resources(cpus_per_trial=cpus, gpus_per_trial=gpus)


@pytest.mark.parametrize(("cpus", "gpus"), [(1.0, None), (0.5, 0.25), (1.5, 2.0), (0.0, 1.0)])
def test_fractions_of_processors_and_whole_gpus_are_taken(cpus: float, gpus: float | None) -> None:
    """A trial on a GPU need not have a CPU of its own."""
    assert Resources(cpus_per_trial=cpus, gpus_per_trial=gpus).cpus_per_trial == cpus
    check_share(cpus, gpus or 0.0)


def test_a_trial_wants_something() -> None:
    """Ray cannot place what takes no room."""
    with pytest.raises(ResourcesError, match="0 of both: leave out --cpus-per-trial"):
        check_share(0.0, 0.0)


def test_finished_trials_of_other_threads_are_named_once() -> None:
    """What is not known is not guessed, and fractions of a processor are one thread."""
    said: list[str] = []
    threads = OtherThreads(2.5, said.append)
    for number in ("2", "1", "1", "4"):
        threads.see({record.THREADS: number})
    threads.see({})
    assert [text.partition(" each")[0] for text in said] == [
        "finished trials that were trained with 1 thread",
        "finished trials that were trained with 4 threads",
    ]
    OtherThreads(0.5, said.append).see({record.THREADS: "1"})
    assert len(said) == 2
