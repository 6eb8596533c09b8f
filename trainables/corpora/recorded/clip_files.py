"""Labelled clips cut from audio files: what every layout of such a dataset has in common.

A layout (`esc`, `gtzan`, `speech_commands`, `spoken_digits`, `class_folders`) says which recordings there are and what
each is; here they are examined, cut and counted.
"""

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from soundproof.search_spaces.specs import Cut, LabelledClips, Partition, TaggedClips, ValuedClips
from soundproof.search_spaces.specs.clips import ALL_OF_IT, ClipDataset
from soundproof.trainables.corpora.audio.broken import BrokenAudioError
from soundproof.trainables.corpora.clip_places import clip_count, even_starts, starts
from soundproof.trainables.corpora.corpus import Example, Remark, Waveform
from soundproof.trainables.corpora.recorded.audio_files import (
    examine_all,
    read_mono,
    refuse_problems,
    resampled,
    short_digest,
)
from soundproof.trainables.corpora.recorded.folder_listing import printable, storable
from soundproof.trainables.corpora.recorded.identical import Copy, Targets, identical_remarks, joined_groups
from soundproof.trainables.corpora.recorded.tables.parts import Part

LEAST_RECORDINGS = 3
"""Recordings that a class needs: one to train on, one to validate on, one to test on."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Recording:
    """A file of a layout and what the layout says of it.

    `name` is its path relative to the folder of the corpus, with slashes. `group` says what it was cut from, where that
    is more than the file. `listed` names file and line of a list that asks for it. `drawn`: clips are drawn from
    it, and nobody means to hear all of it, as from a noise of minutes. `labels` are those of a recording that may
    have several, which `label` then has as one text, as it has the `value` of one with a number.
    """

    name: str
    label: str
    group: str | None = None
    speaker: str | None = None
    fold: int | None = None
    partition: Partition | None = None
    listed: str | None = None
    drawn: bool = False
    labels: tuple[str, ...] = ()
    value: float | None = None
    part: Part | None = None

    @property
    def key(self) -> str:
        """Its name, and the part where it is one."""
        return self.name + (self.part.suffix if self.part else "")

    @property
    def shown(self) -> str:
        """What messages call it."""
        name = printable(self.name)
        return f"{self.listed}: {name}" if self.listed else name


@dataclass(frozen=True, kw_only=True, slots=True)
class Findings:
    """What a layout holds. A problem is a sentence that begins with the name of the file that it is about.

    `problems` concern single recordings, which can be left out; `faults` have to be mended.
    """

    recordings: Sequence[Recording]
    problems: Sequence[str] = ()
    faults: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where the audio of an example is: a file, relative to the corpus, a start in it, and a factor of loudness.

    The start is one in the `part` of the file that is meant, where that is not all of it.

    Where the loudest places are heard, `number` says which of them, in the order of time: it takes the audio to tell.
    """

    name: str
    start_seconds: float = 0.0
    gain: float = 1.0
    number: int | None = None
    part: Part | None = None

    @property
    def key(self) -> str:
        """That of its recording."""
        return self.name + (self.part.suffix if self.part else "")


