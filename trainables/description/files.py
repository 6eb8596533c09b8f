"""The files that a corpus is read from: sampling rates, channels, durations, by their headers."""

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from soundproof.trainables.corpora.corpus import Corpus
from soundproof.trainables.corpora.recorded.clip_files import LabelledClipsCorpus
from soundproof.trainables.corpora.recorded.connected_digits import ConnectedDigitsCorpus
from soundproof.trainables.corpora.recorded.manifest import ManifestCorpus

_BINS = 24


@dataclass(frozen=True, kw_only=True, slots=True)
class Histogram:
    """How many files take how long: `counts[i]` of them from `edges[i]` to `edges[i + 1]` seconds."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]


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
        counts, edges = np.histogram(durations, bins=bins)
        return Histogram(edges=tuple(edges.tolist()), counts=tuple(counts.tolist()))


def source_paths(corpus: Corpus) -> list[Path]:
    """Every file that examples are read from, once, in the order of the examples; none for an embedded corpus."""
    match corpus:
        case LabelledClipsCorpus():
            return list(dict.fromkeys(corpus.folder / place.name for place in corpus.places))
        case ManifestCorpus():
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
        headers = list(pool.map(lambda path: soundfile.info(str(path)), paths))
    return SourceFiles(
        rates_hz=dict(sorted(Counter(header.samplerate for header in headers).items())),
        channels=dict(sorted(Counter(header.channels for header in headers).items())),
        seconds={path: header.frames / header.samplerate for path, header in zip(paths, headers, strict=True)},
    )


def example_seconds(corpus: Corpus, files: SourceFiles | None) -> list[float] | None:
    """Seconds of each example as networks get it; None where nothing less than making the audio would tell."""
    match corpus:
        case ManifestCorpus() if files is not None:
            return [files.seconds[path] for path in corpus.paths]
        case ConnectedDigitsCorpus() if files is not None:
            return [
                sum(files.seconds[corpus.folder / name] for name in composition.names) + sum(composition.pauses_seconds)
                for composition in corpus.compositions
            ]
        case _:
            cut = getattr(corpus.spec, "cut", None)
            return None if cut is None else [cut.seconds] * len(corpus.examples)
