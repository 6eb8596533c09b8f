"""The test clips that all trials of some variants have in common, and what each network made of each of them.

Only where every seed tests on the same clips are there two kinds of chance to tell apart. Where seeds draw or rotate
the test part, a new seed is new clips too.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from soundproof.analysis.notation.quantities import Quantity, quantity
from soundproof.analysis.records.predictions import Classified, ClipFacts, Prediction
from soundproof.analysis.records.trials import Results, TrialRecord
from soundproof.analysis.statistics.intervals import FloatArray, IntegerArray
from soundproof.analysis.statistics.matched_pairs import word_errors
from soundproof.common import record

MOST_SEEDS = 30
"""The seeds of a variant whose predictions are read, the first ones: a report has to be quick in a large study, too."""
LEAST_SEEDS = 5
MOST_TRIALS = 160
"""Of all variants: many of them share it out, down to the first `LEAST_SEEDS` seeds of each."""

Grouping = Literal["speaker", "recording", "clip"]
"""What a test split has several of, so that another one would have others: the coarsest that the record tells."""

NOTHING_KNOWN = ClipFacts()

Runs = Mapping[str, Mapping[int, Sequence[Prediction]]]
"""Test predictions by variant and seed."""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class FixedSplit:
    """The test split of some variants: clips, how they hang together, and the errors of each run.

    `sizes` (clips,) are what a clip has of things to get wrong: 1 where it has a class, else its words. `groups`
    (clips,) are numbers of groups, from 0. `errors` (clips,) and `answers` are by variant and seed.
    """

    measured: Quantity
    clips: tuple[Prediction, ...]
    sizes: FloatArray
    grouping: Grouping
    groups: IntegerArray
    errors: Mapping[str, Mapping[int, FloatArray]]
    answers: Mapping[str, Mapping[int, tuple[str, ...]]]

    @property
    def group_count(self) -> int:
        """How many groups there are."""
        return len(np.unique(self.groups))

    @property
    def alone(self) -> int:
        """The clips whose speaker or recording is not known, though others' are: each is a group of its own."""
        if self.grouping == "clip":
            return 0
        return sum(getattr(clip.facts, self.grouping) is None for clip in self.clips)

    def common_seeds(self, first: str, second: str) -> tuple[int, ...]:
        """The seeds that both variants have runs of, in order."""
        return tuple(sorted(self.errors.get(first, {}).keys() & self.errors.get(second, {}).keys()))

    def differences(self, first: str, second: str) -> FloatArray:
        """Errors that the first variant has less than the second, (common seeds, clips)."""
        seeds = self.common_seeds(first, second)
        return np.array([self.errors[second][seed] - self.errors[first][seed] for seed in seeds])


def load_fixed_split(records: Results, variants: Sequence[str]) -> FixedSplit | None:
    """The test split of the variants' trials; None where they have none in common, or have kept no predictions.

    Two trials of different seeds are read first: where their clips differ, as in a cross-validation, no other is read.
    """
    seeds = min(MOST_SEEDS, max(LEAST_SEEDS, MOST_TRIALS // max(1, len(variants))))
    trials = [trial for variant in variants for trial in records.comparable(variant)[:seeds]]
    by_seed = {trial.seed: trial for trial in trials if trial.seed is not None}
    if len(by_seed) < 2:
        return None
    ends = [by_seed[min(by_seed)], by_seed[max(by_seed)]]
    runs = _tested(records, ends)
    if _clips_in_common(runs) is None:
        return None
    others = [trial for trial in trials if trial.run_id not in {end.run_id for end in ends}]
    for variant, found in _tested(records, others).items():
        runs.setdefault(variant, {}).update(found)
    return fixed_split(runs)


def _tested(records: Results, trials: Sequence[TrialRecord]) -> dict[str, dict[int, Sequence[Prediction]]]:
    from soundproof.analysis.records.artifacts import load_all_predictions

    runs: dict[str, dict[int, Sequence[Prediction]]] = {}
    for trial, predictions in load_all_predictions(records, trials):
        assert trial.seed is not None
        runs.setdefault(trial.variant, {})[trial.seed] = predictions.test
    return runs


def fixed_split(runs: Runs) -> FixedSplit | None:
    """The test split that all `runs` have in common; None where there is none."""
    clips = _clips_in_common(runs)
    if clips is None:
        return None
    grouping, groups = group_clips(clips)
    spoken = not isinstance(clips[0], Classified)
    answers = {
        variant: {seed: _answers(predictions) for seed, predictions in of_variant.items()}
        for variant, of_variant in runs.items()
    }
    sizes = np.array([len(clip.reference.split()) if spoken else 1 for clip in clips], dtype=np.float64)
    if not sizes.any():
        return None
    return FixedSplit(
        measured=quantity(record.TEST_PREFIX + (record.WER if spoken else record.ACCURACY)),
        clips=clips,
        sizes=sizes,
        grouping=grouping,
        groups=groups,
        errors={
            variant: {seed: _errors(clips, given, spoken=spoken) for seed, given in of_variant.items()}
            for variant, of_variant in answers.items()
        },
        answers=answers,
    )


def group_clips(clips: Sequence[Prediction]) -> tuple[Grouping, IntegerArray]:
    """What the clips are grouped by, and the number of each clip's group.

    Speakers where any is known, else recordings of which several clips were cut, else nothing: each clip stands alone.
    A clip whose speaker or recording is not known is a group of its own.
    """
    speakers = [clip.facts.speaker for clip in clips]
    recordings = [clip.facts.recording for clip in clips]
    if any(speakers):
        return "speaker", numbered(speakers)
    if any(count > 1 for name, count in Counter(recordings).items() if name is not None):
        return "recording", numbered(recordings)
    return "clip", np.arange(len(clips))


def numbered(names: Sequence[str | None]) -> IntegerArray:
    """A number for each name, the same for the same name; what has none gets a number of its own."""
    numbers: dict[str | int, int] = {}
    unnamed = (place if name is None else name for place, name in enumerate(names))
    return np.array([numbers.setdefault(name, len(numbers)) for name in unnamed], dtype=np.int64)


def _clips_in_common(runs: Runs) -> tuple[Prediction, ...] | None:
    """The clips by key, from the run that knows most of them; None where runs were not asked about the same ones."""
    asked = [sorted(predictions, key=_key) for of_variant in runs.values() for predictions in of_variant.values()]
    if not asked or not asked[0] or len({_questions(predictions) for predictions in asked}) != 1:
        return None
    return tuple(max(asked, key=lambda predictions: sum(clip.facts != NOTHING_KNOWN for clip in predictions)))


def _questions(predictions: Sequence[Prediction]) -> tuple[tuple[str, str], ...]:
    return tuple((clip.key, clip.reference) for clip in predictions)


def _key(clip: Prediction) -> str:
    return clip.key


def _answers(predictions: Sequence[Prediction]) -> tuple[str, ...]:
    return tuple(clip.hypothesis for clip in sorted(predictions, key=_key))


def _errors(clips: Sequence[Prediction], answers: Sequence[str], *, spoken: bool) -> FloatArray:
    pairs = [(clip.reference, answer) for clip, answer in zip(clips, answers, strict=True)]
    if spoken:
        return np.array([word_errors(reference, answer) for reference, answer in pairs], dtype=np.float64)
    return np.array([reference != answer for reference, answer in pairs], dtype=np.float64)
