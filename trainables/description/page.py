"""The description as one HTML document that opens without a network: everything it needs is inside."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from jinja2 import Environment, PackageLoader, StrictUndefined

from soundproof.trainables.description.examples import LONGEST_SECONDS, SAMPLE_RATE_HZ, Specimen
from soundproof.trainables.description.files import SourceFiles, channels, duration, durations, rates
from soundproof.trainables.description.summary import CorpusSummary, classes_of

_WIDTH, _HEIGHT = 640, 120


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """A bar of the histogram in pixels, and what it counts."""

    left: float
    top: float
    width: float
    height: float
    label: str


def render_page(summary: CorpusSummary, specimens: Sequence[Specimen]) -> str:
    """The page. All texts of the corpus are escaped."""
    environment = Environment(
        loader=PackageLoader("soundproof.trainables.description"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["duration"] = duration
    files = summary.files
    shown = {name for specimen in specimens for name in classes_of(specimen.example)}
    return environment.get_template("description.html").render(
        summary=summary,
        specimens=specimens,
        hidden=sum(group.name not in shown for group in summary.by_class),
        longest_seconds=f"{LONGEST_SECONDS:g}",
        sample_rate=f"{SAMPLE_RATE_HZ:,}",
        files=None if files is None else _file_facts(files),
        bars=[] if files is None else histogram_bars(files),
        chart=(_WIDTH, _HEIGHT),
    )


def _file_facts(files: SourceFiles) -> dict[str, str]:
    return {
        "Files": f"{len(files.seconds):,}",
        "Duration in all": duration(sum(files.durations)),
        "Sampling rate": rates(files),
        "Channels": channels(files),
        "Duration of a file": durations(files),
    }


def histogram_bars(files: SourceFiles) -> list[Bar]:
    """The histogram of durations, its highest bar as high as the chart; none where all files take equally long."""
    counts, edges = files.histogram()
    if len(counts) == 1:
        return []
    width = _WIDTH / len(counts)
    bars = []
    for number, (counted, span) in enumerate(zip(counts, pairwise(edges), strict=True)):
        height = max(1.0, _HEIGHT * counted / max(counts)) if counted else 0.0
        label = f"{span[0]:.2f} to {span[1]:.2f} s: {counted:,}"
        bars.append(Bar(left=number * width, top=_HEIGHT - height, width=width - 1, height=height, label=label))
    return bars
