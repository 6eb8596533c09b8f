"""One table or several joined by plus signs, their fields in this project's names."""

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from soundproof.search_spaces.specs import Partition
from soundproof.trainables.corpora.corpus import CorpusError, Remark
from soundproof.trainables.corpora.recorded.folder_listing import printable
from soundproof.trainables.corpora.recorded.tables.columns import Naming, mapped, naming_of, renamed
from soundproof.trainables.corpora.recorded.tables.fields import PARTITIONS, settle
from soundproof.trainables.corpora.recorded.tables.formats import read_rows
from soundproof.trainables.corpora.recorded.tables.rows import Problem, Row

_SEPARATOR = "+"
_MOST_NAMES = 12
_DATA_ROOTS = ("$data_root/", "{data_root}/")
"""SpeechBrain's words for the folder of the data."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """Rows that say what recordings there are; `place` is what messages call them all."""

    place: str
    rows: Sequence[Row]
    remarks: tuple[Remark, ...] = ()


def manifest_files(path: Path) -> list[Path]:
    """The manifests that `path` names: itself, or those joined by plus signs.

    One that is not there but lies beside the first is meant to be that one.
    """
    text = str(path)
    if _SEPARATOR not in text or os.path.exists(path):  # a name too long to exist raises nothing here
        return [path]
    files = [Path(part).expanduser() for part in text.split(_SEPARATOR)]
    beside = [files[0].parent / file for file in files]
    found = zip(files, beside, strict=True)
    return [near if not os.path.exists(file) and os.path.exists(near) else file for file, near in found]


def read_tables(path: Path, form: str, required: Collection[str], columns: Mapping[str, str] | None = None) -> Table:
    """The rows of the manifests that `path` names. Of several the first trains, the second validates, a third tests.

    `form` is how a line may look, `required` which fields a row must have, `columns` what the user says of their names.
    Raises `CorpusError` where there is nothing to read; what is wrong with a row stands in it.
    """
    files = manifest_files(path)
    if len(files) > len(PARTITIONS):
        raise CorpusError(
            f"{path}: expected up to three manifests, to train{_SEPARATOR}to validate{_SEPARATOR}to test, got "
            f"{len(files)}: join those of one purpose into one file, and give them names without {_SEPARATOR}"
        )
    partitions: Sequence[Partition | None] = PARTITIONS if len(files) > 1 else [None]
    rows: list[Row] = []
    remarks: list[Remark] = []
    for file, partition in zip(files, partitions, strict=False):
        raw = read_rows(file, form)
        if not raw:
            raise CorpusError(f"{file}: expected a line like {form} for each recording, got an empty file")
        own, over = _in_own_names(raw, columns or {})
        for row in own:
            if row.fields or not row.problems:
                _assign(row, partition)
                settle(row, required, form)
        rows += own
        remarks += _passed_over(file, over)
    return Table(place=str(path), rows=rows, remarks=tuple(remarks))


def _in_own_names(raw: Iterable[Row], columns: Mapping[str, str]) -> tuple[list[Row], list[str]]:
    """The rows with this project's names, and the fields that were taken for none of them."""
    rows, over = [], dict[str, None]()
    for row in raw:
        naming = None if columns else naming_of(row.fields)
        fields, passed = mapped(row.fields, columns) if columns else renamed(row.fields, naming)
        if naming is None and "offset" in fields and "start" not in fields:
            fields["start"] = fields.pop("offset")
        over.update(dict.fromkeys(passed))
        elsewhere = () if naming is None else _places(row, naming)
        for root in _DATA_ROOTS:
            if naming and isinstance(fields.get("audio"), str):
                fields["audio"] = fields["audio"].removeprefix(root)
        spoken = naming is not None and naming.spoken
        rows.append(replace(row, fields=fields, elsewhere=elsewhere, spoken=spoken))
    return rows, list(over)


def _places(row: Row, naming: Naming) -> tuple[str, ...]:
    values: dict[str, Any] = {name: value for name, value in row.fields.items() if isinstance(value, str | int)}
    found = []
    for template in naming.audio:
        try:
            found.append(template.format_map(values))
        except KeyError:
            continue
    return tuple(found)


def _assign(row: Row, partition: Partition | None) -> None:
    """Where the place of a manifest says what it is for, its rows are for that."""
    if partition is None:
        return
    if row.fields.setdefault("partition", partition) not in (None, partition):
        rule = f'field "partition" must be {partition} in this manifest'
        row.problems.append(Problem(rule, "", "correct or remove it"))
    row.fields["partition"] = partition


def _passed_over(file: Path, names: Sequence[str]) -> list[Remark]:
    if not names:
        return []
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    listed = printable(", ".join(names[:_MOST_NAMES]))
    text = f"of {printable(file.name)} these columns are taken for nothing: {listed}{more}"
    return [Remark(kind="columns passed over", text=text)]
