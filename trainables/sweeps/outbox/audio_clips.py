"""What was said, beside what was understood: a few utterances as audio in the record of a trial that transcribes."""

import json
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import soundfile

from soundproof.common import record
from soundproof.trainables.corpora.corpus import Corpus, CorpusError
from soundproof.trainables.sweeps.outbox.results import TrialResult

CLIPS = 12
"""As many transcripts as a report compares."""
LARGEST_BYTES = 250_000
"""Of one clip: more is too much for a page."""
SEED = 0
"""The trials of one seed suffice: all variants of a study have it."""


def add_audio(corpus: Corpus, trial_result: TrialResult) -> None:
    """Put the first validation utterances into the result of a trial that transcribes, as FLAC by their keys.

    A recording that has become unreadable is left out: the trial has its numbers without it.
    """
    table = trial_result.artifacts / record.PREDICTIONS_ARTIFACT
    if trial_result.trial.task != "transcription" or trial_result.trial.seed != SEED or not table.exists():
        return
    rows = json.loads(table.read_text(encoding="utf-8"))["validation"][:CLIPS]
    rate = trial_result.trial.features.sample_rate_hz
    places = {example.key: index for index, example in enumerate(corpus.examples)}
    for key in (row["key"] for row in rows if row["key"] in places):
        with suppress(CorpusError):
            (waveform,) = corpus.waveforms([places[key]], rate)
            _write(trial_result.artifacts / record.AUDIO_ARTIFACTS, key, waveform, rate)


def _write(folder: Path, key: str, waveform: object, rate: int) -> None:
    """Where there is room on the disk; the trial is recorded without its audio where there is none."""
    path = folder / f"{key}.flac"
    if not path.resolve().is_relative_to(folder.resolve()):
        return  # the key is the path of a recording, which may lie anywhere
    file = BytesIO()
    soundfile.write(file, waveform, rate, format="FLAC", subtype="PCM_16")
    if len(file.getvalue()) > LARGEST_BYTES:
        return
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            path.write_bytes(file.getvalue())
        except OSError:
            path.unlink(missing_ok=True)
            raise
