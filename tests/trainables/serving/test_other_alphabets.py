"""From a table of Cyrillic texts to a model that writes Cyrillic: the alphabet goes with the trial."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
from mlflow.models import Model

from soundproof.search_spaces import PRESETS, expand, find_study
from soundproof.search_spaces.alphabet_choice import AlphabetChoice
from soundproof.search_spaces.specs import Adam, Budget, BytePairAlphabet, GroupSplit, Trial
from soundproof.trainables.corpora import Corpus, choose_corpus, open_corpus
from soundproof.trainables.features import load, prepare
from soundproof.trainables.prediction.answers import predict_file
from soundproof.trainables.prediction.recorded import RecordedTrial
from soundproof.trainables.serving.form import save_model
from soundproof.trainables.serving.loader import load_model
from soundproof.trainables.training.data.alphabets import Alphabets
from soundproof.trainables.training.data.batches import FeatureData
from soundproof.trainables.training.engine import Training

RATE = 16000
STUDY = find_study("asr-cnn-front-end")
SMOKE = PRESETS["speech"]["smoke"]
TONES = {letter: 300 * (number + 1) for number, letter in enumerate("ёжик")}


def _table(folder: Path) -> Path:
    """Six speakers; a tone for each letter, every pair of letters twice a speaker."""
    lines, times = [], np.arange(RATE // 8) / RATE
    for number in range(6 * 16):
        text = "".join("ёжик"[digit] for digit in (number % 4, number // 4 % 4))
        pieces = [np.concatenate([np.sin(2 * np.pi * TONES[sign] * times) / 2, np.zeros(RATE // 20)]) for sign in text]
        soundfile.write(folder / f"{number}.wav", np.concatenate(pieces), RATE)
        lines.append(json.dumps({"audio": f"{number}.wav", "text": text, "speaker": f"s{number // 16}"}))
    table = folder / "table.jsonl"
    table.write_text("\n".join(lines), encoding="utf-8")
    return table


def _planned(corpus: Corpus, text: str, variant: int) -> Trial:
    alphabets = Alphabets(examples=corpus.examples, choice=AlphabetChoice.parse(text))
    preset = replace(SMOKE, symbols=alphabets.most_outputs)
    planned = expand(STUDY, preset, corpus.spec, GroupSplit(), [0], alphabet_of=alphabets.of)
    trial = list(planned)[variant].trial
    recipe = replace(trial.recipe, optimizer=Adam(learning_rate=0.02), batch_size=8)
    return replace(trial, recipe=recipe, budget=Budget(epochs=20, preset="smoke"))


@pytest.mark.parametrize("text", ["corpus", "byte-pair:12"])
def test_a_model_writes_the_alphabet_of_its_texts(text: str, tmp_path: Path) -> None:
    """Trained, saved without a pickle and loaded again, it answers a file in the letters of its training texts."""
    torch.set_num_threads(1)
    choice = choose_corpus(f"manifest:{_table(tmp_path)}", "speech")
    corpus = open_corpus(choice, SMOKE, alphabet=AlphabetChoice.parse(text))
    trial = _planned(corpus, text, variant=0)
    assert trial.alphabet is not None
    assert isinstance(trial.alphabet, BytePairAlphabet) == (text != "corpus")
    assert Trial.from_json(trial.to_json()).trial_id == trial.trial_id
    assert replace(trial, network=STUDY.variants[0].network, alphabet=None).trial_id != trial.trial_id
    training = Training(
        trial, FeatureData(load(prepare(corpus, trial.features, tmp_path, workers=1)), torch.device("cpu"))
    )
    while training.status is None:
        training.run_epoch()
    outcome = training.finish()
    assert outcome.metrics["data/test_unknown_characters"] == 0
    assert outcome.metrics["test/cer"] < 0.8
    recorded = RecordedTrial(
        run_id="", trial_id=trial.trial_id, trial=trial, study=STUDY.id, variant="", weights=outcome.weights
    )
    save_model(recorded, tmp_path / "model", Model())
    trained = load_model(next((tmp_path / "model").rglob("trial.json")).parent).trained
    row = max(outcome.predictions["test"], key=lambda row: len(row["hypothesis"]))
    answer = predict_file(trained, tmp_path / str(row["key"])).text
    assert answer == row["hypothesis"]
    assert answer
    assert set(answer) <= set("ёжик ")
