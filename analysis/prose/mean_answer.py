"""What costs nothing to know of clips with a value: the mean of those that train."""

from soundproof.analysis.notation.labels import in_quotes
from soundproof.analysis.notation.quantities import article
from soundproof.analysis.summaries.study import StudySummary
from soundproof.common.counting import listed


def mean_answer_words(summary: StudySummary) -> str | None:
    """How good the mean is as an answer, and which variants are no better; None where clips have no values."""
    measured, least = summary.measured, summary.mean_answer
    if least is None:
        return None
    sign = 1 if measured.higher_is_better else -1
    worse = [
        variant.label
        for variant in summary.measured_variants
        if variant.estimate.value is not None and sign * (variant.estimate.value - least) <= 0
    ]
    more = f"; no better than that: {listed([in_quotes(label) for label in worse])}" if worse else ""
    return (
        f"answering the mean of the training values to every clip has {article(measured.name)} {measured.name} of "
        f"{measured.level(least)}, the mean over the seeds{more}"
    )
