"""The spread that a store shows: of a study's own trials, else of another study of its domain at the same preset."""

from soundproof.analysis.records.loading import load_study
from soundproof.analysis.records.recorded_studies import RecordedStudy, recorded_studies
from soundproof.analysis.records.trials import RecordsError
from soundproof.analysis.summaries.spread_sources import SpreadSource, endpoints_of, source_of
from soundproof.search_spaces.finding import declared_study
from soundproof.search_spaces.studies import Study


def stored_source(study: Study, tracking_uri: str, preset: str, corpus: str | None = None) -> SpreadSource | None:
    """The nearest one that shows any spread: this study before others, this corpus before others, the newest first.

    `corpus` is what the record calls it; None for any. None where the store shows nothing of the kind, or is not there.
    """
    try:
        recorded = recorded_studies(tracking_uri, preset)
    except RecordsError:
        return None
    ranked = sorted(recorded, key=lambda found: (found.study != study.id, found.corpus != corpus))
    found = (_source(study, tracking_uri, one) for one in ranked if _of_use(one, study, corpus))
    return next((source for source in found if source is not None and source.spreads), None)


def _of_use(found: RecordedStudy, study: Study, corpus: str | None) -> bool:
    """Whether its values are like those that are asked about: trials of the study on another corpus are not its own."""
    declared = declared_study(found.study)
    return declared is not None and declared.domain == study.domain and (corpus in (None, found.corpus))


def _source(study: Study, tracking_uri: str, found: RecordedStudy) -> SpreadSource | None:
    declared = study if found.study == study.id else declared_study(found.study)
    if declared is None:
        return None
    records = load_study(tracking_uri, found.study, found.preset, found.corpus, histories=())
    endpoints = endpoints_of(study, records.margin).values()
    return source_of(declared, records, "this study" if declared is study else "another study", endpoints)
