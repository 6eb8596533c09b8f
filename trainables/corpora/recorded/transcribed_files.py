"""Utterances that are a file each: what manifests and LibriSpeech's layout have in common."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from soundproof.search_spaces.alphabet import speller_of
from soundproof.search_spaces.arithmetic import frames_needed
from soundproof.search_spaces.specs import LibriSpeech, ManifestSpeech
from soundproof.trainables.corpora.byte_pairs import learn_units
from soundproof.trainables.corpora.corpus import CorpusError, Example, Remark, Waveform
from soundproof.trainables.corpora.recorded import audio_files
from soundproof.trainables.corpora.recorded.identical import Copy, identical_remarks, joined_groups
from soundproof.trainables.corpora.recorded.impossible import Spoken, impossible_remarks
from soundproof.trainables.corpora.recorded.tables.parts import Part


class Utterance(NamedTuple):
    """An example, its file, the hash of that file's bytes, its seconds, file and line that list it, and its part.

    The part is None where all of the file is heard.
    """

    example: Example
    path: Path
    digest: str
    seconds: float
    listed: str
    part: Part | None = None

    def spoken(self, needed: int) -> Spoken:
        """As far as its length goes, where its transcript needs so many frames."""
        return Spoken(listed=self.listed, text=self.example.target, seconds=self.seconds, needed=needed)

    @property
    def copy(self) -> Copy:
        """As far as its copies go: a part of a file is no copy of another part."""
        one = self.example
        digest = self.digest + (self.part.suffix if self.part else "")
        return Copy(name=one.key, target=one.target, speaker=one.speaker, group=one.recording, digest=digest)


@dataclass(frozen=True, kw_only=True, slots=True)
class TranscribedCorpus:
    """Utterances in the order of their keys, the file of each, and the part of it that is heard; None for all."""

    spec: ManifestSpeech | LibriSpeech
    examples: tuple[Example, ...]
    paths: tuple[Path, ...]
    parts: tuple[Part | None, ...]
    skipped: tuple[str, ...]
    remarks: tuple[Remark, ...] = ()

    def waveforms(self, indices: Sequence[int], sample_rate_hz: int) -> Iterator[Waveform]:
        """Mono audio of the utterances at `indices`, each of shape `(time,)`, in -1..1. Raises `CorpusError`."""
        whole: tuple[Path, tuple[Waveform, int]] | None = None
        for index in indices:
            path, part = self.paths[index], self.parts[index]
            if part is None:
                yield audio_files.read_waveform(path, sample_rate_hz)
                continue
            if whole is None or whole[0] != path:  # parts of one file follow each other
                whole = path, audio_files.read_mono(path)
            mono, rate = whole[1]
            yield audio_files.resampled(part.of(mono, rate), rate, sample_rate_hz)


def transcribed_corpus(
    place: str,
    spec: ManifestSpeech | LibriSpeech,
    utterances: Iterable[Utterance],
    skipped: Sequence[str],
    remarks: tuple[Remark, ...] = (),
    *,
    skip_impossible: bool = False,
    units: int = 0,
) -> TranscribedCorpus:
    """The corpus of the utterances found at `place`.

    `spec.content` becomes a hash of keys, transcripts, speakers, partitions and audio bytes. With `skip_impossible`,
    utterances with too little sound for their transcript are left out; where they are spelled with byte-pair `units`,
    they are counted by those of all texts. Raises `CorpusError` where nothing is usable,
    and where `spec.content` names other recordings.
    """
    ordered = sorted(utterances, key=lambda utterance: utterance.example.key)
    needed = _frames_needed([one.example.target for one in ordered], units)
    spoken = [one.spoken(number) for one, number in zip(ordered, needed, strict=True)]
    impossible = [one for one in spoken if one.impossible]
    lengths = impossible_remarks(impossible, len(ordered), left_out=skip_impossible)
    left_out = [one.shown for one in impossible] if skip_impossible else []
    if left_out:
        ordered = [one for one, heard in zip(ordered, spoken, strict=True) if not heard.impossible]
    if not ordered:
        listed = audio_files.enumerate_problems([*skipped, *left_out])
        raise CorpusError(f"{place}: expected usable recordings, got none:\n{listed}")
    copies = [one.copy for one in ordered]
    joined = joined_groups(copies, "transcripts")
    grouped = isinstance(spec, ManifestSpeech)
    rows = [_row(one.example, one.digest, joined, grouped=grouped) for one in ordered]
    content = audio_files.short_digest(json.dumps(rows))
    if spec.content not in ("", content):
        raise CorpusError(
            f"{place}: expected the recordings with content {spec.content}, got {content}: "
            "give the place that the spec was made from"
        )
    return TranscribedCorpus(
        spec=replace(spec, content=content),
        examples=tuple(
            replace(one, recording=joined.get(one.recording, one.recording)) if one.speaker is None else one
            for one, *_ in ordered
        ),
        paths=tuple(utterance.path for utterance in ordered),
        parts=tuple(utterance.part for utterance in ordered),
        skipped=tuple(skipped),
        remarks=(*remarks, *lengths, *identical_remarks(copies, "transcripts")),
    )


def _frames_needed(texts: Sequence[str], units: int) -> list[int]:
    """The fewest frames for each text, by characters or by byte-pair units."""
    if not units or not texts:
        return [frames_needed(text) for text in texts]
    speller = speller_of(learn_units(texts, units))
    return [frames_needed(speller.encode(text)) for text in texts]


def _row(one: Example, digest: str, joined: Mapping[str, str], *, grouped: bool) -> list[str | int | None]:
    """What the content is made of; fold, group and copies are part of it where there are any."""
    row: list[str | int | None] = [one.key, one.target, one.speaker, one.partition, digest]
    file = one.key.partition("#")[0]
    if grouped and (one.fold is not None or one.recording not in (one.key, file)):
        row += [one.fold, one.recording]
    return row + ([joined[one.recording]] if one.recording in joined else [])
