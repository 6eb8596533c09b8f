"""Speech Commands as the keyword task of twelve classes: ten words, any other word, nobody speaking.

Source: P. Warden, Speech commands: a dataset for limited-vocabulary speech recognition, 2018, arXiv:1804.03209.
"""

import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import get_args

import numpy as np

from soundproof.search_spaces.specs import Cut, Partition
from soundproof.search_spaces.specs.clips import KEYWORDS
from soundproof.trainables.corpora.audio.broken import BrokenAudioError
from soundproof.trainables.corpora.corpus import CorpusError
from soundproof.trainables.corpora.recorded import clip_files as clips
from soundproof.trainables.corpora.recorded.folder_listing import audio_files, printable, require_folder, subfolders

UNKNOWN, SILENCE = "unknown", "silence"

_LISTS: dict[str, Partition] = {"validation_list.txt": "validation", "testing_list.txt": "test"}
_NOISE = "_background_noise_"
_PLACES = ("SpeechCommands/speech_commands_v0.02", "speech_commands_v0.02")
_EXPECTED = f"Speech Commands, a folder for each word beside {' and '.join(_LISTS)}"
_NAME = re.compile(r"(.+)_nohash_[0-9]+\.wav")

_HELD_OUT_PART = 0.1
"""Of a noise, what belongs to the validation alone, and as much again in the test alone."""

_GUARD_SECONDS = 0.01
"""Between the sections of two partitions: more than rounding and the filters of resampling reach across."""


def open_speech_commands(path: Path, cut: Cut, *, skip_broken: bool = False) -> clips.LabelledClipsCorpus:
    """The clips of the keyword task, with the partitions of the dataset's lists. A word that is not there is no class.

    `unknown` and `silence` are as large in each partition as a keyword on average: the same other words are drawn
    every time, and the same places of the background noise, which is divided in time among the partitions.
    Raises `CorpusError` naming every line and file that cannot be used.
    """
    folder = require_folder(path, _EXPECTED)
    folder = next((folder / place for place in _PLACES if (folder / place).is_dir()), folder)
    findings, shares = _find(folder)

    def cut_up(cut: Cut, recording: clips.Recording, seconds: float) -> Iterator[clips.Piece]:
        if recording in shares:
            return cut_noise(folder / recording.name, cut, recording, seconds, shares[recording])
        return clips.pieces(cut, recording, seconds)

    return clips.open_clips("speech-commands", folder, cut, findings, skip_broken=skip_broken, cutter=cut_up)


def _find(folder: Path) -> tuple[clips.Findings, dict[clips.Recording, int]]:
    """Keywords, a sample of the other words, and the noises, once for each partition, with their numbers of clips."""
    listed, faults = _read_lists(folder)
    spoken, problems = _spoken(folder, listed)
    there = {recording.name for recording in spoken}
    words = {recording.label for recording in spoken}
    problems += [
        f"{line}: {printable(name)}: does not exist: copy it again from its source, or remove the line"
        for name, (line, _) in listed.items()
        if name not in there
        and name.split("/")[0] in words
        and not os.path.exists(folder / name)  # a name too long to exist raises nothing here
    ]
    keywords = [recording for recording in spoken if recording.label in KEYWORDS]
    wanted = _mean_sizes(keywords)
    lists, words_wanted = ", ".join(_LISTS), ", ".join(KEYWORDS)
    if not wanted:
        faults.append(f"expected {_EXPECTED}, got no recording of {words_wanted}: give the folder of the words")
    faults += [
        f"expected recordings of keywords for {part}, got none: correct {lists}"
        for part in get_args(Partition)
        if wanted and part not in wanted
    ]
    noise = [f"{_NOISE}/{file.name}" for file in audio_files(folder / _NOISE)] if (folder / _NOISE).is_dir() else []
    shares = noise_shares(noise, wanted)
    others = [recording for recording in spoken if recording.label not in KEYWORDS]
    recordings = [*keywords, *_sample(others, wanted), *shares]
    return clips.Findings(recordings=recordings, problems=problems, faults=faults), shares


