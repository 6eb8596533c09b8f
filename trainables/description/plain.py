"""The summary as JSON values: what `describe --json` prints. A missing value is null."""

from typing import Any

from soundproof.trainables.description.counts import Group
from soundproof.trainables.description.files import SourceFiles
from soundproof.trainables.description.summary import CorpusSummary


def to_plain(summary: CorpusSummary) -> dict[str, Any]:
    """The summary as dictionaries, lists and JSON scalars."""
    return {
        "corpus": summary.name,
        "content": summary.content,
        "kind": "transcripts" if summary.transcribed else "classes",
        "total": _group(summary.total),
        "speakers": summary.speakers,
        "classes": [_group(group) for group in summary.by_class],
        "by_speaker": [_group(group) for group in summary.by_speaker],
        "sides": [_group(group) for group in summary.by_side],
        "files": None if summary.files is None else _files(summary.files),
        "skipped": list(summary.skipped),
    }


def _group(group: Group) -> dict[str, Any]:
    return {
        "name": group.name,
        "recordings": group.recordings,
        "examples": group.examples,
        "seconds": None if group.seconds is None else round(group.seconds, 3),
        "characters": group.characters,
        "sides": dict(group.sides),
    }


def _files(files: SourceFiles) -> dict[str, Any]:
    histogram, durations = files.histogram(), files.durations
    return {
        "count": len(durations),
        "seconds": round(sum(durations), 3),
        "shortest_seconds": durations[0],
        "longest_seconds": durations[-1],
        "sample_rates_hz": {str(rate): number for rate, number in files.rates_hz.items()},
        "channels": {str(channels): number for channels, number in files.channels.items()},
        "durations": {"edges_seconds": list(histogram.edges), "counts": list(histogram.counts)},
    }
