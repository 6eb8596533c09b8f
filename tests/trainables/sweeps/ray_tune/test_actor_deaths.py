"""What becomes of a trial whose actor dies, or may not train it, with real Ray and MLflow."""

from pathlib import Path

import dying_actors
import pytest
from ray.tune.experiment import Trial as RayTrial


@pytest.mark.evidence
@pytest.mark.timeout(400)
def test_a_trial_is_trained_whatever_becomes_of_the_actor_that_is_given_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One actor is killed while it is being given its second trial, the next one has left torch changed by then.

    Ray itself retries neither. Both trials are trained by other actors; the first is a retry, the second is none, and
    the trial is named after which the change was found.
    """
    monkeypatch.setenv("PYTHONPATH", str(Path(dying_actors.__file__).parent))
    monkeypatch.setenv(dying_actors.MARKS, str(tmp_path))
    read: list[str] = []

    def cut(trial: RayTrial) -> None:
        read.append(trial.trial_id)
        raise EOFError("Ran out of input")

    monkeypatch.setattr(RayTrial, "get_pickled_error", cut)  # as of a disk that was full
    noted = dying_actors.run_with(dying_actors.Unlucky, tmp_path / "storage", 4)
    assert noted.ends == [(seed, "completed", None) for seed in range(4)]
    assert noted.retries == [1]
    assert read, "Ray no longer reads errors when all is over"
    ((spoiler, changes),) = noted.spoilers
    assert spoiler == 1
    assert changes.startswith("torch's default type torch.float32 before, torch.float64 after")
