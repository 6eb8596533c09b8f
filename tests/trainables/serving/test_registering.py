"""A trained trial as a model of MLflow's own."""

import base64
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import mlflow
import pandas as pd
import pytest
import soundfile
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

from soundproof.common import record
from soundproof.trainables.prediction import PredictionError
from soundproof.trainables.serving import RegisteredTrial, register
from soundproof.trainables.serving.form import NEEDED
from soundproof.trainables.serving.loader import QuestionError, load_model

pytestmark = pytest.mark.filterwarnings("ignore:.*Any type hint is inferred as AnyType")  # MLflow's, of its own types
HARMLESS = {".json", ".txt", ".yaml", ".py", ".safetensors", ".html", ".css", ".typed", ".js", ""}
PICKLED = b"\x80\x04"


@pytest.fixture(scope="module")
def registered(keywords) -> RegisteredTrial:
    """The trained classifier, registered under the name of its study."""
    return register(keywords.uri, keywords.trial.trial_id[:8])


@pytest.fixture(scope="module")
def model(keywords, registered: RegisteredTrial):
    """The same, as `mlflow.pyfunc` loads it."""
    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(keywords.uri)
    try:
        return mlflow.pyfunc.load_model(registered.uri)
    finally:
        mlflow.set_tracking_uri(before)


def _folder(keywords, registered: RegisteredTrial) -> Path:
    return Path(MlflowClient(keywords.uri).get_logged_model(registered.model_id).artifact_location)


