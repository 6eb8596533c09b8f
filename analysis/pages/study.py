"""The page of a study."""

from pathlib import Path

from soundproof.analysis.json_forms.study import to_plain
from soundproof.analysis.json_forms.values import json_text
from soundproof.analysis.notation.labels import by_baseline, factor_names, named_levels, preset_name
from soundproof.analysis.pages.about_source import AboutSource
from soundproof.analysis.pages.claim_figures import claim_figures
from soundproof.analysis.pages.environment import DASH, page_environment, write_report_pair
from soundproof.analysis.pages.links import run_pages
from soundproof.analysis.pages.study_figures import class_figures, confusion_words, study_figures
from soundproof.analysis.prose.declared import declared_sentence
from soundproof.analysis.prose.new_clips import chance_words, sample_words, seed_test_words
from soundproof.analysis.prose.questions import notes
from soundproof.analysis.prose.study import answer, improving_networks, method_notes
from soundproof.analysis.prose.verdict_limits import exaggeration_words, margin_words
from soundproof.analysis.records.trials import Results
from soundproof.analysis.summaries.clip_chance import ClipChance, NewClips
from soundproof.analysis.summaries.explanations import explained_trials
from soundproof.analysis.summaries.study import StudySummary
from soundproof.analysis.summaries.transcripts import compare_transcripts
from soundproof.analysis.tables.study import documented_tables, estimates_tables, variants_table
from soundproof.analysis.verdicts import verdicts
from soundproof.analysis.verdicts.sentences import obstacle_words, percent, untested_degree
from soundproof.search_spaces.claims import WorstOf
from soundproof.search_spaces.corpus_names import corpus_argument
from soundproof.search_spaces.presets import PURPOSES, preset_argument

TEMPLATE = "study.html"

MOST_CLAIMS = 200
"""Of a study that are shown with figures and all numbers; what comes after them is a table."""


def write_report(summary: StudySummary, records: Results, out: Path, clips: NewClips | None = None) -> Path:
    """Write report.html and report.json into the folder `out`, each whole or not at all; gives the page's path."""
    return write_report_pair(render_page(summary, records, clips), json_text(to_plain(summary, clips)), out)


def render_page(
    summary: StudySummary,
    records: Results,
    clips: NewClips | None = None,
    about_source: AboutSource | None = None,
) -> str:
    """The report as one HTML document.

    With what test `clips` say of the claims, if anything, and what is said of a source that was judged.
    """
    environment = page_environment()
    environment.filters |= {
        "percent": percent,
        "corpus_argument": corpus_argument,
        "preset_argument": preset_argument,
        "share": share,
    }
    environment.globals |= {
        "confusion_words": confusion_words,
        "exaggeration_words": exaggeration_words,
        "margin_words": margin_words,
        "obstacle_words": obstacle_words,
        "named_levels": named_levels,
        "untested_degree": untested_degree,
        "question_notes": notes,
        "sample_words": sample_words,
        "chance_words": chance_words,
        "seed_test_words": seed_test_words,
    }
    environment.tests["statistical"] = lambda judged: isinstance(judged, verdicts.StatisticalVerdict)
    environment.tests["about_the_worst"] = lambda judged: isinstance(judged.claim, WorstOf)
    outcomes = verdicts.outcomes_of(summary.study, records)
    return environment.get_template(TEMPLATE).render(
        summary=summary,
        labels=summary.labels,
        factors=factor_names(summary.study),
        by_baseline=by_baseline(summary.study),
        answer=answer(summary),
        variants=variants_table(summary),
        documented=documented_tables(summary),
        estimates=estimates_tables(summary),
        figures=study_figures(summary, records, outcomes),
        claims=list(zip(summary.claims[:MOST_CLAIMS], claim_figures(summary, outcomes, MOST_CLAIMS), strict=True)),
        further_claims=summary.claims[MOST_CLAIMS:],
        runs=run_pages(records.tracking_uri),
        seeds_fact=seeds_fact(summary),
        costs=summary.costs,
        clips=clips,
        clip_views=clip_views(summary, clips),
        about_source=about_source,
        transcripts=compare_transcripts(summary, records),
        classes=class_figures(summary, records),
        explained=explained_trials(summary, records),
        method=method_notes(summary),
        improving=improving_networks(summary),
        more_seeds=more_seeds(summary),
        first_seed=records.first_seed,
        declared=declared_sentence(summary.declared),
        family_error=verdicts.FAMILY_ERROR,
        preset_purpose=PURPOSES.get(preset_name(summary.preset)),
    )


def clip_views(summary: StudySummary, clips: NewClips | None) -> list[tuple[ClipChance, list[str]]]:
    """Each pair on the test clips, with the texts of the claims that it decides."""
    if clips is None:
        return []
    return [
        (chance, [judged.claim.text for judged in summary.claims if clips.of(judged) is chance])
        for chance in clips.pairs.values()
    ]


def seeds_fact(summary: StudySummary) -> str:
    """How many seeds there are, and whether that was fixed before any data: `6, fixed beforehand`."""
    count, planned = len(summary.seeds), summary.planned_seeds
    if planned is None:
        return f"{count}, number not fixed beforehand" if count else "none yet"
    if summary.looked_once:
        return f"{count}, fixed beforehand"
    return f"{count}, of {planned} fixed beforehand" if count < planned else f"{count}, not all have ended"


def share(value: float | None) -> str:
    """A share of one as a percentage: `77.5%`."""
    return DASH if value is None else f"{100 * value:.1f}%"


def more_seeds(summary: StudySummary) -> int | None:
    """Seeds that may decide every claim, within twice to ten times what there is.

    None where all are decided, and at smoke, which decides nothing.
    """
    if preset_name(summary.preset) == "smoke" or all(claim.verdict != "undecided" for claim in summary.claims):
        return None
    seen = max(1, len(summary.seeds))
    wanted = max(
        (judged.seeds_needed or 0 for judged in summary.claims if isinstance(judged, verdicts.StatisticalVerdict)),
        default=0,
    )
    return max(5, 2 * seen, min(wanted, 10 * seen))
