"""The pictures of each claim, with the words that say how to read them."""

from dataclasses import dataclass, replace

from soundproof.analysis.figures import differences, ranks
from soundproof.analysis.pages.environment import PageFigure
from soundproof.analysis.pages.study_figures import ranks_caption
from soundproof.analysis.summaries.study import StudySummary
from soundproof.analysis.verdicts.outcomes import Outcomes
from soundproof.analysis.verdicts.sentences import percent
from soundproof.analysis.verdicts.verdicts import StatisticalVerdict
from soundproof.search_spaces.claims import ReachesSooner, WorstOf, claimed_variants


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimFigures:
    """The pictures of one claim: what is shown at once, and what on demand."""

    shown: tuple[PageFigure, ...] = ()
    folded: tuple[PageFigure, ...] = ()


def claim_figures(summary: StudySummary, outcomes: Outcomes, most: int | None = None) -> tuple[ClaimFigures, ...]:
    """The figures of all claims, or of so many, in the order of the claims; claims of arithmetic have none."""
    return tuple(
        _figures(f"claim-{number}", judged, summary, outcomes)
        if isinstance(judged, StatisticalVerdict)
        else ClaimFigures()
        for number, judged in enumerate(summary.claims[:most], start=1)
    )


def _figures(figure_id: str, judged: StatisticalVerdict, summary: StudySummary, outcomes: Outcomes) -> ClaimFigures:
    pairs = differences.claim_pairs(judged, summary.labels)
    if pairs is None:
        return ClaimFigures()
    drawn = _pairs_figures(figure_id, judged, pairs)
    if isinstance(judged.claim, ReachesSooner) or _shown_by_study(judged, summary):
        return drawn
    measured, compared = judged.endpoint.quantity, claimed_variants(judged.claim)
    variants = [variant.id for variant in summary.variants if variant.id in compared]
    data = ranks.ranks(variants, outcomes, measured, summary.labels, marked=judged.best_set)
    if data is None:
        return drawn
    caption = ranks_caption(data, measured, "worst" if isinstance(judged.claim, WorstOf) else "best")
    ranked = PageFigure(f"{figure_id}-ranks", "", caption, ranks.draw_ranks(data))
    return replace(drawn, folded=(*drawn.folded, ranked))


def _pairs_figures(figure_id: str, judged: StatisticalVerdict, pairs: differences.Differences) -> ClaimFigures:
    """All pairs at once; where they are many, the one that decides, and all on demand."""
    what = "decides" if judged.verdict != "undecided" else "is waited for"
    decides = differences.deciding_pair(pairs)
    also = f" Blue: the pair that {what}." if decides.rows and len(pairs.rows) > 1 else ""
    everything = _pairs_figure(figure_id, judged, pairs, also)
    if len(pairs.rows) <= differences.MOST_ROWS:
        return ClaimFigures(shown=(everything,))
    if not decides.rows:
        return ClaimFigures(folded=(everything,))
    rest = f" This is the pair that {what}; all {len(pairs.rows)} are folded away below."
    return ClaimFigures(shown=(_pairs_figure(f"{figure_id}-deciding", judged, decides, rest),), folded=(everything,))


def _pairs_figure(figure_id: str, judged: StatisticalVerdict, pairs: differences.Differences, also: str) -> PageFigure:
    confidences = [percent(confidence) for confidence in pairs.confidences]
    interval = f" with its {' or '.join(dict.fromkeys(confidences))} interval" if confidences else ""
    seeds, centre = ("seeds on which both arrive", "median") if judged.deciding.race is not None else ("seeds", "mean")
    return PageFigure(
        figure_id,
        "",
        f"Grey dots are {seeds}, the point is their {centre}{interval}. To the right the first is better."
        f"{differences.band_words(judged.endpoint)}{also}"
        f"{differences.CLIPPED if pairs.clipped else ''}",
        differences.draw_differences(pairs),
    )


def _shown_by_study(judged: StatisticalVerdict, summary: StudySummary) -> bool:
    """Whether the study's own diagram of ranks shows what one of the claim would."""
    everything = {variant.id for variant in summary.measured_variants}
    own_metric = judged.endpoint.quantity.metric == summary.measured.metric
    return own_metric and not isinstance(judged.claim, WorstOf) and everything <= claimed_variants(judged.claim)
