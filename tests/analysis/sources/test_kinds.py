"""Whatever format runs lie in, one command judges them, and says of them what it says of a plain table.

Files are made by the library itself where that takes no training; what only a training writes is written here in its
form, and read from the library's own files in the tests of each reader.
"""

import csv
import json

import pytest

from soundproof.analysis.judging.answers import Answers
from soundproof.analysis.judging.judging import judge_found
from soundproof.analysis.sources import delimited, json_tables, keras_logs, lightning_logs, tensorboard_events
from soundproof.analysis.sources.kinds import READERS, read_source

VALUES = {"base": (0.21, 0.223, 0.2173, 0.2251), "wide": (0.18, 0.191, 0.1873, 0.1912)}
RUNS = [(model, seed, wer) for model, values in VALUES.items() for seed, wer in enumerate(values)]


def _csv_table(folder, separator=",", name="results.csv"):
    path = folder / name
    rows = [("model", "seed", "wer"), *RUNS]
    path.write_text("".join(separator.join(map(str, row)) + "\n" for row in rows))
    return path


def _tsv_table(folder):
    return _csv_table(folder, "\t", "results.tsv")


def _semicolons(folder):
    return _csv_table(folder, ";")


def _wide_table(folder):
    path = folder / "wide.csv"
    rows = [("model", "seed_0", "seed_1", "seed_2", "seed_3"), *((model, *values) for model, values in VALUES.items())]
    path.write_text("".join(",".join(map(str, row)) + "\n" for row in rows))
    return path


def _wandb_table(folder):
    path = folder / "wandb_export.csv"
    own = ["Name", "State", "Notes", "User", "Tags", "Created", "Runtime", "Sweep"]
    with path.open("w", newline="") as file:
        write = csv.writer(file, quoting=csv.QUOTE_ALL).writerow
        write([*own, "model", "seed", "wer"])
        for model, seed, wer in RUNS:
            write(
                [f"{model}-{seed}", "finished", "-", "ann", "", "2024-01-02T03:04:05.000Z", "61", "", model, seed, wer]
            )
    return path


def _proposals(folder):
    path = folder / "results.tsv"
    rows = [f"{7 * number:07x}\t{wer}\tkeep\t{model}" for number, (model, _, wer) in enumerate(RUNS)]
    path.write_text("\n".join(["commit\twer\tstatus\tdescription", *rows]) + "\n")
    return path


def _json_array(folder):
    path = folder / "results.json"
    path.write_text(json.dumps([{"model": model, "seed": seed, "wer": wer} for model, seed, wer in RUNS]))
    return path


def _json_lines(folder):
    path = folder / "results.jsonl"
    path.write_text("".join(json.dumps({"model": model, "seed": seed, "wer": wer}) + "\n" for model, seed, wer in RUNS))
    return path


def _parquet(folder):
    import pandas as pd

    path = folder / "results.parquet"
    pd.DataFrame(RUNS, columns=["model", "seed", "wer"]).to_parquet(path)
    return path


def _mlflow_folder(folder):
    from mlflow import MlflowClient

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
        client = MlflowClient((folder / "mlruns").as_uri())
        experiment = client.create_experiment("asr", (folder / "mlruns").as_uri())
        for model, seed, wer in RUNS:
            run = client.create_run(experiment)
            client.log_param(run.info.run_id, "model", model)
            client.log_param(run.info.run_id, "seed", seed)
            client.log_metric(run.info.run_id, "wer", wer)
            client.set_terminated(run.info.run_id)
    return folder / "mlruns"


def _tensorboard(folder):
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    for model, seed, wer in RUNS:
        writer = EventFileWriter(str(folder / f"{model}_seed{seed}"))
        for step, value in ((1, 0.9), (2, wer)):
            summary = Summary(value=[Summary.Value(tag="wer", simple_value=value)])
            writer.add_event(Event(step=step, wall_time=float(step), summary=summary))
        writer.close()
    return folder


def _keras(folder, first=0):
    for model, seed, wer in RUNS:
        (folder / f"{model}_seed{seed}").mkdir()
        rows = f"epoch,loss,wer\n{first},2.5,0.9\n{first + 1},1.5,{wer}\n"
        (folder / f"{model}_seed{seed}" / "training.csv").write_text(rows)
    return folder


def _keras_resumed(folder):
    return _keras(folder, first=10)


