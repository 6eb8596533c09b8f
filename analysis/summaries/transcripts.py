"""The same utterances as the best and the worst variant transcribed them: what the numbers sound like."""

import difflib
from dataclasses import dataclass

from soundproof.analysis.records.artifacts import Artifacts, audio_clips, load_predictions
from soundproof.analysis.records.predictions import Transcribed
from soundproof.analysis.records.trials import RecordsError, Results
from soundproof.analysis.summaries.study import StudySummary

UTTERANCES = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class Hypothesis:
    """What one variant transcribed, in pieces: (text, whether it departs from the reference)."""

    pieces: tuple[tuple[str, bool], ...]
    cer: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Utterance:
    """A reference, the hypothesis of each compared variant, and the audio as an address where it was kept."""

    reference: str
    audio: str | None
    hypotheses: tuple[Hypothesis, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Transcripts:
    """Utterances of the validation part; `labels` name the compared variants, best first."""

    labels: tuple[str, ...]
    seed: int
    utterances: tuple[Utterance, ...]


def compare_transcripts(summary: StudySummary, records: Results) -> Transcripts | None:
    """A dozen utterances of the best and the worst variant on their first common seed; None where none are kept."""
    if summary.study.task != "transcription":
        return None
    ends = summary.measured_variants[:1] + summary.measured_variants[1:][-1:]
    common = set.intersection(*(set(variant.values) for variant in ends)) if ends else set()
    if not common:
        return None
    seed = min(common)
    trials = [next(trial for trial in records.comparable(variant.id) if trial.seed == seed) for variant in ends]
    artifacts = Artifacts(records)
    try:
        everything = [load_predictions(artifacts, trial).validation for trial in trials]
    except RecordsError:
        return None
    by_key = [{clip.key: clip for clip in predictions if isinstance(clip, Transcribed)} for predictions in everything]
    keys = [key for key in by_key[0] if all(key in of_variant for of_variant in by_key)][:UTTERANCES]
    clips = audio_clips(artifacts, trials, keys)
    utterances = tuple(_utterance([of_variant[key] for of_variant in by_key], clips.get(key)) for key in keys)
    if not utterances:
        return None
    return Transcripts(labels=tuple(variant.label for variant in ends), seed=seed, utterances=utterances)


def _utterance(predictions: list[Transcribed], audio: str | None) -> Utterance:
    return Utterance(
        reference=predictions[0].reference,
        audio=audio,
        hypotheses=tuple(
            Hypothesis(pieces=departures(prediction.reference, prediction.hypothesis), cer=prediction.cer)
            for prediction in predictions
        ),
    )


def departures(reference: str, hypothesis: str) -> tuple[tuple[str, bool], ...]:
    """The hypothesis in pieces of words, each marked when the reference does not have it there."""
    expected, found = reference.split(), hypothesis.split()
    changes = difflib.SequenceMatcher(None, expected, found, autojunk=False).get_opcodes()
    return tuple((" ".join(found[start:end]), tag != "equal") for tag, _, _, start, end in changes if end > start)
