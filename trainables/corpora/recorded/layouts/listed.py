"""Layouts whose own tables say everything: UrbanSound8K, FSD50K, Common Voice, LJSpeech. `tables` knows their names."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from soundproof.search_spaces.specs import Partition
from soundproof.trainables.corpora.corpus import CorpusError, Remark
from soundproof.trainables.corpora.recorded.folder_listing import require_folder
from soundproof.trainables.corpora.recorded.tables.reading import Table, read_tables
from soundproof.trainables.corpora.recorded.tables.rows import Row

_CLIPS, _SPEECH = frozenset({"audio"}), frozenset({"audio", "text"})


def urbansound8k(folder: Path) -> Table:
    """Ten folds, and what each slice was cut from, by metadata/UrbanSound8K.csv."""
    return _joined(folder, {"metadata/UrbanSound8K.csv": None}, _CLIPS)


def fsd50k(folder: Path) -> Table:
    """Several labels a clip; dev.csv says who trains and who validates, eval.csv lists the test."""
    return _joined(folder, {"FSD50K.ground_truth/dev.csv": None, "FSD50K.ground_truth/eval.csv": "test"}, _CLIPS)


def common_voice(folder: Path) -> Table:
    """The folder of one language, its train.tsv, dev.tsv and test.tsv; without them, validated.tsv."""
    split: dict[str, Partition | None] = {"train.tsv": "train", "dev.tsv": "validation", "test.tsv": "test"}
    if not any((folder / name).is_file() for name in split):
        split = {"validated.tsv": None}
    return _joined(folder, split, _SPEECH)


def ljspeech(folder: Path) -> Table:
    """One speaker; metadata.csv with bars between its cells."""
    return _joined(folder, {"metadata.csv": None}, _SPEECH)


def _joined(folder: Path, names: Mapping[str, Partition | None], required: Collection[str]) -> Table:
    """The rows of those tables that are there; one with a partition beside it is for that."""
    expected = f"a folder with {', '.join(names)}"
    there = [name for name in names if (require_folder(folder, expected) / name).is_file()]
    if not there:
        raise CorpusError(f"{folder}: expected {expected}, got none of them: give the folder that they lie in")
    rows: list[Row] = []
    remarks: list[Remark] = []
    for name in there:
        table = read_tables(folder / name, "as its source does", required)
        for row in table.rows:
            if names[name] is not None:
                row.fields["partition"] = names[name]
        rows += table.rows
        remarks += table.remarks
    return replace(table, place=str(folder), rows=rows, remarks=tuple(remarks))
