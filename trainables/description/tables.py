"""Tables for the terminal. What users wrote is shown as text, never read as markup."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from soundproof.trainables.description.files import channels, duration, durations, rates
from soundproof.trainables.description.summary import CorpusSummary, Group

MOST_ROWS = 60


def summary_tables(summary: CorpusSummary) -> list[Table]:
    """Classes or speakers; what the corpus fixes of the split, where it does; files; what was skipped."""
    tables = [
        _groups_table(summary, summary.by_class, "class"),
        _groups_table(summary, summary.by_speaker, "speaker"),
        _groups_table(summary, summary.by_side, "part"),
        _files_table(summary),
        _skipped_table(summary),
    ]
    return [table for table in tables if table is not None]


def _groups_table(summary: CorpusSummary, groups: Sequence[Group], what: str) -> Table | None:
    if not groups:
        return None
    shown_sides = summary.sides if what != "part" and len(summary.sides) > 1 else ()
    table = Table(title=Text(f"{summary.name}: {summary.examples_word} by {what}"), title_justify="left")
    table.add_column(what, overflow="fold")
    for heading in ("recordings", summary.examples_word, "duration"):
        table.add_column(heading, justify="right", no_wrap=True)
    if summary.transcribed:
        table.add_column("characters each", justify="right")
    for side in shown_sides:
        table.add_column(Text(side), justify="right")
    for group in [*groups[:MOST_ROWS], *([summary.total] if len(groups) > 1 else [])]:
        cells = [group.name, f"{group.recordings:,}", f"{group.examples:,}", duration(group.seconds)]
        if group.characters is not None:
            cells.append(f"{group.characters / group.examples:.1f}")
        table.add_row(*map(Text, cells), *(Text(f"{group.sides[side]:,}") for side in shown_sides))
    if len(groups) > MOST_ROWS:
        table.caption = Text(f"and {len(groups) - MOST_ROWS} more, which the page and --json show")
    return table


def _files_table(summary: CorpusSummary) -> Table | None:
    files = summary.files
    if files is None:
        return None
    table = Table(title=Text("Source files"), title_justify="left", show_header=False)
    table.add_row("files", Text(f"{len(files.seconds):,}, {duration(sum(files.durations))} in all"))
    table.add_row("sampling rates", Text(rates(files)))
    table.add_row("channels", Text(channels(files)))
    table.add_row("durations", Text(durations(files)))
    return table


def _skipped_table(summary: CorpusSummary) -> Table | None:
    if not summary.skipped:
        return None
    table = Table(title=Text(f"Left out: {len(summary.skipped)} recordings"), title_justify="left", show_header=False)
    for sentence in summary.skipped[:MOST_ROWS]:
        table.add_row(Text(sentence))
    if len(summary.skipped) > MOST_ROWS:
        table.caption = Text(f"and {len(summary.skipped) - MOST_ROWS} more, which the page and --json show")
    return table
