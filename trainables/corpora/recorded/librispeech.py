"""LibriSpeech: sentences read from English books, in folders of speakers and chapters, as FLAC files or converted.

Source: V. Panayotov, G. Chen, D. Povey, S. Khudanpur, Librispeech: an ASR corpus based on public domain audio books,
ICASSP 2015, https://www.openslr.org/12.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from soundproof.search_spaces.alphabet import AlphabetError, composed, encode
from soundproof.search_spaces.alphabet_choice import AlphabetChoice
from soundproof.search_spaces.corpus_names import SUBSET
from soundproof.search_spaces.specs import LibriSpeech, Partition
from soundproof.trainables.corpora.audio.broken import BrokenAudioError
from soundproof.trainables.corpora.corpus import CorpusError, Example
from soundproof.trainables.corpora.recorded import audio_files
from soundproof.trainables.corpora.recorded.folder_listing import (
    files_below,
    is_audio,
    printable,
    require_folder,
    storable,
)
from soundproof.trainables.corpora.recorded.transcribed_files import TranscribedCorpus, Utterance, transcribed_corpus

_TRANSCRIPTS = ".trans.txt"
_EXPECTED = (
    f"LibriSpeech, SPEAKER/CHAPTER/SPEAKER-CHAPTER-NUMBER.flac (or .wav) beside SPEAKER-CHAPTER{_TRANSCRIPTS}, in the "
    "folder of one subset or of several"
)
_LINE = re.compile(r"(\S+) +(\S.*)")
_ENGLISH = AlphabetChoice()
_LINE_FORM = "84-121123-0000 GO DO YOU HEAR"
_SIDES: Mapping[str, Partition] = {"train": "train", "dev": "validation", "test": "test"}
_AT_ONCE = 256
"""Recordings examined before the next look at how many hours they take."""

_Examined = tuple[float, str] | BrokenAudioError


@dataclass(frozen=True, kw_only=True, slots=True)
class _Spoken:
    """An example and its file; `listed` is the line of its transcript."""

    example: Example
    path: Path
    listed: str


def open_librispeech(
    path: Path,
    spec: LibriSpeech,
    skip_broken: bool = False,
    *,
    skip_impossible: bool = False,
    alphabet: AlphabetChoice = _ENGLISH,
) -> TranscribedCorpus:
    """The utterances below `path`, a subset or a folder of several; what else is published beside them is passed over.

    Several subsets are the split, as far as they can be: test-* tests, dev-* validates where train-* is there too.
    With a limit, only what is drawn is examined. Raises `CorpusError` naming every line and file that cannot be used;
    with `skip_broken`, recordings without a transcript, transcripts without a recording and broken audio are left out,
    with `skip_impossible` utterances too short for their transcripts.
    """
    folder = require_folder(path, _EXPECTED)
    spoken, problems, faults = _find(folder, english=not alphabet.made)
    place = printable(str(folder))
    if not spoken and not faults and not problems:
        raise CorpusError(f"{place}: expected {_EXPECTED}, got no utterance: give the folder that holds them")
    total = len(spoken) + len(problems)
    drawn, shortage = ([], None) if faults else _drawn(spoken, spec)
    broken = sorted(f"{one.listed}: {found}" for one, found in drawn if isinstance(found, BrokenAudioError))
    audio_files.refuse_problems(
        place, total, "utterance", faults=faults, broken=[*problems, *broken], skip_broken=skip_broken
    )
    if shortage:
        raise CorpusError(f"{place}: expected at least {shortage}: ask for less, or leave out the limit")
    utterances = (
        Utterance(one.example, one.path, found[1], found[0], one.listed)
        for one, found in drawn
        if isinstance(found, tuple)
    )
    return transcribed_corpus(
        place,
        spec,
        utterances,
        [*problems, *broken],
        skip_impossible=skip_impossible,
        units=alphabet.units,
    )


def _find(folder: Path, *, english: bool) -> tuple[list[_Spoken], list[str], list[str]]:
    """Utterances by id; problems, which concern single ones and can be skipped; faults, which have to be mended."""
    recordings: defaultdict[Path, list[Path]] = defaultdict(list)
    transcripts = []
    for file in files_below(folder):
        if file.name.endswith(_TRANSCRIPTS):
            transcripts.append(file)
        elif is_audio(file):
            recordings[file.with_suffix("")].append(file)
    spoken: dict[str, _Spoken] = {}
    problems, faults = [], []
    for transcript in transcripts:
        speaker = transcript.name.removesuffix(_TRANSCRIPTS).rpartition("-")[0]
        if not speaker:
            faults.append(f"{_shown(transcript, folder)}: must be named SPEAKER-CHAPTER{_TRANSCRIPTS}: rename it")
        for listed, found in _lines(transcript, folder, english=english):
            if isinstance(found, str):
                faults.append(f"{listed}: {found}")
                continue
            key, text = found
            files = recordings.pop(transcript.with_name(key), [])
            if key in spoken:
                faults.append(f"{listed}: {printable(key)} is an id of {spoken[key].listed} too: keep one of them")
            elif len(files) > 1:
                names = " and ".join(printable(file.name) for file in files)
                faults.append(f"{listed}: expected one recording of {printable(key)}, got {names}: keep one of them")
            elif not files:
                problems.append(
                    f"{listed}: expected {printable(key)}.flac or .wav beside the transcript, got none: copy it again "
                    "from its source, or remove the line"
                )
            else:
                stored = storable(key)
                example = Example(key=stored, target=text, recording=stored, speaker=storable(speaker))
                spoken[key] = _Spoken(example=example, path=files[0], listed=listed)
    problems += [
        f"{_shown(file, folder)}: expected its transcript in SPEAKER-CHAPTER{_TRANSCRIPTS} beside it, got none: add "
        f"the line, as in {_LINE_FORM}, or remove the recording"
        for files in recordings.values()
        for file in files
    ]
    ordered, misplaced = _divided([spoken[key] for key in sorted(spoken)], folder)
    return ordered, problems, [*faults, *misplaced]


def _lines(transcript: Path, folder: Path, *, english: bool) -> Iterator[tuple[str, tuple[str, str] | str]]:
    """Where each line is, with id and transcript, or with what is wrong."""
    shown, prefix = _shown(transcript, folder), f"{transcript.name.removesuffix(_TRANSCRIPTS)}-"
    try:
        lines = transcript.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        yield shown, f"must be UTF-8, got byte {error.start} that is not: save it as UTF-8"
        return
    except OSError as error:
        yield shown, f"cannot be read ({error.strerror}): check its permissions"
        return
    for number, line in enumerate(lines, start=1):
        listed, parts = f"{shown}:{number}", _LINE.fullmatch(line.strip())
        if not line.strip():
            continue
        if parts is None or not parts[1].startswith(prefix) or "/" in parts[1]:
            expected = f"an id that begins with {printable(prefix)} and what is said, as in {_LINE_FORM}"
            yield listed, f"expected {expected}, got {printable(line.strip()[:60])!r}: correct it"
            continue
        text = parts[2].lower() if english else composed(parts[2].lower())
        try:
            if english:
                encode(text)
        except AlphabetError as error:
            yield listed, str(error)
        else:
            yield listed, (parts[1], text)


def _divided(spoken: Sequence[_Spoken], folder: Path) -> tuple[list[_Spoken], list[str]]:
    """The utterances with the partitions that their subsets fix, and a fault for each outside of all subsets.

    One kind of subset alone fixes nothing, and dev-* only validates where there is train-* to train on.
    """
    kinds = [_kind(one.path, folder) for one in spoken]
    there = {kind for kind in kinds if kind}
    if len(there) < 2:
        return list(spoken), []
    fixed = {kind: _SIDES[kind] for kind in there if kind == "test" or {"train", "dev"} <= there}
    divided = [
        replace(one, example=replace(one.example, partition=fixed.get(kind or "")))
        for one, kind in zip(spoken, kinds, strict=True)
    ]
    return divided, [
        f"{one.listed}: expected it in a folder train-*, dev-* or test-* like the others: move or remove it"
        for one, kind in zip(spoken, kinds, strict=True)
        if kind is None
    ]


def _kind(path: Path, folder: Path) -> str | None:
    """train, dev or test, as the outermost folder of a subset says."""
    matches = map(SUBSET.fullmatch, path.relative_to(folder).parts[:-1])
    return next((match[1] for match in matches if match), None)


def _drawn(spoken: Sequence[_Spoken], spec: LibriSpeech) -> tuple[list[tuple[_Spoken, _Examined]], str | None]:
    """What the limit lets in, examined; and where there is too little for it, what was wanted and what there is."""
    seconds_wanted = math.inf if spec.hours is None else 3600 * spec.hours
    order = np.random.default_rng(spec.seed).permutation(len(spoken))[: spec.utterances].tolist()
    drawn: list[tuple[_Spoken, _Examined]] = []
    seconds = 0.0
    for start in range(0, len(order), _AT_ONCE):
        chosen = [spoken[index] for index in order[start : start + _AT_ONCE]]
        for one, found in zip(chosen, audio_files.examine_all([one.path for one in chosen]), strict=True):
            drawn.append((one, found))
            seconds += 0.0 if isinstance(found, BrokenAudioError) else found[0]
            if seconds >= seconds_wanted:
                return drawn, None
    if spec.utterances is not None and len(order) < spec.utterances:
        return drawn, f"{spec.utterances} utterances, got {len(order)}"
    if spec.hours is not None:
        return drawn, f"{spec.hours:g} hours, got {seconds / 3600:.3g}"
    return drawn, None


def _shown(file: Path, folder: Path) -> str:
    return printable(file.relative_to(folder).as_posix())
