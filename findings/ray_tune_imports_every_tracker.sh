#!/usr/bin/env bash
# A Tuner that is given any callback at all imports Weights & Biases, where that is installed: it counts the callbacks by
# class, for which it imports Ray's callback of every tracker. Without a callback it does not. The usage statistics that the
# count is for are switched off here.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/environment"
"$folder/environment/bin/pip" install --quiet "ray[tune]==2.60.0" pandas==3.1.1 pyarrow==25.0.1 wandb==0.31.0
cat > "$folder/trackers.py" <<'PYTHON'
import sys
from importlib.util import find_spec

import ray
from ray import tune

assert find_spec("wandb") is not None
assert "wandb" not in sys.modules


class Quiet(tune.Callback):
    pass


def trackers(callbacks):
    tune.Tuner(lambda config: {"loss": 0.0}, run_config=tune.RunConfig(storage_path=sys.argv[1], callbacks=callbacks, verbose=0)).fit()
    return "wandb" in sys.modules


ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False)
print("python", sys.version.split()[0], "ray", ray.__version__)
without, given = trackers(None), trackers([Quiet()])
ray.shutdown()
print("wandb imported without a callback:      ", without)
print("wandb imported with one that does nothing:", given)
assert not without, "the Tuner imports W&B always"
assert given, "the Tuner no longer imports W&B to count callbacks"
PYTHON
RAY_USAGE_STATS_ENABLED=0 RAY_TMPDIR="$folder" "$folder/environment/bin/python" -W ignore "$folder/trackers.py" "$folder/results" 2> "$folder/log" ||
    { cat "$folder/log"; exit 1; }
