"""What costs nothing to know, in words: the mean of the training values, their commonest class, an empty transcript."""

from soundproof.analysis.notation.labels import in_quotes
from soundproof.analysis.notation.quantities import article
from soundproof.analysis.summaries.study import StudySummary
from soundproof.common.counting import listed


def without_listening_words(summary: StudySummary) -> str | None:
    """How good an answer without listening is, and which variants are no better; None where there is none to tell."""
    found = summary.without_listening
    if found is None:
        return None
    measured = found.measured if found.measured.metric != summary.measured.metric else summary.measured
    labels = summary.labels
    worse = [in_quotes(labels[variant]) for variant in found.no_better]
    over = "" if found.of_transcripts else ", the mean over the seeds"
    return (
        f"answering {found.answer} has {article(measured.name)} {measured.name} of {measured.level(found.value)}{over}"
        + (f"; no better than that: {listed(worse)}" if worse else "")
    )
