"""Whole explanations: every family, what is written, which clips are chosen."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from soundproof.search_spaces import PRESETS, STUDIES, find_study
from soundproof.search_spaces.presets import with_outputs_for
from soundproof.search_spaces.specs import Budget, Cut, GroupSplit, LabelledClips, RawWaveform, Trial, frame_count
from soundproof.search_spaces.specs.classifiers import FeedForward
from soundproof.search_spaces.studies import Variant
from soundproof.trainables.corpora.corpus import Example
from soundproof.trainables.explanation import ExplanationError, explain
from soundproof.trainables.explanation.drawing import explanation_picture
from soundproof.trainables.explanation.explain import choose_clips
from soundproof.trainables.features import FeatureStore, cache, load
from soundproof.trainables.pictures import as_text
from soundproof.trainables.prediction.trained import Trained
from soundproof.trainables.training.data.batches import FeatureData
from soundproof.trainables.training.data.normalisation import Normalisation
from soundproof.trainables.training.tasks.choice import task_of
from soundproof.trainables.training.tasks.task import Answer

CLASSES = ("$x_1$", "<b>two</b>", "three")
CPU = torch.device("cpu")


def _families() -> dict[str, tuple[Variant, float]]:
    """The first variant of each family and kind of features at its smoke size, and the seconds of its clips."""
    found: dict[str, tuple[Variant, float]] = {}
    for study in STUDIES:
        if study.domain == "speech":
            continue
        smoke = PRESETS[study.domain]["smoke"]
        for variant in study.variants:
            small = smoke.variant(variant)
            name = f"{type(small.network).__name__}-{type(small.features).__name__}"
            found.setdefault(name, (small, smoke.corpus.cut.seconds))
    return found


FAMILIES = _families()


def _trial(variant: Variant, seconds: float) -> Trial:
    corpus = LabelledClips(dataset="folder", cut=Cut(seconds=seconds), classes=CLASSES, content="none")
    return Trial(
        corpus=corpus,
        split=GroupSplit(validation_fraction=0.34, test_fraction=0.33),
        features=variant.features,
        network=with_outputs_for(variant.network, corpus),
        recipe=variant.recipe,
        budget=Budget(epochs=1, preset="smoke"),
        seed=0,
    )


def _store(trial: Trial, folder: Path) -> FeatureStore:
    """Random features of three clips of each class."""
    examples = tuple(
        Example(key=f"{name}/{number}", target=name, recording=f"{name}/{number}")
        for name in CLASSES
        for number in range(3)
    )
    assert isinstance(trial.corpus, LabelledClips)
    frames = frame_count(trial.features, round(trial.corpus.cut.seconds * trial.features.sample_rate_hz))
    values = np.random.default_rng(0).random((len(examples) * frames, trial.features.dimensions), dtype=np.float32)
    np.save(folder / "part.npy", values)
    cache.write(folder / "made", examples, (), [frames] * len(examples), [folder / "part.npy"], working_folder=folder)
    return load(folder / "made")


def _untrained(trial: Trial, store: FeatureStore) -> Trained:
    torch.manual_seed(0)
    network = task_of(trial, FeatureData(store, CPU)).build().eval()
    return _trained(trial, network, store.dimensions)


def _trained(trial: Trial, network: torch.nn.Module, dimensions: int) -> Trained:
    normalisation = Normalisation.none(dimensions, CPU)
    return Trained(
        trial=trial,
        trial_id=trial.trial_id,
        study="",
        variant="",
        network=network,
        normalisation=normalisation,
        device=CPU,
    )


@pytest.fixture(autouse=True)
def one_thread() -> None:
    """Small networks gain nothing from more."""
    torch.set_num_threads(1)


@pytest.fixture
def few_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two copies with noise instead of fifty: what they show is not what these tests are about."""
    monkeypatch.setattr("soundproof.trainables.explanation.attribution.SMOOTHGRAD_SAMPLES", 2)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.usefixtures("few_samples")
def test_every_family_explains(family: str, tmp_path: Path) -> None:
    """At the smoke size whole pictures are written and listed; without convolutions there is no Grad-CAM."""
    trial = _trial(*FAMILIES[family])
    store = _store(trial, tmp_path)
    files = explain(_untrained(trial, store), store, tmp_path / "out")
    index = json.loads((tmp_path / "out" / "index.json").read_text(encoding="utf-8"))
    assert sorted(file.name for file in files) == sorted(["index.json", *(row["file"] for row in index)])
    methods = {row["title"].split(",")[0] for row in index}
    assert methods == ({"SmoothGrad"} if isinstance(trial.network, FeedForward) else {"SmoothGrad", "Grad-CAM"})
    for row in index:
        with Image.open(tmp_path / "out" / row["file"]) as picture:
            picture.load()
            assert picture.format == "PNG"
            assert min(picture.size) > 300
        assert row["file"].startswith(("right-", "wrong-"))
        assert any(f"answer: {name}" in row["title"] for name in CLASSES)
        assert "clip " in row["caption"]


