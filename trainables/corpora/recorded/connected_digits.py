"""The Free Spoken Digit Dataset as connected digits: recordings of one speaker, joined into digit strings.

Source: Z. Jackson et al., https://github.com/Jakobovski/free-spoken-digit-dataset, doi 10.5281/zenodo.1342401.
"""

import hashlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from soundproof.search_spaces.specs import ConnectedDigits, Partition
from soundproof.trainables.corpora.audio.broken import BrokenAudioError
from soundproof.trainables.corpora.corpus import CorpusError, Example, Remark, Waveform
from soundproof.trainables.corpora.recorded import audio_files
from soundproof.trainables.corpora.recorded import spoken_digits as fsdd

_LOGGER = logging.getLogger(__name__)

OFFICIAL_TEST_TAKES = range(5)
"""The takes that the dataset's authors set aside for testing."""

_Item = TypeVar("_Item")


@dataclass(frozen=True, kw_only=True, slots=True)
class Composition:
    """How an utterance is made: file names in order, and the silence in seconds between each and the next."""

    names: tuple[str, ...]
    pauses_seconds: tuple[float, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ConnectedDigitsCorpus:
    """Digit strings and how to make each. Holds no audio: recordings are read when an utterance is asked for."""

    spec: ConnectedDigits
    folder: Path
    examples: tuple[Example, ...]
    compositions: tuple[Composition, ...]
    skipped: tuple[str, ...]
    remarks: tuple[Remark, ...] = ()

    def waveforms(self, indices: Sequence[int], sample_rate_hz: int) -> Iterator[Waveform]:
        """Mono audio of the utterances at `indices`, each of shape `(time,)`, in -1..1. Raises `CorpusError`."""
        for index in indices:
            yield self._compose(self.compositions[index], sample_rate_hz)

    def _compose(self, composition: Composition, sample_rate_hz: int) -> Waveform:
        pieces = [audio_files.read_waveform(self.folder / composition.names[0], sample_rate_hz)]
        for name, pause_seconds in zip(composition.names[1:], composition.pauses_seconds, strict=True):
            pieces.append(np.zeros(round(pause_seconds * sample_rate_hz), dtype=np.float32))
            pieces.append(audio_files.read_waveform(self.folder / name, sample_rate_hz))
        return np.concatenate(pieces)


def open_connected_digits(path: Path, spec: ConnectedDigits, skip_broken: bool = False) -> ConnectedDigitsCorpus:
    """The digit strings that `spec` draws from the recordings at `path`, a `recordings` folder or its parent.

    Raises `CorpusError` where the folder or a partition's recordings are missing, where a file is broken, empty or
    misnamed (unless `skip_broken`, which leaves it out), and where `spec.content` names other recordings.
    """
    folder = fsdd.digits_folder(path)
    recordings, problems = _scan(folder)
    if problems and not skip_broken:
        listed = audio_files.enumerate_problems(problems)
        raise CorpusError(
            f"{folder}: {len(problems)} of {len(problems) + len(recordings)} recordings cannot be used:\n"
            f"{listed}\nrepair or remove them, or leave broken recordings out (--skip-broken)"
        )
    if problems:
        _LOGGER.info("%d recordings of %s are left out", len(problems), folder)
    test = [recording for recording in recordings if recording.take in OFFICIAL_TEST_TAKES]
    free = [recording for recording in recordings if recording.take not in OFFICIAL_TEST_TAKES]
    if not free or not test:
        raise CorpusError(
            f"{folder}: expected recordings of takes 0 to 4 for the test and of later takes for the rest, got "
            f"{len(test)} and {len(free)} usable ones ({len(problems)} skipped): {fsdd.DIGITS_SOURCE}"
        )
    filled = replace(spec, content=audio_files.content_digest(folder, (recording.name for recording in recordings)))
    if spec.content not in ("", filled.content):
        raise CorpusError(
            f"{folder}: expected the recordings with content {spec.content}, got {filled.content}: "
            "give the folder that the spec was made from"
        )
    drawn = [
        *_draw(free, spec.utterances, "train-takes", None, spec),
        *_draw(test, spec.test_utterances, "test-takes", "test", spec),
    ]
    return ConnectedDigitsCorpus(
        spec=filled,
        folder=folder,
        examples=tuple(utterance for utterance, _ in drawn),
        compositions=tuple(composition for _, composition in drawn),
        skipped=tuple(problems),
    )


def _scan(folder: Path) -> tuple[list[fsdd.DigitFile], list[str]]:
    """The usable recordings by name, and a sentence for each file that cannot be used. Hidden files are passed over."""
    digits, problems = fsdd.read_digit_names(folder)
    recordings = []
    for digit in digits:
        try:
            audio_files.inspect(folder / digit.name)
            recordings.append(digit)
        except BrokenAudioError as error:
            problems.append(f"{digit.name}: {error.reason}")
    return recordings, sorted(problems)


def _draw(
    recordings: Sequence[fsdd.DigitFile], count: int, purpose: str, partition: Partition | None, spec: ConnectedDigits
) -> list[tuple[Example, Composition]]:
    """`count` utterances with the speakers in rotation, so that their shares differ by one at most."""
    speakers = sorted({recording.speaker for recording in recordings})
    drawn = {}
    for place, speaker in enumerate(speakers):
        own = [recording for recording in recordings if recording.speaker == speaker]
        share = len(range(place, count, len(speakers)))
        strings = _digit_strings(own, share, _generator(spec.seed, f"{purpose}/{speaker}"), spec)
        drawn[speaker] = [
            _utterance(f"{purpose}/{speaker}/{number:04d}", string, partition) for number, string in enumerate(strings)
        ]
    return [drawn[speakers[turn % len(speakers)]][turn // len(speakers)] for turn in range(count)]


def _digit_strings(
    recordings: Sequence[fsdd.DigitFile], count: int, generator: np.random.Generator, spec: ConnectedDigits
) -> list[tuple[list[fsdd.DigitFile], list[float]]]:
    """Strings of one speaker, each with its pauses.

    Over all strings together every digit, and every take of a digit, is used equally often, give or take one.
    """
    lengths = generator.integers(spec.minimum_digits, spec.maximum_digits, size=count, endpoint=True)
    by_digit: dict[int, list[fsdd.DigitFile]] = {}
    for recording in recordings:
        by_digit.setdefault(recording.digit, []).append(recording)
    digits = _balanced(sorted(by_digit), int(lengths.sum()), generator)
    takes = {
        digit: iter(_balanced(choices, digits.count(digit), generator)) for digit, choices in sorted(by_digit.items())
    }
    upcoming = iter(digits)
    strings = []
    for length in lengths.tolist():
        chosen = [next(takes[next(upcoming)]) for _ in range(length)]
        pauses = generator.uniform(spec.minimum_pause_seconds, spec.maximum_pause_seconds, size=length - 1)
        strings.append((chosen, pauses.tolist()))
    return strings


def _balanced(items: Sequence[_Item], count: int, generator: np.random.Generator) -> list[_Item]:
    """`count` of the items in random order, each as often as any other, give or take one.

    The whole list is shuffled, not one round after the other: repetitions stay as likely as by chance.
    """
    rounds = generator.permutation(len(items))[np.arange(count) % len(items)]
    return [items[index] for index in generator.permutation(rounds)]


def _utterance(
    key: str, string: tuple[list[fsdd.DigitFile], list[float]], partition: Partition | None
) -> tuple[Example, Composition]:
    recordings, pauses = string
    text, speaker = " ".join(fsdd.DIGIT_WORDS[recording.digit] for recording in recordings), recordings[0].speaker
    utterance = Example(key=key, target=text, recording=key, speaker=speaker, partition=partition)
    names = tuple(recording.name for recording in recordings)
    return utterance, Composition(names=names, pauses_seconds=tuple(pauses))


def _generator(seed: int, purpose: str) -> np.random.Generator:
    """A stream of random numbers of its own for every purpose, the same on every machine."""
    return np.random.default_rng([seed, int.from_bytes(hashlib.sha256(purpose.encode()).digest()[:8], "big")])