def _lightning(folder):
    for number, (model, seed, wer) in enumerate(RUNS):
        version = folder / "lightning_logs" / f"version_{number}"
        version.mkdir(parents=True)
        (version / "metrics.csv").write_text(f"epoch,step,train_loss,wer\n0,9,2.5,\n0,9,,0.9\n1,19,,{wer}\n")
        (version / "hparams.yaml").write_text(f"model: {model}\nseed: {seed}\n")
    return folder / "lightning_logs"


def _trainer(folder):
    for model, seed, wer in RUNS:
        run = folder / f"{model}_seed{seed}"
        run.mkdir()
        history = [{"loss": 2.5, "step": 5}, {"eval_wer": 0.9, "step": 5}, {"eval_wer": wer, "step": 10}]
        (run / "trainer_state.json").write_text(json.dumps({"global_step": 10, "log_history": history}))
    return folder


def _ray(folder):
    for number, (model, seed, wer) in enumerate(RUNS):
        trial = folder / f"train_{number:05d}"
        trial.mkdir()
        config = {"model": model, "seed": seed}
        (trial / "params.json").write_text(json.dumps(config))
        reports = [{"wer": value, "training_iteration": at, "config": config} for at, value in ((1, 0.9), (2, wer))]
        (trial / "result.json").write_text("".join(json.dumps(report) + "\n" for report in reports))
        (trial / "progress.csv").write_text(f"wer,training_iteration\n0.9,1\n{wer},2\n")
    return folder


def _hydra(folder):
    for number, (model, seed, wer) in enumerate(RUNS):
        (folder / str(number) / ".hydra").mkdir(parents=True)
        (folder / str(number) / ".hydra" / "overrides.yaml").write_text(f"- model={model}\n- +seed={seed}\n")
        (folder / str(number) / "results.json").write_text(json.dumps({"wer": wer}))
    return folder


def _hydra_over_keras(folder):
    for number, (model, seed, wer) in enumerate(RUNS):
        (folder / str(number) / ".hydra").mkdir(parents=True)
        (folder / str(number) / ".hydra" / "overrides.yaml").write_text(f"- model={model}\n- +seed={seed}\n")
        (folder / str(number) / "log.csv").write_text(f"epoch,wer\n0,0.9\n1,{wer}\n")
    return folder


def _optuna_journal(folder):
    import optuna
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    path = folder / "journal.log"
    study = optuna.create_study(storage=JournalStorage(JournalFileBackend(str(path))), study_name="wer")
    space = {
        "model": optuna.distributions.CategoricalDistribution(list(VALUES)),
        "seed": optuna.distributions.IntDistribution(0, 9),
    }
    for model, seed, wer in RUNS:
        study.enqueue_trial({"model": model, "seed": seed})
        study.tell(study.ask(space), wer)
    return path


def _sacred(folder):
    for number, (model, seed, wer) in enumerate(RUNS, start=1):
        (folder / str(number)).mkdir()
        (folder / str(number) / "config.json").write_text(json.dumps({"seed": seed, "model": model}))
        (folder / str(number) / "run.json").write_text(json.dumps({"status": "COMPLETED", "experiment": {"name": "a"}}))
        series = {"wer": {"steps": [0, 1], "timestamps": ["t", "t"], "values": [0.9, wer]}}
        (folder / str(number) / "metrics.json").write_text(json.dumps(series))
    return folder


def _mlperf(folder):
    for model, seed, wer in RUNS:
        path = folder / model / f"result_{seed}.txt"
        path.parent.mkdir(exist_ok=True)

        def line(key, value, kind="POINT_IN_TIME", **metadata):
            said = {"namespace": "", "time_ms": 1, "event_type": kind, "key": key, "value": value, "metadata": metadata}
            return f":::MLLOG {json.dumps(said)}\n"

        path.write_text(
            line("seed", seed)
            + line("run_start", None, "INTERVAL_START")
            + line("eval_accuracy", 0.9, epoch_num=1)
            + line("eval_accuracy", wer, epoch_num=2)
            + line("run_stop", None, "INTERVAL_END", status="success")
        )
    return folder


