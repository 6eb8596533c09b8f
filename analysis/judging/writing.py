"""A judgement as files: the page, and its JSON."""

from pathlib import Path

from soundproof.analysis.json_forms.values import json_text
from soundproof.analysis.judging.data_sets import ranks_tables
from soundproof.analysis.judging.judging import Judged
from soundproof.analysis.judging.plain import judged_plain
from soundproof.analysis.pages.about_source import AboutSource
from soundproof.analysis.pages.environment import write_report_pair
from soundproof.analysis.pages.study import render_page


def write_judged(judged: Judged, out: Path) -> Path:
    """Write report.html and report.json into the folder `out`; gives the page's path. Raises `ReportError`."""
    page = render_page(judged.report.summary, judged.report.records, about_source=_about_source(judged))
    return write_report_pair(page, json_text(judged_plain(judged)), out)


def _about_source(judged: Judged) -> AboutSource:
    remarks = [fault.sentence for fault in judged.faults if not fault.alarm] + [f"{note}." for note in judged.notes]
    if judged.ranks is not None and judged.ranks.test is None:
        remarks.append(judged.ranks.sentence())
    return AboutSource(
        alarms=tuple(fault.sentence for fault in judged.faults if fault.alarm),
        remarks=tuple(remarks),
        proposed=judged.understood.proposed,
        next_step=judged.next_step,
        tables=ranks_tables(judged.ranks),
    )