@pytest.mark.usefixtures("few_samples")
def test_areas_are_compared_where_that_is_asked_for(tmp_path: Path) -> None:
    """Over as many validation clips as there are, three here, after the pictures of single ones."""
    trial = _trial(*FAMILIES["MfccCnn-MelCepstrum"])
    store = _store(trial, tmp_path)
    *_, area = explain(_untrained(trial, store), store, tmp_path / "out", area_clips=50)
    assert area.name == "area.png"
    *_, row = json.loads((tmp_path / "out" / "index.json").read_text(encoding="utf-8"))
    right, wrong = (int(number) for number in re.findall(r"\d+(?= clips classified| wrongly)", row["caption"]))
    assert right + wrong == 3


@pytest.mark.usefixtures("few_samples")
def test_explanations_repeat_themselves(tmp_path: Path) -> None:
    """The same trial gives the same bytes."""
    trial = _trial(*FAMILIES["MfccCnn-MelCepstrum"])
    store = _store(trial, tmp_path)
    trained = _untrained(trial, store)
    first, second = (explain(trained, store, tmp_path / name) for name in ("one", "two"))
    assert [file.read_bytes() for file in first] == [file.read_bytes() for file in second]


def _example(key: str, target: str) -> Example:
    return Example(key=key, target=target, recording=key)


EXAMPLES = [_example("0", "a"), _example("1", "a"), _example("2", "b"), _example("3", "b")]


def _answers(*said: tuple[str, float]) -> list[Answer]:
    return [Answer(text=text, probability=probability) for text, probability in said]


def test_the_most_confident_of_each_side_is_chosen() -> None:
    """The most probable right answer and the most probable wrong one; of equals the earlier clip."""
    answers = _answers(("a", 0.6), ("a", 0.9), ("b", 0.9), ("a", 0.7))
    right, wrong = choose_clips([0, 1, 2, 3], EXAMPLES, answers)
    assert (right.index, right.right) == (1, True)
    assert (wrong.index, wrong.right) == (3, False)
    assert "most confident of 3 rightly" in right.note


@pytest.mark.parametrize(("said", "other"), [(("a", "b"), "wrongly"), (("b", "a"), "rightly")])
def test_a_side_without_clips_is_named(said: tuple[str, str], other: str) -> None:
    """Where nothing is wrong, or nothing right, the one clip says so."""
    (clip,) = choose_clips([1, 2], EXAMPLES, _answers((said[0], 0.8), (said[1], 0.7)))
    assert clip.index == 1
    assert f"no validation clip is classified {other}" in clip.note


def test_indices_are_those_of_the_corpus() -> None:
    """Answers stand in the order of the chosen indices, not of the corpus."""
    (clip,) = choose_clips([3, 0], EXAMPLES, _answers(("b", 0.6), ("a", 0.5)))
    assert clip.example.key == "3"


@pytest.mark.parametrize("name", ["$x_1$", r"$\frac{$", r"\$a$b\$", "日本語", "line\nbreak"])
def test_titles_are_text(name: str) -> None:
    """No class name is read as a formula, breaks the picture, or warns."""
    values = np.ones((8, 1), np.float32)
    picture = explanation_picture(values, values, RawWaveform(sample_rate_hz=8), name)
    assert picture.startswith(b"\x89PNG")


def test_dollar_signs_stay() -> None:
    """Matplotlib takes the title for plain text, and shows each dollar sign as one."""
    from matplotlib.cbook import is_math_text

    assert not is_math_text(as_text("$x_1$"))
    assert as_text("$x_1$").replace(r"\$", "$") == "$x_1$"


def test_speech_is_refused(tmp_path: Path) -> None:
    """A network that transcribes is no classifier: the error says so and what to do."""
    study = find_study("asr-cnn-sublayer-order")
    smoke = PRESETS["speech"]["smoke"]
    small = smoke.variant(study.variants[0])
    trial = replace(
        _trial(*FAMILIES["MfccCnn-MelCepstrum"]), corpus=smoke.corpus, network=small.network, recipe=small.recipe
    )
    with pytest.raises(ExplanationError, match="only classifiers are explained"):
        explain(
            _trained(trial, torch.nn.Identity(), 3),
            _store(_trial(*FAMILIES["MfccCnn-MelCepstrum"]), tmp_path),
            tmp_path,
        )


def test_an_output_that_cannot_be_written_is_named(tmp_path: Path, few_samples: None) -> None:
    """A file where the folder should be ends with a message, not a traceback."""
    trial = _trial(*FAMILIES["MfccCnn-MelCepstrum"])
    store = _store(trial, tmp_path)
    (tmp_path / "taken").write_text("")
    with pytest.raises(ExplanationError, match="Name another folder"):
        explain(_untrained(trial, store), store, tmp_path / "taken")
