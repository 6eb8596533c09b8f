"""Lhotse's manifests: what lhotse itself writes is read, and what cannot be used is named with its line."""

import gzip
import json
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from layout_trees import TREES

from soundproof.search_spaces.presets import PRESETS
from soundproof.trainables.corpora import Corpus, choose_corpus, open_corpus
from soundproof.trainables.corpora.corpus import CorpusError


@pytest.fixture(autouse=True)
def warnings_of_lhotse() -> Iterator[None]:
    """What it warns of while it is imported is not ours to mend."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _open(place: Path) -> Corpus:
    return open_corpus(choose_corpus(f"lhotse:{place}", "speech"), PRESETS["speech"]["smoke"])


def _cuts(root: Path) -> tuple[Path, list[dict]]:
    TREES["lhotse"].make(root)
    path = root / "mine_cuts_train.jsonl.gz"
    return path, [json.loads(line) for line in gzip.decompress(path.read_bytes()).decode().splitlines()]


def _write(path: Path, *cuts: dict) -> Path:
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, cuts)).encode()))
    return path


def test_one_manifest_and_its_part(tmp_path: Path) -> None:
    """Of one file, with the purpose that its name says; a cut begins where it says."""
    path, cuts = _cuts(tmp_path)
    corpus = _open(path)
    assert [one.partition for one in corpus.examples] == ["train"] * len(cuts)
    assert choose_corpus(f"lhotse:{path}", "speech").label == "lhotse-mine_cuts_train"
    assert len(next(corpus.waveforms([0], 8000))) == 4000


def test_supervisions_beside_recordings(tmp_path: Path) -> None:
    """As lhotse writes both, and parts of recordings by their supervisions."""
    from lhotse import CutSet

    path, _ = _cuts(tmp_path / "tree")
    cuts = CutSet.from_file(path)
    recordings, supervisions, _ = cuts.decompose(tmp_path, verbose=False)
    assert len(recordings) == len(supervisions) == len(cuts)
    found = _open(tmp_path / "supervisions.jsonl.gz")
    assert {one.target for one in found.examples} == {"go"}
    assert len(found.examples) == len(cuts)
    (tmp_path / "recordings.jsonl.gz").unlink()
    with pytest.raises(CorpusError, match=r"expected recordings\.jsonl\.gz beside it"):
        _open(tmp_path / "supervisions.jsonl.gz")


def test_nothing_is_run_or_fetched(tmp_path: Path) -> None:
    """Recordings that are commands or addresses are refused by line."""
    path, cuts = _cuts(tmp_path)
    for cut, kind in zip(cuts, ("command", "url"), strict=False):
        cut["recording"]["sources"][0] = {"type": kind, "channels": [0], "source": f"touch {tmp_path}/run"}
    _write(path, *cuts)
    with pytest.raises(CorpusError, match=r'lines 1, 2 \(2\): recordings must be files, .* got "command", "url"'):
        _open(path)
    assert not (tmp_path / "run").exists()


def test_what_cannot_be_used_is_named(tmp_path: Path) -> None:
    """No text, no supervision, another channel, several cuts mixed, and lines that lhotse does not read."""
    path, cuts = _cuts(tmp_path)
    cuts[0]["supervisions"][0].pop("text")
    cuts[1]["supervisions"] = []
    cuts[2]["supervisions"][0]["channel"] = 1
    mixed = {"id": "mix", "tracks": [{"type": "MonoCut", "cut": cuts[4], "offset": 0.0}], "type": "MixedCut"}
    _write(path, *cuts[:3], mixed, {"id": "x"}, *cuts[5:])
    with pytest.raises(CorpusError) as refused:
        _open(path)
    said = str(refused.value)
    for part in (
        ':1: field "text" is missing',
        ":2: every cut needs a supervision with its text",
        ":3: an utterance must be all channels of one file",
        ":4: must be a cut of one recording",
        ":5: must be a manifest that lhotse reads",
    ):
        assert part in said, said
