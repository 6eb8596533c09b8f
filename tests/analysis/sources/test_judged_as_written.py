"""Runs that libraries themselves recorded, judged by their address alone: the verdict is that of a plain table."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec

import pytest

from tests.analysis.sources.test_kinds import RUNS, _csv_table, verdicts
from tests.analysis.sources.test_tensorboard_events import KERAS as WITHOUT_TENSORFLOW

pytestmark = pytest.mark.slow

WANDB = """
import json, sys, wandb
for model, seed, wer in json.loads(sys.argv[1]):
    settings = wandb.Settings(x_disable_stats=True, console="off")
    run = wandb.init(project="p", config={"model": model, "seed": seed}, settings=settings)
    run.log({"wer": 1.0})
    run.log({"wer": wer})
    run.finish()
"""

LIGHTNING = """
import json, sys
from pytorch_lightning.loggers import MLFlowLogger
for model, seed, wer in json.loads(sys.argv[1]):
    logger = MLFlowLogger("judged", run_name=f"{model} {seed}", tracking_uri="file:mlruns")
    logger.log_hyperparams({"model": model, "seed": seed})
    for step, value in ((4, 1.0), (9, wer)):
        logger.log_metrics({"wer": value, "epoch": step // 5}, step=step)
    logger.finalize("success")
"""

KERAS = (
    WITHOUT_TENSORFLOW
    + """
for model, seed, wer in json.loads(sys.argv[1]):
    network = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    network.compile("sgd", "mse")
    callback = keras.callbacks.TensorBoard(f"logs/{model}_seed{seed}", write_graph=False)
    callback.set_model(network)
    callback.on_train_begin()
    for epoch, value in enumerate((1.0, wer)):
        callback.on_epoch_end(epoch, {"val_wer": value})
    callback.on_train_end()
"""
)

TRAINER = """
import json, sys
from pathlib import Path
import soundproof.trainables.audio_maths  # torchaudio, which transformers imports, is told that it has no extension
from transformers.trainer_callback import TrainerState
for model, seed, wer in json.loads(sys.argv[1]):
    folder = Path(f"runs/{model}_seed{seed}")
    folder.mkdir(parents=True)
    logged = [{"epoch": epoch, "eval_wer": value, "step": 10 * epoch} for epoch, value in ((1, 1.0), (2, wer))]
    TrainerState(epoch=2, global_step=20, max_steps=20, log_history=logged).save_to_json(str(folder / "trainer_state.json"))
"""  # noqa: E501

RAY = """
import json, sys, ray
from pathlib import Path
from ray import tune
values = {(model, seed): wer for model, seed, wer in json.loads(sys.argv[1])}

def training(config):
    for value in (1.0, values[config["model"], config["seed"]]):
        tune.report({"wer": value})

ray.init(num_cpus=2, include_dashboard=False, logging_level="ERROR")
space = {name: tune.grid_search(sorted({key[at] for key in values})) for at, name in enumerate(("model", "seed"))}
tune.Tuner(
    training,
    param_space=space,
    tune_config=tune.TuneConfig(reuse_actors=True),
    run_config=tune.RunConfig(name="e", storage_path=str(Path("ray").resolve())),
).fit()
"""

WRITTEN = {
    "wandb": (WANDB, "wandb", "wandb", {"WANDB_MODE": "offline", "WANDB_SILENT": "true"}, {}),
    "lightning": (LIGHTNING, "pytorch_lightning", "mlruns", {"MLFLOW_ALLOW_FILE_STORE": "true"}, {}),
    "keras": (
        KERAS,
        "keras",
        "logs",
        {"KERAS_BACKEND": "torch"},
        {"variant": ("variant",), "metric": "validation/epoch_wer"},
    ),
    "trainer": (TRAINER, "transformers", "runs", {}, {"variant": ("variant",), "metric": "eval_wer"}),
    "ray": (RAY, "ray", "ray/e", {}, {"variant": ("config/model",), "seed": "config/seed"}),
}
"""A script, the library that it needs, where the runs lie then, its environment, and what columns are called."""


IN_CI = "trainer"  # the others take up to a minute each; each reader has a test of its own in CI


@pytest.mark.parametrize(
    "library",
    [name if name == IN_CI else pytest.param(name, marks=pytest.mark.evidence) for name in WRITTEN],
)
def test_it_has_the_verdict_of_a_plain_table(tmp_path, library):
    """Verdict, effect, interval, p value and n; to the seventh digit where a format keeps 32 bits."""
    script, module, place, environment, said = WRITTEN[library]
    if find_spec(module) is None:
        pytest.skip(f"{module} is not installed")
    done = subprocess.run(
        [sys.executable, "-c", script, json.dumps(RUNS)],
        cwd=tmp_path,
        env=os.environ | {"HOME": str(tmp_path), "PYTHONWARNINGS": "ignore"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    verdict, *numbers = verdicts(tmp_path / place, **said)
    plain = verdicts(_csv_table(tmp_path))
    assert verdict == plain[0] == "contradicted"
    assert numbers == pytest.approx(plain[1:], rel=1e-5 if library == "keras" else 1e-12)
