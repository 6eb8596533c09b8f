#!/usr/bin/env bash
# Ray Tune with reuse_actors=True and max_failures=3: an error in step() is retried, the same error in reset_config()
# never is. With reused actors, a trial that begins in an actor of an earlier one has no second try at its start.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/pip" install --quiet "ray[tune]==2.60.0" pandas==3.1.1 pyarrow==25.0.1
cat > "$folder/reset.py" <<'PYTHON'
import os
import sys
from pathlib import Path

import ray
from ray import tune

FOLDER = Path(sys.argv[1])


def first_time(where, config):
    """Whether this trial comes by here for the first time; every process asks the same folder."""
    mark = FOLDER / f"{where}-{config['number']}"
    if mark.exists():
        return False
    mark.touch()
    return True


class Trainable(tune.Trainable):
    def setup(self, config):
        self.config = config

    def reset_config(self, new_config):
        self.config = new_config
        if new_config["fails"] == "reset" and first_time("reset", new_config):
            raise ConnectionError("once, in reset_config")
        return True

    def step(self):
        if self.config["fails"] == "step" and first_time("step", self.config):
            raise ConnectionError("once, in step")
        return {"loss": 0.0, "done": True}

    def save_checkpoint(self, folder):
        return None

    def load_checkpoint(self, checkpoint):
        pass


def statuses(fails):
    """How three trials end that one actor trains after another; the second and third meet an error once."""
    tuner = tune.Tuner(
        tune.with_resources(Trainable, {"cpu": 1}),
        param_space={"number": tune.grid_search([0, 1, 2]), "fails": tune.sample_from(
            lambda spec: fails if spec.config.number else "never")},
        tune_config=tune.TuneConfig(reuse_actors=True, max_concurrent_trials=1),
        run_config=tune.RunConfig(
            storage_path=str(FOLDER / "results"), name=fails, failure_config=tune.FailureConfig(max_failures=3), verbose=0
        ),
    )
    results = tuner.fit()
    return ["failed" if result.error else "completed" for result in results]


ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False)
print("python", sys.version.split()[0], "ray", ray.__version__)
step, reset = statuses("step"), statuses("reset")
ray.shutdown()
print("an error once in step():        ", step)
print("an error once in reset_config():", reset)
assert step == ["completed"] * 3, "errors in step() are no longer retried"
# the third begins in a fresh actor, whose setup() is retried
assert reset == ["completed", "failed", "completed"], "errors in reset_config() are treated otherwise"
PYTHON
mkdir "$folder/marks"
RAY_USAGE_STATS_ENABLED=0 RAY_TMPDIR="$folder" "$folder/environment/bin/python" -W ignore "$folder/reset.py" "$folder/marks" 2> "$folder/log" ||
    { cat "$folder/log"; exit 1; }