def _read_lists(folder: Path) -> tuple[dict[str, tuple[str, Partition]], list[str]]:
    """Which line puts a recording into which partition, by the recording's name; and what is wrong with the lists."""
    listed: dict[str, tuple[str, Partition]] = {}
    faults = []
    for list_name, partition in _LISTS.items():
        try:
            lines = (folder / list_name).read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            raise CorpusError(f"{folder / list_name}: must be UTF-8, and is not: save it as UTF-8") from None
        except OSError as error:
            raise CorpusError(
                f"{folder / list_name}: cannot be read ({error.strerror}): expected {_EXPECTED}: give their folder"
            ) from error
        for number, line in enumerate(lines, start=1):
            name, place = line.strip(), f"{list_name}:{number}"
            if name in listed and listed[name][1] != partition:
                faults.append(f"{place}: {printable(name)} is listed in {listed[name][0]} too: remove one of the lines")
            elif name:
                listed[name] = place, partition
    return listed, faults


def _spoken(folder: Path, listed: Mapping[str, tuple[str, Partition]]) -> tuple[list[clips.Recording], list[str]]:
    """Every recording of every word, and a problem for each file that is misnamed."""
    recordings, problems = [], []
    for word in (entry.name for entry in subfolders(folder) if not entry.name.startswith("_")):
        for file in audio_files(folder / word):
            name, speaker = f"{word}/{file.name}", _NAME.fullmatch(file.name)
            if speaker is None:
                problems.append(f"{printable(name)}: must be named SPEAKER_nohash_NUMBER.wav, as in 0a7c_nohash_0.wav")
                continue
            _, partition = listed.get(name, ("", "train"))
            recordings.append(clips.Recording(name=name, label=word, speaker=speaker[1], partition=partition))
    return recordings, problems


def _mean_sizes(keywords: Sequence[clips.Recording]) -> dict[Partition, int]:
    """How many recordings a keyword has on average, at least one, in each partition that has any."""
    words = {recording.label for recording in keywords}
    sizes = Counter(recording.partition for recording in keywords)
    return {part: max(1, round(sizes[part] / len(words))) for part in get_args(Partition) if sizes[part]}


def _sample(others: Sequence[clips.Recording], wanted: Mapping[Partition, int]) -> Iterator[clips.Recording]:
    """As many of the other words as are wanted in each partition, drawn by the hash of their names."""
    for partition, count in wanted.items():
        here = [recording for recording in others if recording.partition == partition]
        for drawn in sorted(here, key=_hash)[:count]:
            yield clips.Recording(name=drawn.name, label=UNKNOWN, speaker=drawn.speaker, partition=partition)


def _hash(recording: clips.Recording) -> bytes:
    return hashlib.sha256(recording.name.encode("utf-8", "surrogateescape")).digest()


def noise_shares(names: Sequence[str], wanted: Mapping[Partition, int]) -> dict[clips.Recording, int]:
    """Each noise once for each partition, and how many clips to cut from it: together those that are wanted."""
    return {
        clips.Recording(name=name, label=SILENCE, group=f"{name}:{partition}", partition=partition, drawn=True): share
        for partition, count in wanted.items()
        for number, name in enumerate(names)
        if (share := count * (number + 1) // len(names) - count * number // len(names))
    }


def cut_noise(path: Path, cut: Cut, noise: clips.Recording, seconds: float, share: int) -> Iterator[clips.Piece]:
    """`share` clips of a partition's section of a noise, at places and with gains that the noise's name decides.

    Raises `BrokenAudioError` for the file at `path` where its `seconds` are too few for three sections.
    """
    start, stop = _section(path, cut.seconds, noise.partition, seconds)
    generator = np.random.default_rng(int.from_bytes(hashlib.sha256(ascii(noise.group).encode()).digest()[:8], "big"))
    places = np.sort(generator.uniform(start, stop - cut.seconds, size=share))
    for number, (place, gain) in enumerate(zip(places.tolist(), generator.uniform(size=share).tolist(), strict=True)):
        yield (
            clips.example_of(noise, f"{noise.group}#{number}"),
            clips.Place(name=noise.name, start_seconds=place, gain=gain),
        )


def _section(path: Path, clip_seconds: float, partition: Partition | None, seconds: float) -> tuple[float, float]:
    """Where the section of `partition` starts and stops: the test has the end, the validation what is before it."""
    least = clip_seconds + 2 * _GUARD_SECONDS
    if seconds < 3 * least:
        raise BrokenAudioError(
            path,
            f"noise must last at least {3 * least:.2f} s to be divided among training, validation and test, "
            f"got {seconds:.2f} s: give a longer one or remove it",
        )
    held_out = max(_HELD_OUT_PART * seconds, least)
    start, stop = {
        "test": (seconds - held_out, seconds),
        "validation": (seconds - 2 * held_out, seconds - held_out),
    }.get(partition or "train", (0.0, seconds - 2 * held_out))
    return start + _GUARD_SECONDS, stop - _GUARD_SECONDS
