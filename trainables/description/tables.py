"""Tables for the terminal. What users wrote is shown as text, never read as markup."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from soundproof.common.counting import counted
from soundproof.common.terminal_text import shown
from soundproof.trainables.corpora.corpus import Remark
from soundproof.trainables.description.files import SourceFiles, channels, duration, durations, rates
from soundproof.trainables.description.summary import CorpusSummary, Group, Values

MOST_ROWS = 60


def summary_tables(summary: CorpusSummary) -> list[Table]:
    """Classes or speakers; what the corpus fixes of the split, where it does; files; remarks; what was skipped."""
    groups = {"class": summary.by_class, "speaker": summary.by_speaker, "part": summary.by_side}
    tables = [_groups_table(summary, members, what) for what, members in groups.items() if members]
    if summary.values is not None:
        tables.insert(0, _values_table(summary.name, summary.values))
    if summary.files is not None:
        tables.append(_files_table(summary.files))
    if summary.remarks:
        tables.append(_remarks_table(summary.remarks))
    if summary.skipped:
        tables.append(_skipped_table(summary.skipped))
    return tables


def _groups_table(summary: CorpusSummary, groups: Sequence[Group], what: str) -> Table:
    shown_sides = summary.sides if what != "part" and len(summary.sides) > 1 else ()
    table = Table(title=Text(f"{shown(summary.name)}: {summary.examples_word} by {what}"), title_justify="left")
    table.add_column(what, overflow="fold")
    for heading in ("recordings", summary.examples_word, "duration"):
        table.add_column(heading, justify="right", no_wrap=True)
    if summary.transcribed:
        table.add_column("characters each", justify="right")
    for side in shown_sides:
        table.add_column(Text(shown(side)), justify="right")
    for group in [*groups[:MOST_ROWS], *([summary.total] if len(groups) > 1 else [])]:
        cells = [group.name, f"{group.recordings:,}", f"{group.examples:,}", duration(group.seconds)]
        if group.characters is not None:
            cells.append(f"{group.characters / group.examples:.1f}")
        table.add_row(*(Text(shown(cell)) for cell in cells), *(Text(f"{group.sides[side]:,}") for side in shown_sides))
    if len(groups) > MOST_ROWS:
        table.caption = Text(f"and {len(groups) - MOST_ROWS} more, which the page and --json show")
    return table


def _values_table(name: str, values: Values) -> Table:
    table = Table(title=Text(f"{shown(name)}: values"), title_justify="left", show_header=False)
    for fact, number in values.facts.items():
        table.add_row(fact, Text(number))
    return table


def _files_table(files: SourceFiles) -> Table:
    table = Table(title=Text("Source files"), title_justify="left", show_header=False)
    table.add_row("files", Text(f"{len(files.seconds):,}, {duration(sum(files.durations))} in all"))
    table.add_row("sampling rates", Text(rates(files)))
    table.add_row("channels", Text(channels(files)))
    table.add_row("durations", Text(durations(files)))
    return table


def _remarks_table(remarks: Sequence[Remark]) -> Table:
    table = Table(title=Text("To be known before it is trusted"), title_justify="left", show_header=False)
    for remark in remarks:
        table.add_row(Text(remark.kind), Text(shown(remark.text)))
    return table


def _skipped_table(skipped: Sequence[str]) -> Table:
    table = Table(
        title=Text(f"Left out: {counted(len(skipped), 'recording')}; a run leaves broken ones out with --skip-broken"),
        title_justify="left",
        show_header=False,
    )
    for sentence in skipped[:MOST_ROWS]:
        table.add_row(Text(shown(sentence)))
    if len(skipped) > MOST_ROWS:
        table.caption = Text(f"and {len(skipped) - MOST_ROWS} more, which the page and --json show")
    return table
