"""The files that a corpus is read from: sampling rates, channels, durations, by their headers, and in words."""

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from soundproof.trainables.corpora.corpus import Corpus
from soundproof.trainables.corpora.recorded.audio_files import inspect
from soundproof.trainables.corpora.recorded.clip_files import LabelledClipsCorpus
from soundproof.trainables.corpora.recorded.connected_digits import ConnectedDigitsCorpus
from soundproof.trainables.corpora.recorded.transcribed_files import TranscribedCorpus

_BINS = 24
NOTHING = "\N{EN DASH}"
_CHANNELS = {1: "mono", 2: "stereo"}


class Histogram(NamedTuple):
    """How many files take how long: `counts[i]` of them from `edges[i]` to `edges[i + 1]` seconds."""

    counts: list[int]
    edges: list[float]


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceFiles:
    """What the headers of the files say. Rates in hertz and channels, each with the number of its files."""

    rates_hz: Mapping[int, int]
    channels: Mapping[int, int]
    seconds: Mapping[Path, float]

    @property
    def durations(self) -> list[float]:
        """Seconds of each file, ascending."""
        return sorted(self.seconds.values())

    def histogram(self) -> Histogram:
        """Of the durations. Files that differ by less than a hundredth of a second make one bar."""
        durations = self.durations
        bins = 1 if durations[-1] - durations[0] < 0.01 else _BINS
        return Histogram(*(values.tolist() for values in np.histogram(durations, bins=bins)))


def source_paths(corpus: Corpus) -> list[Path]:
    """Every file that examples are read from, once, in the order of the examples; none for an embedded corpus."""
    match corpus:
        case LabelledClipsCorpus():
            return list(dict.fromkeys(corpus.folder / place.name for place in corpus.places))
        case TranscribedCorpus():
            return list(dict.fromkeys(corpus.paths))
        case ConnectedDigitsCorpus():
            names = (name for composition in corpus.compositions for name in composition.names)
            return list(dict.fromkeys(corpus.folder / name for name in names))
        case _:
            return []


def read_headers(paths: Sequence[Path]) -> SourceFiles | None:
    """What the headers say; None where there are no files. The corpus has examined them when it was opened."""
    if not paths:
        return None
    with ThreadPoolExecutor() as pool:
        headers = list(pool.map(inspect, paths))
    return SourceFiles(
        rates_hz=dict(sorted(Counter(header.sample_rate_hz for header in headers).items())),
        channels=dict(sorted(Counter(header.channels for header in headers).items())),
        seconds={path: header.frames / header.sample_rate_hz for path, header in zip(paths, headers, strict=True)},
    )


def example_seconds(corpus: Corpus, files: SourceFiles | None) -> list[float] | None:
    """Seconds of each example as networks get it; None where nothing less than making the audio would tell."""
    match corpus:
        case TranscribedCorpus() if files is not None:
            return [
                files.seconds[path] if part is None else part.seconds
                for path, part in zip(corpus.paths, corpus.parts, strict=True)
            ]
        case ConnectedDigitsCorpus() if files is not None:
            return [
                sum(files.seconds[corpus.folder / name] for name in composition.names) + sum(composition.pauses_seconds)
                for composition in corpus.compositions
            ]
        case LabelledClipsCorpus():
            return corpus.clip_seconds()
        case _:
            cut = getattr(corpus.spec, "cut", None)
            return None if cut is None else [cut.seconds] * len(corpus.examples)


def duration(seconds: float | None) -> str:
    """``0.43 s``, ``12 min 5 s``, ``3 h 20 min``; a dash where it is not known."""
    if seconds is None:
        return NOTHING
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def rates(files: SourceFiles) -> str:
    """``44,100 Hz``; with the number of files where they differ."""
    return _listed({f"{rate:,} Hz": number for rate, number in files.rates_hz.items()})


def channels(files: SourceFiles) -> str:
    """``mono``; with the number of files where they differ."""
    return _listed({_CHANNELS.get(many, f"{many} channels"): number for many, number in files.channels.items()})


def durations(files: SourceFiles) -> str:
    """The shortest, the median and the longest; one number where they are equal."""
    sorted_seconds = files.durations
    shortest, longest = sorted_seconds[0], sorted_seconds[-1]
    if longest - shortest < 0.01:
        return f"{duration(longest)} each"
    middle = sorted_seconds[len(sorted_seconds) // 2]
    return f"{duration(shortest)} to {duration(longest)}, half of them up to {duration(middle)}"


def _listed(numbers: Mapping[str, int]) -> str:
    if len(numbers) == 1:
        return next(iter(numbers))
    return ", ".join(f"{what} ({number:,})" for what, number in numbers.items())
