"""The description as one HTML document that opens without a network: everything it needs is inside."""

from collections.abc import Sequence
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from soundproof.trainables.description import wording
from soundproof.trainables.description.examples import LONGEST_SECONDS, SAMPLE_RATE_HZ, Specimen
from soundproof.trainables.description.files import SourceFiles
from soundproof.trainables.description.summary import CorpusSummary

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
    environment.filters["duration"] = wording.duration
    files = summary.files
    return environment.get_template("description.html").render(
        summary=summary,
        specimens=specimens,
        hidden=max(0, len(summary.by_class) - len(specimens)),
        longest_seconds=f"{LONGEST_SECONDS:g}",
        sample_rate=f"{SAMPLE_RATE_HZ:,}",
        files=None if files is None else _file_facts(files),
        bars=[] if files is None else histogram_bars(files),
        chart=(_WIDTH, _HEIGHT),
    )


def _file_facts(files: SourceFiles) -> dict[str, str]:
    return {
        "Files": f"{len(files.seconds):,}",
        "Duration in all": wording.duration(sum(files.durations)),
        "Sampling rate": wording.rates(files),
        "Channels": wording.channels(files),
        "Duration of a file": wording.durations(files),
    }


def histogram_bars(files: SourceFiles) -> list[Bar]:
    """The histogram of durations, its highest bar as high as the chart; none where all files take equally long."""
    histogram = files.histogram()
    if len(histogram.counts) == 1:
        return []
    highest, width = max(histogram.counts), _WIDTH / len(histogram.counts)
    bars = []
    for number, counted in enumerate(histogram.counts):
        height = max(1.0, _HEIGHT * counted / highest) if counted else 0.0
        span = f"{histogram.edges[number]:.2f} to {histogram.edges[number + 1]:.2f} s"
        bar = Bar(
            left=number * width, top=_HEIGHT - height, width=width - 1, height=height, label=f"{span}: {counted:,}"
        )
        bars.append(bar)
    return bars
