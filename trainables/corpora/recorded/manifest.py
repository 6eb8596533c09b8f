"""Anyone's recordings, listed in a manifest: one JSON object a line with `audio`, `text`, and what else is known."""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple, get_args

from soundproof.search_spaces.alphabet import AlphabetError, encode
from soundproof.search_spaces.specs import ManifestSpeech, Partition
from soundproof.trainables.corpora.corpus import CorpusError, Example, Waveform
from soundproof.trainables.corpora.recorded import audio_files
from soundproof.trainables.corpora.recorded.audio_containers import BrokenAudioError

_LINE_FORM = '{"audio": "clips/1.wav", "text": "what is said"}'
_LONGEST_SECONDS = 1e9
_PARTITIONS: tuple[Partition, ...] = get_args(Partition)


@dataclass(frozen=True, kw_only=True, slots=True)
class ManifestCorpus:
    """Utterances in the order of their keys, and the file of each."""

    spec: ManifestSpeech
    examples: tuple[Example, ...]
    paths: tuple[Path, ...]
    skipped: tuple[str, ...]

    def waveforms(self, indices: Sequence[int], sample_rate_hz: int) -> Iterator[Waveform]:
        """Mono audio of the utterances at `indices`, each of shape `(time,)`, in -1..1. Raises `CorpusError`."""
        for index in indices:
            yield audio_files.read_waveform(self.paths[index], sample_rate_hz)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Line:
    """One line of the manifest: its number, counted from 1, its fields, and what is wrong with them."""

    number: int
    fields: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


class _Listed(NamedTuple):
    """A line, the whole file that it lists, its seconds, and the hash of its bytes."""

    line: _Line
    path: Path
    seconds: float
    digest: str


def open_manifest(path: Path, spec: ManifestSpeech, skip_broken: bool = False) -> ManifestCorpus:
    """The utterances listed in the JSON-lines file at `path`; audio is found relative to the manifest's folder.

    `spec.content` becomes a hash of transcripts, speakers, partitions, audio bytes and the names of the audio files
    relative to each other; where the files lie is not part of it. Raises `CorpusError` naming every problem with
    file and line. With `skip_broken`, audio that is missing, broken, empty or cut is left out instead.
    """
    lines = [_parse(number, raw) for number, raw in enumerate(_read(path).split(b"\n"), start=1) if raw.strip()]
    if not lines:
        raise CorpusError(f"{path}: expected a line like {_LINE_FORM} for each recording, got an empty file")
    listed = [line for line in lines if _is_filled(line.fields.get("audio"))]
    # absolute and without `..`; links are kept as they are
    paths = [Path(os.path.abspath(path.parent / line.fields["audio"])) for line in listed]
    usable: list[_Listed] = []
    broken = []
    for line, audio, examined in zip(listed, paths, audio_files.examine_all(paths), strict=True):
        if isinstance(examined, BrokenAudioError):
            broken.append(f"{path}:{line.number}: {examined}")
        else:
            usable.append(_Listed(line, audio, *examined))
    _compare(usable)
    problems = [f"{path}:{line.number}: {problem}" for line in lines for problem in line.problems]
    audio_files.refuse_problems(str(path), len(lines), "line", faults=problems, broken=broken, skip_broken=skip_broken)
    if not usable:
        raise CorpusError(f"{path}: expected usable recordings, got none:\n{audio_files.enumerate_problems(broken)}")
    return _corpus(path, spec, usable, broken)


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


def _parse(number: int, raw: bytes) -> _Line:
    """The line's fields; a line that is no JSON object has none, and one problem."""
    try:
        value = json.loads(raw.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        problem = f"must be UTF-8, got byte 0x{raw[error.start]:02x} at column {error.start + 1}: save it as UTF-8"
    except json.JSONDecodeError as error:
        problem = f"must be JSON, got an error at column {error.colno} ({error.msg}): write {_LINE_FORM}"
    except (ValueError, RecursionError) as error:
        problem = f"must be JSON ({error}): write {_LINE_FORM}"
    else:
        if isinstance(value, dict):
            return _Line(number=number, fields=value, problems=list(_field_problems(value)))
        problem = f"must be an object, got {type(value).__name__}: write {_LINE_FORM}"
    return _Line(number=number, problems=[problem])


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise ValueError(f"names must differ, got {', '.join(repr(name) for name, _ in pairs)}")
    return fields


def _refuse_constant(constant: str) -> float:
    raise ValueError(f"{constant} is not a JSON number")


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
    first_lines: dict[tuple[int, int], int] = {}
    for line, path, seconds, _ in usable:
        stated, status = line.fields.get("duration"), path.stat()
        if stated is not None and _is_duration(stated) and abs(stated - seconds) > max(0.1, 0.1 * seconds):
            line.problems.append(
                f'field "duration" must be that of the audio within 10% or 0.1 s, got {stated} s for {path} '
                f"of {seconds:.3f} s: correct it, or leave it out"
            )
        first = first_lines.setdefault((status.st_dev, status.st_ino), line.number)
        if first != line.number:
            line.problems.append(f"every recording is to be listed once, got {path} of line {first} again")


def _corpus(path: Path, spec: ManifestSpeech, usable: Sequence[_Listed], skipped: Sequence[str]) -> ManifestCorpus:
    root = os.path.commonpath([audio.path.parent for audio in usable])
    keyed = sorted(((audio.path.relative_to(root).as_posix(), audio) for audio in usable), key=lambda row: row[0])
    utterances = tuple(
        Example(
            key=key,
            target=audio.line.fields["text"],
            recording=key,
            speaker=audio.line.fields.get("speaker"),
            partition=audio.line.fields.get("partition"),
        )
        for key, audio in keyed
    )
    rows = [
        [utterance.key, utterance.target, utterance.speaker, utterance.partition, audio.digest]
        for utterance, (_, audio) in zip(utterances, keyed, strict=True)
    ]
    content = audio_files.short_digest(json.dumps(rows))
    if spec.content not in ("", content):
        raise CorpusError(
            f"{path}: expected the recordings with content {spec.content}, got {content}: "
            "give the manifest that the spec was made from"
        )
    return ManifestCorpus(
        spec=replace(spec, content=content),
        examples=utterances,
        paths=tuple(audio.path for _, audio in keyed),
        skipped=tuple(skipped),
    )
