"""A corpus described: counted, its files' headers read, examples drawn, all on one page."""

import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rich.table import Table

from soundproof.common.errors import UserError
from soundproof.common.whole_files import write_whole
from soundproof.trainables.corpora.corpus import Corpus
from soundproof.trainables.description.examples import first_of_each, specimens
from soundproof.trainables.description.files import example_seconds, read_headers, source_paths
from soundproof.trainables.description.page import render_page
from soundproof.trainables.description.summary import (
    NO_SPEAKER,
    CorpusSummary,
    Values,
    classes_of,
    count,
    side_of,
    sides,
    to_plain,
)
from soundproof.trainables.description.tables import summary_tables

PAGE = "description.html"
DATA = "description.json"
MOST_CLASSES_SHOWN = 12
MOST_UTTERANCES_SHOWN = 6


class DescriptionError(UserError):
    """A description cannot be written. The message says where, why, and what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Description:
    """What is known of a corpus, and the page that shows it."""

    summary: CorpusSummary
    page: Path

    def tables(self) -> list[Table]:
        """For the terminal."""
        return summary_tables(self.summary)

    def to_plain(self) -> dict[str, Any]:
        """As JSON values."""
        return to_plain(self.summary)


def describe_corpus(corpus: Corpus, out: Path, *, name: str) -> Description:
    """Describe `corpus`, called `name`, in description.html and description.json in the folder `out`.

    Raises `DescriptionError` where `out` cannot be written, `CorpusError` where an example cannot be read.
    """
    summary = summarise(corpus, name)
    shown = list(specimens(corpus, _shown(corpus, summary)))
    page = render_page(summary, shown)
    data = json.dumps(to_plain(summary), indent=2, ensure_ascii=False, allow_nan=False)
    try:
        out.mkdir(parents=True, exist_ok=True)
        write_whole(out / DATA, data)
        write_whole(out / PAGE, page)
    except OSError as error:
        raise DescriptionError(
            f"no description can be written into {out}: {error.strerror}. Name another folder"
        ) from error
    return Description(summary=summary, page=out / PAGE)


def summarise(corpus: Corpus, name: str) -> CorpusSummary:
    """The numbers of a corpus; reads headers, no audio."""
    transcribed = corpus.spec.task == "transcription"
    files = read_headers(source_paths(corpus))
    seconds = example_seconds(corpus, files)
    examples = corpus.examples

    counted = partial(count, examples, seconds, transcribed=transcribed)
    values = [example.value for example in examples if example.value is not None]
    named = any(example.speaker is not None for example in examples)
    return CorpusSummary(
        name=name,
        content=corpus.spec.digest(),
        transcribed=transcribed,
        sides=tuple(sides(examples)),
        by_class=() if transcribed or values else counted(classes_of),
        by_speaker=counted(lambda example: (example.speaker or NO_SPEAKER,)) if transcribed and named else (),
        by_side=counted(lambda example: (side_of(example),), order=sides(examples)),
        speakers=len({example.speaker for example in examples if example.speaker is not None}),
        total=counted(lambda _: ("all",))[0],
        files=files,
        skipped=tuple(corpus.skipped),
        remarks=tuple(corpus.remarks),
        values=Values.of(values) if values else None,
    )


def _shown(corpus: Corpus, summary: CorpusSummary) -> list[int]:
    """One example of each class, a few from the least value to the greatest, or of as many speakers as possible."""
    if summary.values is not None:
        ordered = sorted(range(len(corpus.examples)), key=lambda index: corpus.examples[index].value or 0.0)
        last, few = len(ordered) - 1, min(len(ordered), MOST_UTTERANCES_SHOWN)
        return [ordered[round(number * last / max(1, few - 1))] for number in range(few)]
    if not summary.transcribed:
        return first_of_each([classes_of(example) for example in corpus.examples], MOST_CLASSES_SHOWN)
    speakers = [(example.speaker or example.key,) for example in corpus.examples]
    return first_of_each(speakers, MOST_UTTERANCES_SHOWN)
