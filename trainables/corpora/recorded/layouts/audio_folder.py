"""Hugging Face's AudioFolder: metadata.csv or a folder for each class, below train, validation and test or without.

Source: https://huggingface.co/docs/datasets/audio_dataset.
"""

from pathlib import Path

from soundproof.search_spaces.specs import Partition
from soundproof.trainables.corpora.corpus import CorpusError, Remark
from soundproof.trainables.corpora.recorded.folder_listing import require_folder, subfolders
from soundproof.trainables.corpora.recorded.layouts.found import table_of
from soundproof.trainables.corpora.recorded.tables.reading import Table, read_tables
from soundproof.trainables.corpora.recorded.tables.rows import Row

_SPLITS: dict[str, Partition] = {
    "train": "train",
    **dict.fromkeys(("validation", "valid", "val", "dev"), "validation"),
    "test": "test",
}
_LISTS = ("metadata.csv", "metadata.jsonl", "metadata.parquet")
_EXPECTED = "an AudioFolder, metadata.csv beside audio files or a folder for each class"


def audio_folder(folder: Path) -> Table:
    """The recordings of all splits. Folders called as splits are taken for them where all folders are."""
    within = subfolders(require_folder(folder, _EXPECTED))
    are_splits = bool(within) and all(entry.name.lower() in _SPLITS for entry in within)
    splits = {entry: _SPLITS[entry.name.lower()] for entry in within} if are_splits else {}
    rows: list[Row] = []
    remarks: list[Remark] = []
    for place, partition in splits.items() or [(folder, None)]:
        table = _split(place)
        for row in table.rows:
            if partition is not None:
                row.fields["partition"] = partition
            rows.append(row)
        remarks += table.remarks
    return Table(place=str(folder), rows=rows, remarks=tuple(remarks))


def _split(folder: Path) -> Table:
    listed = next((folder / name for name in _LISTS if (folder / name).is_file()), None)
    if listed is not None:
        return read_tables(listed, "as its source does", {"audio"})

    def told(file: Path) -> dict[str, str] | None:
        parts = file.relative_to(folder).parts
        return {"label": parts[0]} if len(parts) > 1 else None

    table = table_of(folder, _EXPECTED, told)
    if len({row.fields.get("label") for row in table.rows}) < 2:
        raise CorpusError(f"{folder}: expected {_EXPECTED}, got one class: give the folder that holds all of them")
    return table
