"""What a trial may use: what is refused before anything is started."""

import pytest

from soundproof.trainables.sweeps.ray_tune.resources import Resources, ResourcesError, check_share


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