Piece = tuple[Example, Place]
Cutter = Callable[[Cut, Recording, float], Iterable[Piece]]
"""Cuts a recording of so many seconds. Raises `BrokenAudioError` where that is impossible."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelledClipsCorpus:
    """Clips and where each lies. Holds no audio: recordings are read when a clip is asked for.

    `durations` are the seconds of each recording that is meant to be heard, by key. `parts` has the file and the part
    of those that are part of one.
    """

    spec: LabelledClips | TaggedClips | ValuedClips
    folder: Path
    examples: tuple[Example, ...]
    places: tuple[Place, ...]
    skipped: tuple[str, ...]
    durations: Mapping[str, float] = field(default_factory=dict)
    remarks: tuple[Remark, ...] = ()
    parts: Mapping[str, tuple[str, Part]] = field(default_factory=dict)

    def read(self, key: str) -> tuple[Waveform, int]:
        """Samples (time,) of the recording of that key, and their rate in Hz. Raises `CorpusError`."""
        name, part = self.parts.get(key, (key, None))
        mono, rate = read_mono(self.folder / name)
        return (mono if part is None else part.of(mono, rate)), rate

    def waveforms(self, indices: Sequence[int], sample_rate_hz: int) -> Iterator[Waveform]:
        """Mono audio of the clips at `indices`, each of shape `(round(cut.seconds * sample_rate_hz),)`, in -1..1.

        With clips of their own lengths that is the most. A recording is read once for clips of it that follow each
        other. Raises `CorpusError`.
        """
        cut = self.spec.cut
        samples = round(cut.seconds * sample_rate_hz)
        read, now, recording, loudest = None, None, np.zeros(0, dtype=np.float32), [0.0]
        whole, rate = recording, sample_rate_hz
        for index in indices:
            place = self.places[index]
            if place.name != read:
                (whole, rate), read = read_mono(self.folder / place.name), place.name
            if (place.name, place.part) != now:
                mono = whole if place.part is None else place.part.of(whole, rate)
                if place.number is not None:  # at the recording's own rate: the same place for features of any
                    loudest = starts(cut, mono, rate)
                now, recording = (place.name, place.part), resampled(mono, rate, sample_rate_hz)
            chosen = place.start_seconds if place.number is None else loudest[min(place.number, len(loudest) - 1)]
            start = round(chosen * sample_rate_hz)
            part = recording[start : start + samples] * np.float32(place.gain)
            yield part if cut.place == "own-length" else np.pad(part, (0, samples - len(part)))

    def clip_seconds(self) -> list[float]:
        """How long each clip is."""
        seconds = self.spec.cut.seconds
        if self.spec.cut.place != "own-length":
            return [seconds] * len(self.places)
        return [self.durations.get(place.key, seconds) for place in self.places]


def open_clips(
    dataset: ClipDataset | None,
    folder: Path,
    cut: Cut,
    findings: Findings,
    *,
    skip_broken: bool,
    cutter: Cutter | None = None,
) -> LabelledClipsCorpus:
    """The clips that `cutter` (default: `pieces`) cuts from the recordings found in `folder`.

    Without a `dataset` every recording has `labels`, any number of them, or every one a `value`.

    Raises `CorpusError` naming all that is wrong: faults, recordings that cannot be used (unless `skip_broken`, which
    leaves them out), classes with fewer than `LEAST_RECORDINGS`, fewer than two classes or values.
    """
    cut_up = cutter or pieces
    usable: list[tuple[Recording, str]] = []
    clips: list[Piece] = []
    broken = list(findings.problems)
    examined = examine_all([folder / recording.name for recording in findings.recordings])
    copies = _copies(findings.recordings, examined)
    targets: Targets = "values" if any(one.value is not None for one in findings.recordings) else "classes"
    found = _joined(findings.recordings, joined_groups(copies, targets))
    durations = _durations(found, examined)
    if cut.place in ALL_OF_IT and durations:
        cut = replace(cut, seconds=math.ceil(max(durations.values()) * 1000) / 1000)
    for recording, seen in zip(found, examined, strict=True):
        try:
            if isinstance(seen, BrokenAudioError):
                raise seen
            seconds, digest = seen
            seconds = recording.part.seconds if recording.part else seconds
            clips += cut_up(cut, recording, seconds)
            usable.append((recording, digest))
        except BrokenAudioError as error:
            broken.append(f"{recording.shown}: {error.reason}")
    broken = list(dict.fromkeys(broken))
    counting = [recording for recording, _ in usable] if skip_broken else found
    check = _value_faults if targets == "values" else _class_faults
    faults = [*findings.faults, *check(found, counting)]
    total = len(found) + len(findings.problems)
    refuse_problems(printable(str(folder)), total, "recording", faults=faults, broken=broken, skip_broken=skip_broken)
    return LabelledClipsCorpus(
        spec=_spec(dataset, cut, [example for example, _ in clips], _content(usable)),
        folder=folder,
        examples=tuple(example for example, _ in clips),
        places=tuple(place for _, place in clips),
        skipped=tuple(broken),
        durations=durations,
        remarks=tuple(identical_remarks(copies, targets)),
        parts={one.key: (one.name, one.part) for one, _ in usable if one.part},
    )


def _spec(
    dataset: ClipDataset | None, cut: Cut, examples: Sequence[Example], content: str
) -> LabelledClips | TaggedClips | ValuedClips:
    if any(example.value is not None for example in examples):
        return ValuedClips(cut=cut, content=content)
    classes = tuple(sorted({label for example in examples for label in example.labels or (example.target,)}))
    if dataset is None:
        return TaggedClips(cut=cut, classes=classes, content=content)
    return LabelledClips(dataset=dataset, cut=cut, classes=classes, content=content)


def _copies(found: Sequence[Recording], examined: Sequence[tuple[float, str] | BrokenAudioError]) -> list[Copy]:
    """The recordings that can be read, as far as their copies go; what clips are drawn from is heard many times."""
    return [
        Copy(
            name=recording.key,
            target=recording.label,
            speaker=recording.speaker,
            group=recording.group or recording.name,
            digest=seen[1] + (recording.part.suffix if recording.part else ""),
        )
        for recording, seen in zip(found, examined, strict=True)
        if not recording.drawn and not isinstance(seen, BrokenAudioError)
    ]


def _joined(found: Sequence[Recording], groups: Mapping[str, str]) -> list[Recording]:
    """The recordings, those of `groups` in the groups that these are joined with."""
    return [
        replace(recording, group=groups[group]) if (group := recording.group or recording.name) in groups else recording
        for recording in found
    ]


def _durations(
    found: Sequence[Recording], examined: Sequence[tuple[float, str] | BrokenAudioError]
) -> dict[str, float]:
    """Seconds by key, of the recordings that can be read and are meant to be heard."""
    return {
        recording.key: recording.part.seconds if recording.part else seen[0]
        for recording, seen in zip(found, examined, strict=True)
        if not recording.drawn and not isinstance(seen, BrokenAudioError)
    }


def pieces(cut: Cut, recording: Recording, seconds: float) -> Iterator[Piece]:
    """The clips of a recording that takes so many `seconds`: at least one, at most `cut.per_recording`."""
    begin = even_starts(cut, seconds)
    for number in range(clip_count(cut, seconds)):
        suffix = f"#{number}" if cut.per_recording > 1 else ""
        place = Place(name=recording.name, start_seconds=begin[number], part=recording.part)
        if cut.place == "loudest":
            place = Place(name=recording.name, number=number, part=recording.part)
        yield example_of(recording, f"{recording.key}{suffix}"), place


def example_of(recording: Recording, key: str) -> Example:
    """The example called `key`, with all that is known of its recording."""
    return Example(
        key=storable(key),
        target=storable(recording.label),
        recording=storable(recording.group or recording.name),
        speaker=storable(recording.speaker) if recording.speaker else None,
        fold=recording.fold,
        partition=recording.partition,
        labels=tuple(map(storable, recording.labels)),
        value=recording.value,
    )


def _class_faults(found: Sequence[Recording], counted: Sequence[Recording]) -> Iterator[str]:
    """What is wrong with the classes `found`, seen from the recordings that count."""
    groups: dict[str, set[str]] = {
        label: set() for recording in found for label in recording.labels or (recording.label,)
    }
    for recording in counted:
        for label in recording.labels or (recording.label,):
            groups[label].add(recording.group or recording.name)
    if len(groups) < 2:
        names = ", ".join(printable(label) for label in groups) or "none"
        yield f"expected at least two classes, got {names}: give the folder that holds all of them"
    for label, members in sorted(groups.items()):
        if len(members) < LEAST_RECORDINGS:
            files = sum(label in (recording.labels or (recording.label,)) for recording in counted)
            once = " (pieces of one recording, and copies, count once)" if files > len(members) else ""
            yield (
                f"class {printable(label)}: expected at least {LEAST_RECORDINGS} recordings, one to train on, one to "
                f"validate on and one to test on, got {len(members)}{once}: add recordings or remove the class"
            )


def _value_faults(found: Sequence[Recording], counted: Sequence[Recording]) -> Iterator[str]:
    """What is wrong with the values, seen from the recordings that count."""
    if found and len({recording.value for recording in found}) < 2:
        yield f"expected at least two different values, got {found[0].value:g} alone: there is nothing to predict"
    groups = {recording.group or recording.name for recording in counted}
    if len(groups) < LEAST_RECORDINGS:
        yield (
            f"expected at least {LEAST_RECORDINGS} recordings with a value, one to train on, one to validate on and "
            f"one to test on, got {len(groups)}: add recordings"
        )


def _content(usable: Sequence[tuple[Recording, str]]) -> str:
    """A hash of names, labels and bytes. It depends neither on where the corpus lies nor on the order of `usable`."""
    rows = sorted(json.dumps([r.key, r.label, r.group, r.speaker, r.fold, r.partition, digest]) for r, digest in usable)
    return short_digest("\n".join(rows))
