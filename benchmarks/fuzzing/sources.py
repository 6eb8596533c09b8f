"""Runs of other programs, as `judge` reads them, each written by the program that they are of."""

import csv
import json
import os
import sqlite3
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import optuna
import pandas as pd
import yaml
from mlflow import MlflowClient
from mlflow.entities import Metric, Param
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from benchmarks.fuzzing.kinds import Form, Kind, Ready, tree
from soundproof.analysis.sources.kinds import read_source
from soundproof.analysis.sources.wandb_offline import run_printed
from soundproof.api.judging import judge

_SEEDS = range(3)


def _rows() -> list[dict[str, Any]]:
    return [
        {"model": model, "seed": seed, "wer": 20.0 + seed + (model == "a"), "lr": 0.1, "note": None}
        for model in ("a", "b")
        for seed in _SEEDS
    ]


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _table(folder: Path, separator: str, name: str) -> None:
    with (folder / name).open("w", newline="") as file:
        writer = csv.DictWriter(file, list(_rows()[0]), delimiter=separator)
        writer.writeheader()
        writer.writerows(_rows())


def _json(folder: Path, *, lines: bool) -> None:
    rows = [{**row, "nested": {"acc": [1, 2]}, "loss": [[0, 1.5], [1, 0.5]]} for row in _rows()]
    if lines:
        _write(folder / "runs.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    else:
        _write(folder / "runs.json", json.dumps({"runs": rows}))


def _parquet(folder: Path) -> None:
    frame = pd.DataFrame(_rows()).assign(curve=[[1.0, 2.0]] * 6, ok=True)
    frame.to_parquet(folder / "runs.parquet")


def _tensorboard(folder: Path) -> None:
    for row in _rows()[:2]:
        writer = EventFileWriter(str(folder / f"{row['model']}_seed{row['seed']}"))
        for step in range(3):
            value = Summary.Value(tag="loss", simple_value=1.0 / (step + 1))
            writer.add_event(Event(step=step, wall_time=1000.0 + step, summary=Summary(value=[value])))
        writer.close()


def _keras(folder: Path) -> None:
    _write(folder / "a_seed0.csv", "epoch,loss,val_loss\n0,1.5,1.6\n1,1.0,1.2\n2,NA,nan\n")


def _lightning(folder: Path) -> None:
    for number in range(2):
        place = folder / f"logs/version_{number}"
        _write(place / "metrics.csv", "epoch,step,train_loss,val_loss\n0,0,1.5,\n0,1,,1.6\n1,2,1.0,\n1,3,,1.2\n")
        _write(place / "hparams.yaml", yaml.safe_dump({"lr": 0.1 + number, "net": {"units": [1, 2]}}))


def _trainer(folder: Path) -> None:
    history = [{"epoch": 1.0, "loss": 0.5, "step": 5}, {"epoch": 1.0, "eval_loss": 0.4, "step": 5}]
    state = {"best_metric": None, "epoch": 1.0, "global_step": 5, "log_history": history, "max_steps": 10}
    _write(folder / "a_seed0/trainer_state.json", json.dumps(state, indent=2))
    _write(folder / "a_seed0/eval_results.json", json.dumps({"eval_loss": 0.4, "epoch": 1.0}))


def _ray(folder: Path) -> None:
    for number in range(2):
        place = folder / f"train_{number}"
        rows = [
            {"loss": 1.0 / step, "training_iteration": step, "trial_id": f"t{number}", "date": "2026-11-30_04-43-00"}
            | {"pid": 7, "time_total_s": 1.0, "info": {"deep": 1}, "config": {"lr": 0.1}}
            for step in (1, 2)
        ]
        _write(place / "result.json", "".join(json.dumps(row) + "\n" for row in rows))
        _write(place / "params.json", json.dumps({"lr": 0.1, "seed": number}))
    _write(folder / "train_1/error.txt", "Failure # 1 (occurred at 2026-11-30_04-44-00)\nerror pid=7 x\n")


def _hydra(folder: Path) -> None:
    for number in range(2):
        job = folder / f"multirun/{number}"
        _write(job / ".hydra/overrides.yaml", yaml.safe_dump(["lr=0.1", f"seed={number}", "+net.units=3"]))
        settings = {"hydra": {"mode": "MULTIRUN", "job": {"num": number}, "sweep": {"subdir": "${hydra.job.num}"}}}
        _write(job / ".hydra/hydra.yaml", yaml.safe_dump(settings))
        _write(job / "metrics.json", json.dumps({"acc": 0.5, "loss": {"val": 1.0}}))


def _optuna(folder: Path, *, journal: bool) -> None:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    place = folder / "study"
    storage = JournalStorage(JournalFileBackend(str(place))) if journal else f"sqlite:///{place}"
    study = optuna.create_study(storage=storage, study_name="tuning", sampler=optuna.samplers.RandomSampler(seed=0))

    def objective(trial: optuna.Trial) -> float:
        rate = trial.suggest_float("lr", 1e-4, 1e-1, log=True)
        trial.suggest_categorical("kind", ["a", None, 3])
        trial.set_user_attr("note", {"a": [1]})
        trial.report(rate, 0)
        return rate

    study.optimize(objective, n_trials=3)
    (folder / "study.lock").unlink(missing_ok=True)


def _mlperf(folder: Path) -> None:
    form = '{{"namespace": "", "time_ms": {}, "event_type": "{}", "key": "{}", "value": {}, "metadata": {}}}'
    said = (
        (1000, "POINT_IN_TIME", "seed", 7, "{}"),
        (1000, "INTERVAL_START", "run_start", "null", "{}"),
        (1500, "POINT_IN_TIME", "eval_accuracy", 0.5, '{"epoch_num": 1}'),
        (2000, "POINT_IN_TIME", "eval_accuracy", 0.7, '{"epoch_num": 2}'),
        (2000, "INTERVAL_END", "run_stop", "null", '{"status": "success"}'),
    )
    _write(folder / "result_0.txt", "hello\n" + "".join(f":::MLLOG {form.format(*each)}\n" for each in said))


def _mlflow(folder: Path) -> None:
    client = MlflowClient(f"sqlite:///{folder / 'mlflow.db'}")
    experiment = client.create_experiment("tuning", str(folder / "artifacts"))
    for row in _rows():
        run = client.create_run(experiment, run_name=f"{row['model']}{row['seed']}").info.run_id
        metrics = [Metric("wer", row["wer"] / step, step, step) for step in (1, 2)]
        client.log_batch(run, metrics=metrics, params=[Param("model", row["model"]), Param("seed", str(row["seed"]))])
        client.set_terminated(run)
    client._tracking_client.store.engine.dispose()
    _smaller(folder / "mlflow.db")


def _smaller(path: Path) -> None:
    """Without the tables that no reader asks, as an older MLflow would have it."""
    kept = ("experiments", "runs", "params", "tags", "metrics", "latest_metrics")
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA foreign_keys = OFF")
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in names:
            if name not in kept and not name.startswith("sqlite_"):
                database.execute(f"DROP TABLE {name}")
    database.execute("VACUUM")
    database.close()


def _mlruns(folder: Path) -> None:
    """A folder of experiments, which MLflow still writes where it is asked to."""
    os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
    client = MlflowClient((folder / "mlruns").as_uri())
    experiment = client.create_experiment("tuning")
    for row in _rows()[:2]:
        run = client.create_run(experiment, run_name=row["model"]).info.run_id
        metrics = [Metric("wer", row["wer"] / step, step, step) for step in (1, 2)]
        client.log_batch(run, metrics=metrics, params=[Param("seed", str(row["seed"]))])
        client.set_terminated(run)


def _sacred(folder: Path) -> None:
    about = {"experiment": {"name": "e"}, "status": "COMPLETED", "result": {"acc": 0.5}}
    _write(folder / "1/run.json", json.dumps(about))
    _write(folder / "1/config.json", json.dumps({"lr": 0.1, "seed": 3}))
    _write(folder / "1/metrics.json", json.dumps({"loss": {"steps": [0, 1], "values": [1.0, 0.5]}}))


def _dvclive(folder: Path) -> None:
    _write(folder / "plots/metrics/train/loss.tsv", "step\tloss\n0\t1.0\n1\t0.5\n")
    _write(folder / "metrics.json", json.dumps({"train": {"loss": 0.5}, "step": 1}))
    _write(folder / "params.yaml", yaml.safe_dump({"lr": 0.1, "net": {"units": 3}}))


def _speechbrain(folder: Path) -> None:
    lines = (f"epoch: {epoch}, lr: 1.00e-03 - train loss: 1.50 - valid loss: 1.60, valid WER: 20.5" for epoch in (1, 2))
    _write(folder / "train_log.txt", "\n".join(lines) + "\nEpoch loaded: 2 - test loss: 1.5, test WER: 19.0\n")


def _trackio(folder: Path) -> None:
    with sqlite3.connect(folder / "project.db") as database:
        database.execute("CREATE TABLE metrics (id INTEGER PRIMARY KEY, run_name TEXT, step INTEGER, metrics TEXT)")
        database.execute("CREATE TABLE configs (id INTEGER PRIMARY KEY, run_name TEXT, config TEXT)")
        said = [("r", step, json.dumps({"loss": 1.0 / (step + 1)})) for step in range(3)]
        database.executemany("INSERT INTO metrics (run_name, step, metrics) VALUES (?, ?, ?)", said)
        database.execute("INSERT INTO configs (run_name, config) VALUES (?, ?)", ("r", '{"lr": 0.1}'))
    database.close()


def _judge(path: str) -> None:
    judge(path, variant=("model",), seed="seed", metric="wer", higher_is_better=False, margin=0.5, baseline="b",
          claims=("a better than b",))  # fmt: skip


def _ready(write: Callable[[Path], object], named: str, read: Callable[[str], object], folder: Path) -> Ready:
    """A source of which one file is changed; `named` is what is given to `judge`, from the folder on."""
    folder.mkdir(parents=True)
    write(folder)
    return tree(folder, lambda root: read(str(root / named)))


def _wandb(folder: Path) -> Ready:
    """What W&B's own command prints of a run: that command is a program of theirs, which a reader only waits for."""
    folder.mkdir(parents=True)
    said = [
        {
            "type": "run",
            "run": {"run_id": "x", "display_name": "big", "config": {"update": {"lr": 0.1, "o": {"m": 1}}}},
        },
        {"type": "config", "config": {"update": {"seed": 1}, "remove": ["gone"]}},
        *({"type": "history", "history": {"_step": step, "loss": 1.0 / (step + 1)}} for step in range(3)),
        {"type": "summary", "summary": {"update": {"loss": 0.3, "acc.max": 0.5}, "remove": ["old"]}},
        {"type": "exit", "exit": {"exit_code": 0}},
    ]
    (folder / "said").write_text("".join(json.dumps(each) + "\n" for each in said))
    return tree(folder, lambda root: run_printed(root / "said", (root / "said").read_text(errors="replace"), []))


_SOURCES: Mapping[str, tuple[Callable[[Path], object], str, Form, float]] = {
    "csv": (partial(_table, separator=",", name="runs.csv"), "runs.csv", "cells", 2.0),
    "tsv": (partial(_table, separator="\t", name="runs.tsv"), "runs.tsv", "cells", 2.0),
    "json": (partial(_json, lines=False), "runs.json", "json", 2.0),
    "jsonl": (partial(_json, lines=True), "runs.jsonl", "lines", 2.0),
    "parquet": (_parquet, "runs.parquet", "bytes", 1.0),
    "tensorboard": (_tensorboard, "", "bytes", 1.0),
    "keras": (_keras, "a_seed0.csv", "cells", 2.0),
    "lightning": (_lightning, "", "cells", 1.0),
    "trainer": (_trainer, "", "json", 1.0),
    "ray": (_ray, "", "lines", 1.0),
    "hydra": (_hydra, "", "json", 0.5),
    "optuna-journal": (partial(_optuna, journal=True), "study", "lines", 0.5),
    "optuna-sqlite": (partial(_optuna, journal=False), "study", "bytes", 0.1),
    "mlperf": (_mlperf, "result_0.txt", "lines", 2.0),
    "mlflow-sqlite": (_mlflow, "mlflow.db", "bytes", 1.0),
    "mlflow-folder": (_mlruns, "mlruns", "bytes", 0.2),
    "sacred": (_sacred, "", "json", 1.0),
    "dvclive": (_dvclive, "", "json", 1.0),
    "speechbrain": (_speechbrain, "train_log.txt", "bytes", 1.0),
    "trackio": (_trackio, "project.db", "bytes", 1.0),
}

SOURCES = (
    *(
        Kind(name=name, open=partial(_ready, write, named, read_source), form=form, share=share)
        for name, (write, named, form, share) in _SOURCES.items()
    ),
    Kind(name="wandb", open=_wandb, form="lines"),
    Kind(name="judged", open=partial(_ready, _SOURCES["csv"][0], "runs.csv", _judge), form="cells", share=0.3),
)
