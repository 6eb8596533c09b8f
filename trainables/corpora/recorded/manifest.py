"""Anyone's recordings, listed in manifests: one JSON object a line with `audio`, `text`, and what else is known."""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, get_args

from soundproof.common.json_texts import parsed
from soundproof.search_spaces.alphabet import AlphabetError, encode
from soundproof.search_spaces.specs import ManifestSpeech, Partition
from soundproof.trainables.corpora.audio.broken import BrokenAudioError
from soundproof.trainables.corpora.corpus import CorpusError, Example
from soundproof.trainables.corpora.recorded import audio_files
from soundproof.trainables.corpora.recorded.transcribed_files import TranscribedCorpus, Utterance, transcribed_corpus

_LINE_FORM = '{"audio": "clips/1.wav", "text": "what is said"}'
_LONGEST_SECONDS = 1e9
_PARTITIONS: tuple[Partition, ...] = get_args(Partition)
_SEPARATOR = "+"
_AUDIO_ELSEWHERE = ("key", "audio_filepath")
"""What the manifests of other programs call the field `audio`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Line:
    """One line of a manifest: its number, counted from 1, its fields, and what is wrong with them."""

    file: Path
    number: int
    fields: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def place(self) -> str:
        """File and number."""
        return f"{self.file}:{self.number}"


class _Listed(NamedTuple):
    """A line, the whole file that it lists, its seconds, and the hash of its bytes."""

    line: _Line
    path: Path
    seconds: float
    digest: str


def manifest_files(path: Path) -> list[Path]:
    """The manifests that `path` names: itself, or those joined by plus signs."""
    text = str(path)
    if _SEPARATOR not in text or os.path.exists(path):  # a name too long to exist raises nothing here
        return [path]
    return [Path(part).expanduser() for part in text.split(_SEPARATOR)]


def open_manifest(
    path: Path, spec: ManifestSpeech, skip_broken: bool = False, *, skip_impossible: bool = False
) -> TranscribedCorpus:
    """The utterances listed in the JSON-lines file at `path`; audio is found relative to the manifest's folder.

    Of manifests joined by plus signs the first trains, the second validates, a third tests. `spec.content` becomes a
    hash of transcripts, speakers, partitions, audio bytes and the names of the audio files relative to each other;
    where the files lie is not part of it. Raises `CorpusError` naming every problem with file and line. With
    `skip_broken`, audio that is missing, broken, empty or cut is left out instead;
    with `skip_impossible`, what is too short for its transcript.
    """
    files = manifest_files(path)
    if len(files) > len(_PARTITIONS):
        raise CorpusError(
            f"{path}: expected up to three manifests, to train{_SEPARATOR}to validate{_SEPARATOR}to test, got "
            f"{len(files)}: join those of one purpose into one file, and give them names without {_SEPARATOR}"
        )
    partitions: Sequence[Partition | None] = _PARTITIONS if len(files) > 1 else [None]
    lines = [line for file, partition in zip(files, partitions, strict=False) for line in _lines(file, partition)]
    listed = [line for line in lines if _is_filled(line.fields.get("audio"))]
    # absolute and without `..`; links are kept as they are
    paths = [Path(os.path.abspath(line.file.parent / line.fields["audio"])) for line in listed]
    usable: list[_Listed] = []
    broken = []
    for line, audio, examined in zip(listed, paths, audio_files.examine_all(paths), strict=True):
        if isinstance(examined, BrokenAudioError):
            broken.append(f"{line.place}: {examined}")
        else:
            usable.append(_Listed(line, audio, *examined))
    _compare(usable)
    problems = [f"{line.place}: {problem}" for line in lines for problem in line.problems]
    audio_files.refuse_problems(str(path), len(lines), "line", faults=problems, broken=broken, skip_broken=skip_broken)
    return transcribed_corpus(str(path), spec, _utterances(usable), broken, skip_impossible=skip_impossible)


def _lines(path: Path, partition: Partition | None) -> list[_Line]:
    """Those of the manifest at `path` that hold something; `partition` is what it is for, where that is given."""
    numbered = enumerate(_read(path).split(b"\n"), start=1)
    lines = [_parse(path, number, raw) for number, raw in numbered if raw.strip()]
    if not lines:
        raise CorpusError(f"{path}: expected a line like {_LINE_FORM} for each recording, got an empty file")
    for line in lines if partition else ():
        if line.fields.setdefault("partition", partition) not in (None, partition):
            line.problems.append(f'field "partition" must be {partition} in this manifest: correct or remove it')
        line.fields["partition"] = partition
    return lines


def _read(path: Path) -> bytes:
    if path.is_dir():
        raise CorpusError(f"{path}: expected a manifest, got a folder: give the file, one {_LINE_FORM} a line")
    try:
        return path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    except OSError as error:
        raise CorpusError(
            f"{path}: expected a manifest, one {_LINE_FORM} a line, which cannot be read ({error.strerror}): "
            "check the path"
        ) from error


def _parse(path: Path, number: int, raw: bytes) -> _Line:
    """The line's fields; a line that is no JSON object has none, and one problem."""
    try:
        value = parsed(raw.decode("utf-8"), _DECODER)
    except UnicodeDecodeError as error:
        problem = f"must be UTF-8, got byte 0x{raw[error.start]:02x} at column {error.start + 1}: save it as UTF-8"
    except json.JSONDecodeError as error:
        problem = f"must be JSON, got an error at column {error.colno} ({error.msg}): write {_LINE_FORM}"
    except ValueError as error:
        problem = f"must be JSON ({error}): write {_LINE_FORM}"
    else:
        if isinstance(value, dict):
            elsewhere = next((name for name in _AUDIO_ELSEWHERE if name in value), None)
            if elsewhere and "audio" not in value:
                value["audio"] = value.pop(elsewhere)
            return _Line(file=path, number=number, fields=value, problems=list(_field_problems(value)))
        problem = f"must be an object, got {type(value).__name__}: write {_LINE_FORM}"
    return _Line(file=path, number=number, problems=[problem])


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError(f"names must differ, got {', '.join(repr(name) for name, _ in pairs)}")
    return fields


