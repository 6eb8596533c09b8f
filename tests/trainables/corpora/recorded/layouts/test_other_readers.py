"""Published layouts as other programs read them: equal counts, and equal texts where they give any."""

import warnings
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from layout_trees import TREES

from soundproof.search_spaces.presets import PRESETS
from soundproof.trainables.corpora import Corpus, choose_corpus, open_corpus
from soundproof.trainables.corpora.recorded.tables.fields import plainly


@pytest.fixture(autouse=True)
def warnings_of_others() -> Iterator[None]:
    """What these programs warn of while they are imported or read is not ours to mend."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _open(name: str, folder: Path) -> Corpus:
    domain = TREES[name].domain
    return open_corpus(choose_corpus(f"{name}:{folder}", domain), PRESETS[domain]["smoke"])


def _torchaudio() -> Any:
    import_module("soundproof.trainables.audio_maths")  # imports torchaudio safely
    return import_module("torchaudio.datasets")


def test_torchaudio(tmp_path: Path) -> None:
    """Common Voice, LJSpeech and LibriSpeech."""
    datasets = _torchaudio()
    voice, speech, libri = tmp_path / "voice", tmp_path / "LJSpeech-1.1", tmp_path / "libri" / "LibriSpeech"
    for root, name in (voice, "common-voice"), (speech, "ljspeech"), (libri, "librispeech"):
        TREES[name].make(root)
    parts = [datasets.COMMONVOICE(voice, f"{part}.tsv") for part in ("train", "dev", "test")]
    assert sum(map(len, parts)) == len(_open("common-voice", voice).examples)
    found = datasets.LJSPEECH(tmp_path, folder_in_archive="")
    assert len(found) == len(_open("ljspeech", speech).examples)
    subsets = [datasets.LIBRISPEECH(tmp_path / "libri", url) for url in ("train-clean-100", "dev-clean", "test-clean")]
    texts = Counter(found.get_metadata(number)[2].lower() for found in subsets for number in range(len(found)))
    assert texts == Counter(one.target for one in _open("librispeech", libri).examples)


def _by_lhotse(name: str, root: Path) -> list[Any]:
    """The supervisions that lhotse's own recipe, or its reading of a folder of Kaldi's, makes of a tree."""
    recipes = import_module("lhotse.recipes")
    if name == "kaldi":
        _, supervisions, _ = import_module("lhotse.kaldi").load_kaldi_data_dir(root, sampling_rate=8000)
        return list(supervisions)
    if name == "lhotse":
        cuts = [import_module("lhotse").CutSet.from_file(file) for file in sorted(root.glob("*.jsonl.gz"))]
        return [one for some in cuts for cut in some for one in cut.supervisions]
    made = {
        "librispeech": lambda: recipes.prepare_librispeech(root),
        "ljspeech": lambda: {"all": recipes.prepare_ljspeech(root)},
        "timit": lambda: recipes.prepare_timit(root),
    }[name]()
    return [one for part in made.values() for one in part.get("supervisions", ())]


@pytest.mark.parametrize("name", ["librispeech", "ljspeech", "timit", "kaldi", "lhotse"])
def test_lhotse(tmp_path: Path, name: str) -> None:
    """Counts, texts and speakers of each utterance."""
    root = tmp_path / "tree"
    TREES[name].make(root)
    theirs = _by_lhotse(name, root)
    ours = _open(name, root).examples
    assert len(theirs) == len(ours) == TREES[name].examples
    texts = ((one.custom or {}).get("normalized_text", one.text) for one in theirs)
    assert Counter(map(plainly, texts)) == Counter(one.target for one in ours)
    if TREES[name].speakers:
        assert len({one.speaker for one in theirs}) == len({one.speaker for one in ours})


def test_datasets(tmp_path: Path) -> None:
    """AudioFolder: splits, and the names of its classes."""
    datasets = import_module("datasets")
    root = tmp_path / "tree"
    TREES["audio-folder"].make(root)
    columns = datasets.Features({"audio": datasets.Value("string"), "label": datasets.Value("string")})
    theirs = datasets.load_dataset(
        "audiofolder", data_dir=str(root), cache_dir=str(tmp_path / "cache"), features=columns
    )
    ours = _open("audio-folder", root).examples
    for side in ("train", "test"):
        assert Counter(theirs[side]["label"]) == Counter(one.target for one in ours if one.partition == side)