@pytest.mark.parametrize("file", [record.WEIGHTS_ARTIFACT, record.TRIAL_ARTIFACT])
def test_a_model_with_one_other_bit_is_not_loaded(keywords, registered: RegisteredTrial, tmp_path: Path, file) -> None:
    """Its file is named, and what to do."""
    copy = Path(shutil.copytree(_folder(keywords, registered), tmp_path / "model"))
    (path,) = copy.rglob(file)
    content = bytearray(path.read_bytes())
    content[-1 - len(content) // 3] ^= 1
    path.write_bytes(content)
    with pytest.raises(PredictionError, match=f"{file} is not what was written there.*Register its trial again"):
        load_model(path.parent)


def test_the_model_says_what_the_trial_recorded(keywords, model, tmp_path: Path) -> None:
    """For files and for samples alike, the class is the one in the trial's own predictions, with a probability."""
    rows = keywords.rows[:3]
    paths = [keywords.write(row, tmp_path / f"{number}.wav") for number, row in enumerate(rows)]
    files = model.predict(pd.DataFrame({"audio": [base64.b64encode(path.read_bytes()).decode() for path in paths]}))
    assert list(files["class"]) == [row["hypothesis"] for row in rows]
    assert files["probability"].between(0, 1).all()
    read = [soundfile.read(path) for path in paths]
    samples = model.predict([{"samples": list(values), "sample_rate_hz": rate} for values, rate in read])
    pd.testing.assert_frame_equal(files, samples)
    assert list(files) == model.metadata.get_output_schema().input_names()


def test_what_is_no_audio_is_refused(model) -> None:
    """Bytes that no decoder knows are an error that names the row."""
    with pytest.raises(QuestionError, match="row 1 cannot be read: must be audio"):
        model.predict(pd.DataFrame({"audio": [base64.b64encode(b"no audio").decode()]}))


@pytest.mark.parametrize(
    "request_body",
    [
        {"inputs": {"nope": 1}},
        {"inputs": {"wav": ["AAAA"]}},
        {"dataframe_records": [{"wav": "AAAA"}]},
        {"dataframe_split": {"columns": ["wav"], "data": [["AAAA"]]}},
        {"instances": [{"wav": "AAAA"}]},
    ],
)
def test_a_misspelt_column_is_no_success(model, request_body: dict) -> None:
    """As the server answers: status 400 in every form of a request, naming the columns; a data frame likewise."""
    from mlflow.pyfunc.scoring_server import invocations  # its own warnings are errors while collecting

    schema = model.metadata.get_input_schema()
    with pytest.raises(MlflowException, match="'audio'.*'samples'") as refused:
        invocations(json.dumps(request_body), "application/json", model, schema)
    assert refused.value.get_http_status_code() == 400
    with pytest.raises(QuestionError, match="has neither"):
        model.predict(pd.DataFrame({"wav": ["AAAA"]}))


def test_nothing_in_a_model_is_pickled(keywords, registered: RegisteredTrial) -> None:
    """Weights are safetensors and code is text: no file of the model is, or holds, a pickle."""
    files = [path for path in _folder(keywords, registered).rglob("*") if path.is_file()]
    assert {"weights.safetensors", "trial.json", "loader.py", "MLmodel"} <= {path.name for path in files}
    assert {path.suffix for path in files} <= HARMLESS
    assert not [path for path in files if path.read_bytes().startswith(PICKLED)]


def test_the_registry_leads_back_to_the_trial(keywords, registered: RegisteredTrial) -> None:
    """Version, logged model and run name each other; the run itself stays as it was, and the model has its numbers."""
    client = MlflowClient(keywords.uri)
    run = client.get_run(keywords.run_id)
    version = client.get_model_version(registered.name, registered.version)
    logged = client.get_logged_model(registered.model_id)
    assert (registered.name, registered.trial_id) == ("speech-commands", keywords.trial.trial_id)
    assert version.run_id == logged.source_run_id == keywords.run_id
    assert version.tags[record.TRIAL_ID] == keywords.trial.trial_id
    assert [output.model_id for output in run.outputs.model_outputs] == [registered.model_id]
    assert run.info.status == "FINISHED"
    assert len(client.get_metric_history(keywords.run_id, record.TEST_ACCURACY)) == 1
    shown = {metric.key: metric.value for metric in logged.metrics}
    assert shown[record.TEST_ACCURACY] == run.data.metrics[record.TEST_ACCURACY]


def test_a_model_says_what_it_is(keywords, registered: RegisteredTrial) -> None:
    """Name, numbers and how to ask, where MLflow's pages show them: of the model, its version, and the logged one."""
    client = MlflowClient(keywords.uri)
    run = client.get_run(keywords.run_id)
    logged = client.get_logged_model(registered.model_id)
    assert logged.name == f"speech-commands {run.data.tags[record.VARIANT].rpartition('/')[2]} seed 0"
    version = client.get_model_version(registered.name, registered.version)
    question = client.get_experiment(run.info.experiment_id).tags[record.NOTE]
    for about, uri in ((version.description, registered.uri), (logged.tags[record.NOTE], logged.model_uri)):
        assert about.startswith(f"**{question}**")
        assert f"mlflow.pyfunc.load_model('{uri}')" in about
        assert f"| {run.data.metrics[record.TEST_ACCURACY]:.4g} |" in about
        assert "`class`, `probability`, `seconds`" in about
        assert f"trial {keywords.trial.trial_id}" in about
    assert client.get_registered_model(registered.name).description.startswith(f"**{question}**")


@pytest.mark.slow
def test_it_loads_elsewhere_by_its_own_code(keywords, registered: RegisteredTrial, tmp_path: Path) -> None:
    """A process that cannot see this checkout loads the model by its own code; pip is told all that it needs."""
    folder = _folder(keywords, registered)
    path = keywords.write(keywords.rows[0], tmp_path / "asked.wav")
    code = (
        "import sys, base64, pathlib; sys.path = [p for p in sys.path if p not in ('', sys.argv[3])]\n"
        "sys.meta_path = [f for f in sys.meta_path if 'editable' not in str(f).lower()]\n"
        "import mlflow; model = mlflow.pyfunc.load_model(sys.argv[1])\n"
        "asked = base64.b64encode(pathlib.Path(sys.argv[2]).read_bytes()).decode()\n"
        "print(model.predict([{'audio': asked}])['class'][0])\n"
        "import soundproof.trainables as ours; print(ours.__file__)\n"
        "print(*{name.split('.')[0] for name in sys.modules})\n"
    )
    root = Path(__file__).resolve().parents[3]
    command = [sys.executable, "-c", code, str(folder), str(path), str(root)]
    said, place, modules = subprocess.run(
        command, check=True, cwd=tmp_path, capture_output=True, text=True
    ).stdout.splitlines()
    assert said == keywords.rows[0]["hypothesis"]
    assert place.startswith(str(folder))
    known = packages_distributions()
    loaded = {name for module in modules.split() for name in known.get(module, ())}
    declared = {re.split(r"[\[<>=]", line)[0] for line in requires("soundproof") if "extra ==" not in line}
    by_mlflow = {"scipy", "pyarrow", "scikit-learn", "matplotlib", "psutil", "nvidia-ml-py"}  # where they are installed
    assert loaded & declared <= {*NEEDED} | by_mlflow
    assert not {"espeakng-loader", "captum"} & loaded  # who serves a model needs none of the extras
    lines = (folder / "requirements.txt").read_text().split()
    assert {line.split("==")[0] for line in lines} == set(NEEDED)
    assert not any("+" in line for line in lines)


def test_a_second_registration_is_a_second_version(keywords, registered: RegisteredTrial) -> None:
    """The same trial under the same name again is version 2."""
    assert register(keywords.uri, keywords.trial.trial_id).version == str(int(registered.version) + 1)


def test_an_unknown_trial_is_an_error(keywords) -> None:
    """As `predict` has it, and nothing is left in the registry."""
    with pytest.raises(PredictionError, match="no trial in"):
        register(keywords.uri, "ffffffffffffffff", "nothing")
    assert "nothing" not in {model.name for model in MlflowClient(keywords.uri).search_registered_models()}


@contextmanager
def _served(uri: str, registered: RegisteredTrial, folder: Path) -> Iterator[str]:
    """`mlflow models serve` on loopback, as `register` prints it; gives the address once it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", registered.uri, "--env-manager", "local"]
    activated = os.pathsep.join(
        [str(Path(sys.executable).parent), os.environ["PATH"]]
    )  # MLflow looks for uvicorn there
    environment = os.environ | {"MLFLOW_TRACKING_URI": uri, "PATH": activated}
    words = folder / "server.log"
    with words.open("wb") as log:
        process = subprocess.Popen(
            [*command, "-h", "127.0.0.1", "-p", port, "--workers", "1"],
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + 240  # two servers load torch and MLflow, with a cold disk and others beside
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/ping", timeout=5):
                    break
            except OSError:
                assert process.poll() is None, words.read_text()
                assert time.monotonic() < deadline, words.read_text()
                time.sleep(0.2)
        yield f"http://127.0.0.1:{port}/invocations"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _asked(address: str, record: dict[str, object]) -> tuple[int, dict]:
    """Status and JSON of the answer to one row."""
    body = json.dumps({"dataframe_records": [record]}).encode()
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_served_models_answer_audio_over_http(keywords, speech, registered: RegisteredTrial, tmp_path: Path) -> None:
    """A transcriber and a classifier, served at once, say of a file and of samples what their trials recorded of it."""
    folders = {name: tmp_path / name for name in ("speech", "keywords")}
    for folder in folders.values():
        folder.mkdir()
    transcriber = register(speech.uri, speech.trial.trial_id)
    with (
        ThreadPoolExecutor(2) as beside,
        ExitStack() as stack,
    ):
        addresses = beside.map(
            lambda asked: stack.enter_context(_served(*asked)),
            [
                (speech.uri, transcriber, folders["speech"]),
                (keywords.uri, registered, folders["keywords"]),
            ],
        )
        for sample, address, column in zip((speech, keywords), addresses, ("transcript", "class"), strict=True):
            row = sample.rows[0]
            path = sample.write(row, tmp_path / "asked.wav")
            status, said = _asked(address, {"audio": base64.b64encode(path.read_bytes()).decode()})
            assert (status, said["predictions"][0][column]) == (200, row["hypothesis"])
            values, rate = soundfile.read(path)
            assert _asked(address, {"samples": values.tolist(), "sample_rate_hz": rate}) == (200, said)
            assert _asked(address, {"audio": base64.b64encode(b"no audio").decode()})[0] == 400