def _refuse_constant(constant: str) -> float:
    raise ValueError(f"{constant} is not a JSON number")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse_constant)


def _field_problems(fields: dict[str, Any]) -> Iterator[str]:
    for name, rule in _RULES.items():
        value = fields.get(name)
        if value is None and not rule.required:
            continue
        if name not in fields:
            yield f'field "{name}" is missing: write {_LINE_FORM}'
        elif not rule.accepts(value):
            yield f'field "{name}" must be {rule.expected}, got {_shortened(value)}'
    if _is_filled(fields.get("text")):
        try:
            encode(fields["text"])
        except AlphabetError as error:
            yield f'field "text": {error}'
    for name in sorted(fields.keys() - _RULES.keys()):
        yield f"unknown field {_shortened(name)}, expected {', '.join(_RULES)}: rename or remove it"


def _is_filled(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_duration(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < _LONGEST_SECONDS


def _shortened(value: Any) -> str:
    """The value as JSON, printable anywhere."""
    written = json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace").decode("utf-8")
    return written if len(written) <= 60 else f"{written[:57]}..."


@dataclass(frozen=True, kw_only=True, slots=True)
class _Rule:
    """What a field of a line must be. One that is not required may also be null."""

    required: bool = False
    expected: str
    accepts: Callable[[Any], bool]


_RULES = {
    "audio": _Rule(required=True, expected="a path that is not empty", accepts=_is_filled),
    "text": _Rule(required=True, expected="a text that is not empty", accepts=_is_filled),
    "speaker": _Rule(expected="a name that is not empty", accepts=_is_filled),
    "duration": _Rule(expected="a number of seconds, 0 or more", accepts=_is_duration),
    "partition": _Rule(expected=f"one of {', '.join(_PARTITIONS)}", accepts=_PARTITIONS.__contains__),
}


def _compare(usable: Sequence[_Listed]) -> None:
    """Note on each line where it contradicts its audio, and where its audio was listed before."""
    first_lines: dict[tuple[int, int], _Line] = {}
    for line, path, seconds, _ in usable:
        stated, status = line.fields.get("duration"), path.stat()
        if stated is not None and _is_duration(stated) and abs(stated - seconds) > max(0.1, 0.1 * seconds):
            line.problems.append(
                f'field "duration" must be that of the audio within 10% or 0.1 s, got {stated} s for {path} '
                f"of {seconds:.3f} s: correct it, or leave it out"
            )
        first = first_lines.setdefault((status.st_dev, status.st_ino), line)
        if first is not line:
            where = f"line {first.number}" if first.file == line.file else first.place
            line.problems.append(f"every recording is to be listed once, got {path} of {where} again")


def _utterances(usable: Sequence[_Listed]) -> Iterator[Utterance]:
    root = os.path.commonpath([audio.path.parent for audio in usable]) if usable else ""
    for line, path, seconds, digest in usable:
        key = path.relative_to(root).as_posix()
        fields: dict[str, Any] = {name: line.fields.get(name) for name in ("speaker", "partition")}
        example = Example(key=key, target=line.fields["text"], recording=key, **fields)
        yield Utterance(example, path, digest, seconds, line.place)
