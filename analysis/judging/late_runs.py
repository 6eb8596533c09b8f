"""Verdicts that early runs decided, and late ones contradict: something changed while the runs were made."""

from collections.abc import Iterator

from soundproof.analysis.judging.faults import Fault
from soundproof.analysis.summaries.study import StudySummary
from soundproof.analysis.verdicts.sentences import turns_back
from soundproof.analysis.verdicts.verdicts import StatisticalVerdict


def turned_back(summary: StudySummary) -> Iterator[Fault]:
    """An alarm for each claim whose verdict is the opposite of what all runs say on average."""
    for judged in summary.claims:
        if isinstance(judged, StatisticalVerdict) and turns_back(judged.claim, judged.verdict, judged.deciding):
            yield Fault(
                kind="late runs",
                words=f"early and late runs say opposite things of “{judged.deciding.first}” and "
                f"“{judged.deciding.second}”, which chance hardly makes: the order of the seeds decides",
                where=(),
                alarm=True,
            )
