"""A network that a user wrote, as a model: its files go with it."""

import subprocess
import sys
from pathlib import Path

import torch
from mlflow.models import Model

from soundproof.search_spaces import PRESETS, expand
from soundproof.search_spaces.custom import load_file
from soundproof.search_spaces.specs import GroupSplit, frame_count
from soundproof.trainables.networks.classifiers import build_classifier
from soundproof.trainables.prediction.recorded import RecordedTrial
from soundproof.trainables.serving.form import save_model
from soundproof.trainables.training.data.normalisation import Normalisation
from soundproof.trainables.training.weights import pack

ROOT = Path(__file__).resolve().parents[3]


def test_a_process_that_never_saw_the_file_loads_the_network(tmp_path: Path) -> None:
    """The module of the user's own class is made from the copies in the model, and its weights fit."""
    example = (ROOT / "command_line" / "examples" / "classifier.py").read_text(encoding="utf-8")
    file = tmp_path / "my study.txt"  # no suffix is asked for
    file.write_text(f"from parts.counting import count\n{example.replace('range(', 'count(')}", encoding="utf-8")
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "counting.py").write_text("count = range\n", encoding="utf-8")
    (study,) = load_file(file).studies
    preset = PRESETS[study.domain]["smoke"]
    trial = next(expand(study, preset, preset.corpus, GroupSplit(), [0])).trial
    features = trial.features
    frames = frame_count(features, round(trial.corpus.cut.seconds * features.sample_rate_hz))
    network = build_classifier(trial.network, frames, features.dimensions)
    normalisation = Normalisation(mean=torch.zeros(features.dimensions), deviation=torch.ones(features.dimensions))
    weights = pack(network.state_dict(), normalisation)
    recorded = RecordedTrial(
        run_id="", trial_id=trial.trial_id, trial=trial, study=study.id, variant="", weights=weights
    )
    save_model(recorded, tmp_path / "model", Model())
    code = (
        "import sys; from pathlib import Path; from soundproof.trainables.serving.loader import load_model\n"
        "print(type(load_model(Path(sys.argv[1])).trained.network).__name__)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "model" / "data" / "network")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout == "CustomClassifierModule\n", done.stderr
