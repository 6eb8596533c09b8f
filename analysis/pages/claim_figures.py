"""The pictures of each claim, with the words that say how to read them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from soundproof.analysis.figures import claim_pairs, differences, ranks
from soundproof.analysis.figures.page import PageFigure, page_figure
from soundproof.analysis.notation.quantities import Quantity, quantity
from soundproof.analysis.pages.study_figures import ranks_caption
from soundproof.analysis.summaries.study import StudySummary
from soundproof.analysis.verdicts.evidence import Outcomes
from soundproof.analysis.verdicts.sentences import percent
from soundproof.analysis.verdicts.verdicts import ClaimVerdict


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimFigures:
    """The pictures of one claim: what is shown at once, and what on demand."""

    shown: tuple[PageFigure, ...] = ()
    folded: tuple[PageFigure, ...] = ()


def claim_figures(summary: StudySummary, outcomes: Outcomes) -> tuple[ClaimFigures, ...]:
    """The figures of each claim, in the order of the claims."""
    labels = {variant.id: variant.label for variant in summary.variants}
    made = []
    for number, claim in enumerate(summary.claims, start=1):
        pairs = claim_pairs.claim_pairs(claim, outcomes, labels)
        if pairs is None or claim.metric is None:
            made.append(ClaimFigures())
            continue
        measured = quantity(claim.metric, claim.margin)
        drawn = _pairs_figures(f"claim-{number}", claim, measured, pairs)
        ranked = None if _shown_by_study(claim, summary) else _ranks(claim, measured, summary, outcomes, labels)
        if ranked is not None:
            figure = _ranks_figure(f"claim-{number}-ranks", claim, measured, ranked)
            drawn = ClaimFigures(shown=drawn.shown, folded=(*drawn.folded, figure))
        made.append(drawn)
    return tuple(made)


def _pairs_figures(
    figure_id: str, claim: ClaimVerdict, measured: Quantity, pairs: differences.Differences
) -> ClaimFigures:
    """All pairs at once; where they are many, the one that decides, and all on demand."""
    what = "decides" if claim.verdict != "undecided" else "is waited for"
    decides = claim_pairs.deciding_pair(pairs)
    also = f" Blue: the pair that {what}." if decides.rows and len(pairs.rows) > 1 else ""
    everything = _pairs_figure(figure_id, claim, measured, pairs, also)
    if len(pairs.rows) <= claim_pairs.MOST_ROWS:
        return ClaimFigures(shown=(everything,))
    if not decides.rows:
        return ClaimFigures(folded=(everything,))
    rest = f" This is the pair that {what}; all {len(pairs.rows)} are folded away below."
    return ClaimFigures(
        shown=(_pairs_figure(f"{figure_id}-deciding", claim, measured, decides, rest),), folded=(everything,)
    )


def _pairs_figure(
    figure_id: str, claim: ClaimVerdict, measured: Quantity, pairs: differences.Differences, also: str
) -> PageFigure:
    confidences = [percent(confidence) for confidence in pairs.confidences]
    interval = f" with its {' or '.join(dict.fromkeys(confidences))} interval" if confidences else ""
    return page_figure(
        figure_id,
        "",
        f"Grey dots are seeds, the point is their mean{interval}. To the right the first is better; inside the grey "
        f"band (±{measured.amount(claim.margin or 0.0)}) a difference is too small to matter.{also}"
        f"{differences.CLIPPED if pairs.clipped else ''}",
        differences.draw_differences(pairs),
    )


def _shown_by_study(claim: ClaimVerdict, summary: StudySummary) -> bool:
    """Whether the study's own diagram of ranks shows what one of the claim would."""
    everything = {variant.id for variant in summary.measured_variants}
    return claim.metric == summary.measured.metric and claim.kind != "WorstOf" and everything <= _compared(claim)


def _compared(claim: ClaimVerdict) -> set[str]:
    return {variant for pair in claim.comparisons for variant in (pair.first, pair.second)}


def _ranks(
    claim: ClaimVerdict, measured: Quantity, summary: StudySummary, outcomes: Outcomes, labels: Mapping[str, str]
) -> ranks.Ranks | None:
    variants = [variant.id for variant in summary.variants if variant.id in _compared(claim)]
    return ranks.ranks(variants, outcomes, measured, labels, marked=claim.best_set)


def _ranks_figure(figure_id: str, claim: ClaimVerdict, measured: Quantity, data: ranks.Ranks) -> PageFigure:
    caption = ranks_caption(data, measured, "worst" if claim.kind == "WorstOf" else "best")
    return page_figure(figure_id, "", caption, ranks.draw_ranks(data))