FORMATS = {
    _tsv_table: ("delimited", {}),
    _semicolons: ("delimited", {}),
    _wide_table: ("delimited", {"metric": None, "seed": None}),
    _wandb_table: ("delimited", {}),
    _json_array: ("json_tables", {}),
    _json_lines: ("json_tables", {}),
    _parquet: ("parquet", {}),
    _mlflow_folder: (None, {}),
    _tensorboard: ("tensorboard_events", {"variant": ("variant",)}),
    _keras: ("keras_logs", {"variant": ("variant",)}),
    _keras_resumed: ("keras_logs", {"variant": ("variant",)}),
    _lightning: ("lightning_logs", {}),
    _trainer: ("trainer_states", {"variant": ("variant",), "metric": "eval_wer"}),
    _ray: ("ray_results", {"variant": ("config/model",), "seed": "config/seed"}),
    _hydra: ("hydra_runs", {}),
    _hydra_over_keras: ("hydra_runs", {}),
    _optuna_journal: ("optuna_studies", {"variant": ("params/model",), "seed": "params/seed", "metric": "value"}),
    _sacred: ("small_logs", {}),
    _mlperf: ("mlperf_logs", {"variant": ("folder",), "metric": "eval_accuracy"}),
}
"""What makes each, the reader that it is for, and what its columns are called."""


def verdicts(address, **said):
    """Of a source that is named by its address alone: verdict, effect, interval and p value of the one claim."""
    found = read_source(str(address))
    given = {"metric": "wer", "seed": "seed", "variant": ("model",), "higher_is_better": False, "margin": 0.01} | said
    if any(given["metric"] in run.curves for run in found.runs):
        given["curve_end"] = "last"
    judged = judge_found([found], Answers(**given))
    (claim,) = judged.report.summary.claims
    assert not [fault.sentence for fault in judged.faults if fault.alarm]
    return claim.verdict, claim.deciding.effect, claim.deciding.interval.low, claim.p_value, claim.deciding.n


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """What is said of a plain table."""
    return verdicts(_csv_table(tmp_path_factory.mktemp("plain")))


@pytest.mark.parametrize("make", FORMATS, ids=lambda make: make.__name__[1:])
def test_every_format_has_the_verdict_of_a_plain_table(tmp_path, make, plain):
    """Same verdict, effect, interval and p value, but for the seventh digit where a format keeps 32 bits."""
    verdict, *numbers = verdicts(make(tmp_path), **FORMATS[make][1])
    assert verdict == plain[0] == "contradicted"
    assert numbers == pytest.approx(plain[1:], rel=1e-5 if make is _tensorboard else 1e-12)


def test_runs_that_nothing_pairs_have_the_verdict_of_a_table_without_seeds(tmp_path):
    """A log of proposals."""
    table = _csv_table(tmp_path, name="plain.csv")
    assert verdicts(_proposals(tmp_path), variant=("description",), seed="none") == verdicts(table, seed="none")


@pytest.mark.parametrize("make", [make for make in FORMATS if FORMATS[make][0]], ids=lambda make: make.__name__[1:])
def test_the_first_reader_that_knows_a_source_is_the_one_for_it(tmp_path, make):
    """Special formats come before general ones, whose files they are made of."""
    path = make(tmp_path)
    modules = [__import__(f"soundproof.analysis.sources.{name}", fromlist=[name]) for name in READERS]
    first = next(name for name, module in zip(READERS, modules, strict=True) if module.recognises(path))
    assert first == FORMATS[make][0]


def test_general_readers_know_only_what_is_theirs(tmp_path):
    """A folder of Ray is no table of JSON, one of Keras none of Lightning; a table with a seed is no log of Keras."""
    for name in ("ray", "keras", "lightning", "table"):
        (tmp_path / name).mkdir()
    trials, logs, versions = _ray(tmp_path / "ray"), _keras(tmp_path / "keras"), _lightning(tmp_path / "lightning")
    assert not json_tables.recognises(trials)
    assert not tensorboard_events.recognises(trials)
    assert not lightning_logs.recognises(logs)
    log = logs / "base_seed0" / "training.csv"
    assert keras_logs.recognises(log)
    table = tmp_path / "table" / "epochs.csv"
    table.write_text("epoch,seed,wer\n1,0,0.5\n")
    assert not keras_logs.recognises(table)
    assert delimited.recognises(table)
    assert read_source(str(log)).kind == "Keras' CSV logs"
    assert read_source(str(versions)).kind == "Lightning's CSV logs"
