"""The numbers of a corpus, before they are printed, drawn or written as JSON."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self, get_args

import numpy as np

from soundproof.search_spaces.specs import Partition
from soundproof.trainables.corpora.corpus import Example, Remark
from soundproof.trainables.description.files import SourceFiles

OPEN = "left to the split"
NO_SPEAKER = "not named"


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Examples that have a class, a speaker or a partition in common.

    `seconds` of audio as heard; None where nothing less than making the audio would tell. `characters` are those of
    the transcripts; None for classes. `sides` counts the examples in each partition or fold.
    """

    name: str
    recordings: int
    examples: int
    seconds: float | None
    characters: int | None
    sides: Mapping[str, int]


def side_of(example: Example) -> str:
    """The partition that the corpus fixes, else its fold, else `OPEN`."""
    if example.partition is not None:
        return example.partition
    return OPEN if example.fold is None else f"fold {example.fold}"


def classes_of(example: Example) -> tuple[str, ...]:
    """The class of an example, or all labels of one of several."""
    return example.labels or (example.target,)


def sides(examples: Sequence[Example]) -> list[str]:
    """The sides that occur: partitions, then folds in order, then `OPEN`."""
    found = {side_of(example) for example in examples}
    folds = sorted({example.fold for example in examples if example.fold is not None and example.partition is None})
    ordered = [*get_args(Partition), *(f"fold {fold}" for fold in folds), OPEN]
    return [side for side in ordered if side in found]


def count(
    examples: Sequence[Example],
    seconds: Sequence[float] | None,
    by: Callable[[Example], Collection[str]],
    *,
    transcribed: bool,
    order: Sequence[str] | None = None,
) -> tuple[Group, ...]:
    """A group for each value that `by` gives an example, in the given order or by name; an example may be in several.

    `seconds` are those of each example.
    """
    members: dict[str, list[int]] = {name: [] for name in order or ()}
    for index, example in enumerate(examples):
        for name in by(example):
            members.setdefault(name, []).append(index)
    names = list(members) if order is not None else sorted(members)
    all_sides = sides(examples)
    groups = []
    for name in names:
        chosen = [examples[index] for index in members[name]]
        found = [side_of(example) for example in chosen]
        groups.append(
            Group(
                name=name,
                recordings=len({example.recording for example in chosen}),
                examples=len(chosen),
                seconds=None if seconds is None else sum(seconds[index] for index in members[name]),
                characters=sum(len(example.target) for example in chosen) if transcribed else None,
                sides={side: found.count(side) for side in all_sides},
            )
        )
    return tuple(groups)


@dataclass(frozen=True, kw_only=True, slots=True)
class Values:
    """How the numbers lie that clips have, each clip counting once: quartiles and ends, mean, standard deviation."""

    least: float
    lower_quartile: float
    median: float
    upper_quartile: float
    greatest: float
    mean: float
    deviation: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """Those of one value or more."""
        least, lower, median, upper, greatest = np.quantile(values, (0, 0.25, 0.5, 0.75, 1)).tolist()
        return cls(
            least=least,
            lower_quartile=lower,
            median=median,
            upper_quartile=upper,
            greatest=greatest,
            mean=float(np.mean(values)),
            deviation=float(np.std(values)),
        )

    @property
    def facts(self) -> dict[str, str]:
        """Each by its name, to be read."""
        return {
            "least": f"{self.least:.6g}",
            "quartiles": f"{self.lower_quartile:.6g}, {self.median:.6g}, {self.upper_quartile:.6g}",
            "greatest": f"{self.greatest:.6g}",
            "mean": f"{self.mean:.6g}",
            "standard deviation": f"{self.deviation:.6g}",
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class CorpusSummary:
    """Counts of a corpus.

    `content` is the hash of its spec. `by_class` is empty where there are transcripts or `values`, `by_speaker` where
    there are classes or no speaker is named. `sides` are the partitions and folds that the corpus fixes. `files` is
    None where the corpus is made by formula. `remarks` are what has to be known of it before it is trusted.
    """

    name: str
    content: str
    transcribed: bool
    sides: tuple[str, ...]
    by_class: tuple[Group, ...]
    by_speaker: tuple[Group, ...]
    by_side: tuple[Group, ...]
    speakers: int
    total: Group
    files: SourceFiles | None
    skipped: tuple[str, ...]
    remarks: tuple[Remark, ...] = ()
    values: Values | None = None

    @property
    def kind(self) -> str:
        """What the right answers are."""
        return "transcripts" if self.transcribed else "classes" if self.values is None else "values"

    @property
    def examples_word(self) -> str:
        """What one of its examples is, in the plural."""
        return "utterances" if self.transcribed else "clips"


def to_plain(summary: CorpusSummary) -> dict[str, Any]:
    """The summary as dictionaries, lists and JSON scalars."""
    return {
        "corpus": summary.name,
        "content": summary.content,
        "kind": summary.kind,
        "total": _group(summary.total),
        "speakers": summary.speakers,
        "classes": [_group(group) for group in summary.by_class],
        **({} if summary.values is None else {"values": asdict(summary.values)}),
        "by_speaker": [_group(group) for group in summary.by_speaker],
        "sides": [_group(group) for group in summary.by_side],
        "files": None if summary.files is None else _files(summary.files),
        "skipped": list(summary.skipped),
        "remarks": [asdict(remark) for remark in summary.remarks],
    }


def _group(group: Group) -> dict[str, Any]:
    return {**asdict(group), "seconds": None if group.seconds is None else round(group.seconds, 3)}


def _files(files: SourceFiles) -> dict[str, Any]:
    histogram, durations = files.histogram(), files.durations
    return {
        "count": len(durations),
        "seconds": round(sum(durations), 3),
        "shortest_seconds": durations[0],
        "longest_seconds": durations[-1],
        "sample_rates_hz": {str(rate): number for rate, number in files.rates_hz.items()},
        "channels": {str(channels): number for channels, number in files.channels.items()},
        "durations": {"edges_seconds": histogram.edges, "counts": histogram.counts},
    }
