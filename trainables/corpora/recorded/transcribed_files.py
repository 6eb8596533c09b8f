"""Utterances that are a file each: what manifests and LibriSpeech's layout have in common."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from soundproof.search_spaces.specs import LibriSpeech, ManifestSpeech
from soundproof.trainables.corpora.corpus import CorpusError, Example, Remark, Waveform
from soundproof.trainables.corpora.recorded import audio_files
from soundproof.trainables.corpora.recorded.tables.parts import Part


class Utterance(NamedTuple):
    """An example, its whole file, the hash of that file's bytes, and which part of it is heard; None for all."""

    example: Example
    path: Path
    digest: str
    part: Part | None = None


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
) -> TranscribedCorpus:
    """The corpus of the utterances found at `place`.

    `spec.content` becomes a hash of keys, transcripts, speakers, partitions and audio bytes. Raises `CorpusError` where
    nothing is usable, and where `spec.content` names other recordings.
    """
    ordered = sorted(utterances, key=lambda utterance: utterance.example.key)
    if not ordered:
        listed = audio_files.enumerate_problems(skipped)
        raise CorpusError(f"{place}: expected usable recordings, got none:\n{listed}")
    grouped = isinstance(spec, ManifestSpeech)
    rows = [_row(one, digest, grouped=grouped) for one, _, digest, _ in ordered]
    content = audio_files.short_digest(json.dumps(rows))
    if spec.content not in ("", content):
        raise CorpusError(
            f"{place}: expected the recordings with content {spec.content}, got {content}: "
            "give the place that the spec was made from"
        )
    return TranscribedCorpus(
        spec=replace(spec, content=content),
        examples=tuple(utterance.example for utterance in ordered),
        paths=tuple(utterance.path for utterance in ordered),
        parts=tuple(utterance.part for utterance in ordered),
        skipped=tuple(skipped),
        remarks=remarks,
    )


def _row(one: Example, digest: str, *, grouped: bool) -> list[str | int | None]:
    """What the content is made of; fold and group are part of it where there are any."""
    row: list[str | int | None] = [one.key, one.target, one.speaker, one.partition, digest]
    file = one.key.partition("#")[0]
    if grouped and (one.fold is not None or one.recording not in (one.key, file)):
        row += [one.fold, one.recording]
    return row
