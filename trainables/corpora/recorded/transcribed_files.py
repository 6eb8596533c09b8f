"""Utterances that are a file each: what manifests and LibriSpeech's layout have in common."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from soundproof.search_spaces.specs import LibriSpeech, ManifestSpeech
from soundproof.trainables.corpora.corpus import CorpusError, Example, Remark, Waveform
from soundproof.trainables.corpora.recorded import audio_files
from soundproof.trainables.corpora.recorded.identical import Copy, identical_remarks, joined_groups
from soundproof.trainables.corpora.recorded.impossible import Spoken, impossible_remarks


class Utterance(NamedTuple):
    """An example, its whole file, the hash of that file's bytes, its seconds, and file and line that list it."""

    example: Example
    path: Path
    digest: str
    seconds: float
    listed: str

    @property
    def spoken(self) -> Spoken:
        """As far as its length goes."""
        return Spoken(listed=self.listed, text=self.example.target, seconds=self.seconds)


@dataclass(frozen=True, kw_only=True, slots=True)
class TranscribedCorpus:
    """Utterances in the order of their keys, and the file of each."""

    spec: ManifestSpeech | LibriSpeech
    examples: tuple[Example, ...]
    paths: tuple[Path, ...]
    skipped: tuple[str, ...]
    remarks: tuple[Remark, ...] = ()

    def waveforms(self, indices: Sequence[int], sample_rate_hz: int) -> Iterator[Waveform]:
        """Mono audio of the utterances at `indices`, each of shape `(time,)`, in -1..1. Raises `CorpusError`."""
        for index in indices:
            yield audio_files.read_waveform(self.paths[index], sample_rate_hz)


def transcribed_corpus(
    place: str,
    spec: ManifestSpeech | LibriSpeech,
    utterances: Iterable[Utterance],
    skipped: Sequence[str],
    *,
    skip_impossible: bool = False,
) -> TranscribedCorpus:
    """The corpus of the utterances found at `place`.

    `spec.content` becomes a hash of keys, transcripts, speakers, partitions and audio bytes. With `skip_impossible`,
    utterances with too little sound for their transcript are left out. Raises `CorpusError` where nothing is usable,
    and where `spec.content` names other recordings.
    """
    ordered = sorted(utterances, key=lambda utterance: utterance.example.key)
    impossible = [one for one in ordered if one.spoken.impossible]
    lengths = impossible_remarks([one.spoken for one in impossible], len(ordered), left_out=skip_impossible)
    left_out = [one.spoken.shown for one in impossible] if skip_impossible else []
    if left_out:
        ordered = [one for one in ordered if not one.spoken.impossible]
    if not ordered:
        listed = audio_files.enumerate_problems([*skipped, *left_out])
        raise CorpusError(f"{place}: expected usable recordings, got none:\n{listed}")
    copies = [
        Copy(name=one.key, target=one.target, speaker=one.speaker, group=one.recording, digest=digest)
        for one, _, digest, *_ in ordered
    ]
    joined = joined_groups(copies, classes=False)
    rows = [
        [
            one.key,
            one.target,
            one.speaker,
            one.partition,
            digest,
            *([joined[one.recording]] if one.recording in joined else []),
        ]
        for one, _, digest, *_ in ordered
    ]
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
        skipped=tuple(skipped),
        remarks=(*lengths, *identical_remarks(copies, classes=False)),
    )
