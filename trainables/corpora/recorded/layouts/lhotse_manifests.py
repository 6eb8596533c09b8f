"""Lhotse's manifests, read by lhotse: cuts, or supervisions beside the recordings that they are of.

Source: https://lhotse.readthedocs.io/en/latest/corpus.html. Nothing is run or fetched that a manifest names: a
recording has to be a file.
"""

import importlib.util
import re
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from soundproof.search_spaces.specs import Partition
from soundproof.trainables.corpora.corpus import CorpusError
from soundproof.trainables.corpora.recorded.layouts.found import row_of
from soundproof.trainables.corpora.recorded.tables.formats import read_rows
from soundproof.trainables.corpora.recorded.tables.reading import Table
from soundproof.trainables.corpora.recorded.tables.rows import Problem, Row, shown

INSTALL = "pip install 'soundproof[lhotse]'"
_EXPECTED = "lhotse's manifests, cuts.jsonl.gz or supervisions.jsonl.gz beside recordings.jsonl.gz"
_ENDING = re.compile(r"\.jsonl?(\.gz)?$")
_WORDS = re.compile(r"[^A-Za-z0-9]+")
_PARTITIONS: Mapping[str, Partition] = {
    "train": "train",
    **dict.fromkeys(("dev", "valid", "validation", "val"), "validation"),
    **dict.fromkeys(("test", "eval"), "test"),
}
_AS_FILES = "write the audio to files first, with lhotse's save_audios"


def lhotse_manifests(place: Path) -> Table:
    """The utterances of one manifest, or of all cuts, else all supervisions, in a folder.

    What a manifest is for is taken from its name: ``mine_cuts_train-clean.jsonl.gz``. Raises `CorpusError` where lhotse
    is not installed, or no manifest of it is there; what is wrong with an utterance stands in its row.
    """
    if importlib.util.find_spec("lhotse") is None:
        raise CorpusError(f"{place}: lhotse's manifests are read by lhotse, which is not installed: {INSTALL}")
    files = _manifests(place)
    return Table(place=str(place), rows=[row for file in files for row in _rows(file)])


def _manifests(place: Path) -> list[Path]:
    try:
        files = sorted(place.iterdir()) if place.is_dir() else [place]
    except OSError as error:
        raise CorpusError(f"{place}: expected {_EXPECTED}, which cannot be read ({error.strerror})") from error
    for kind in ("cuts", "supervisions"):
        found = [file for file in files if _ENDING.search(file.name) and kind in _words(file)]
        if found:
            return found
    raise CorpusError(f"{place}: expected {_EXPECTED}, got none: give one of them, or the folder that holds them")


def _words(file: Path) -> list[str]:
    return _WORDS.split(_ENDING.sub("", file.name))


def _rows(file: Path) -> Iterator[Row]:
    """The utterances of a manifest, each under the number of the line that it stands in."""
    words = _words(file)
    partition = next((_PARTITIONS[word] for word in reversed(words) if word in _PARTITIONS), None)
    recordings = {} if "cuts" in words else _recordings(file)
    for raw in read_rows(file, "a cut or a supervision of lhotse's"):
        if raw.problems:
            yield raw
            continue
        try:
            item = _item(raw)
            utterances = list(_utterances(item, recordings))
        except _NotUsableError as error:
            yield Row(file=file, number=raw.number, unit=raw.unit, problems=[error.problem])
            continue
        for fields in utterances:
            audio = fields["audio"]
            if not (file.parent / audio).is_file() and Path(audio).is_file():  # lhotse's paths are from where it ran
                fields["audio"] = str(Path(audio).absolute())
            yield row_of(file, raw.number, {**fields, "partition": partition}, spoken=True)


class _NotUsableError(Exception):
    """An utterance or a recording that cannot be used, and why."""

    def __init__(self, rule: str, got: str = "", remedy: str = "") -> None:
        """Keep what was expected, what was given and what to do."""
        super().__init__(rule)
        self.problem = Problem(rule, got, remedy)


def _item(row: Row) -> Any:
    """What lhotse makes of a line."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its older versions: nothing that this reading rests on
        from lhotse.serialization import deserialize_item  # noqa: PLC0415  # an extra, which imports for seconds

        try:
            return deserialize_item(dict(row.fields))
        except Exception as error:  # whatever a malformed line leads to in there
            raise _NotUsableError("must be a manifest that lhotse reads", f"{type(error).__name__}: {error}") from error


def _recordings(file: Path) -> dict[str, Any]:
    """The recordings of the manifest that lies beside one of supervisions, by name."""
    beside = file.with_name(file.name.replace("supervisions", "recordings"))
    if not beside.is_file():
        raise CorpusError(f"{file}: expected {beside.name} beside it, got none: put it there, or give cuts")
    found = {}
    for row in read_rows(beside, "a recording of lhotse's"):
        try:
            recording = _item(row)
        except _NotUsableError as error:
            raise CorpusError(f"{row.place}: {error.problem.rule}, got {error.problem.got}") from error
        found[str(getattr(recording, "id", ""))] = recording
    return found


def _utterances(item: Any, recordings: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The fields of each utterance of a cut, or of the one that a supervision is."""
    if type(item).__name__ == "SupervisionSegment":
        if item.recording_id not in recordings:
            raise _NotUsableError(
                "every supervision needs a recording in the manifest beside", shown(item.recording_id)
            )
        yield _fields(recordings[item.recording_id], item, begin=0.0)
        return
    if getattr(item, "recording", None) is None or not hasattr(item, "supervisions"):
        raise _NotUsableError("must be a cut of one recording", type(item).__name__, _AS_FILES)
    if not item.supervisions:
        raise _NotUsableError(
            "every cut needs a supervision with its text", shown(item.id), "add it, or remove the cut"
        )
    for supervision in item.supervisions:
        yield _fields(item.recording, supervision, begin=item.start)


def _fields(recording: Any, supervision: Any, *, begin: float) -> dict[str, Any]:
    sources = recording.sources
    kinds = {source.type for source in sources}
    if kinds != {"file"}:
        raise _NotUsableError("recordings must be files, and nothing is run or fetched", ", ".join(map(shown, kinds)))
    spoken_on = supervision.channel if isinstance(supervision.channel, list) else [supervision.channel]
    if len(sources) > 1 or set(spoken_on) != set(sources[0].channels):
        raise _NotUsableError("an utterance must be all channels of one file", f"channels {spoken_on}", _AS_FILES)
    if recording.transforms:
        raise _NotUsableError(
            "recordings must be as they lie on the disk", "one that is changed as it is read", _AS_FILES
        )
    return {
        "audio": str(sources[0].source),
        "text": supervision.text,
        "speaker": supervision.speaker,
        "start": begin + supervision.start,
        "duration": supervision.duration,
    }
