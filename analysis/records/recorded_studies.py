"""Which studies a store has records of."""

from dataclasses import dataclass

from soundproof.analysis.records.finding import reading
from soundproof.common import record
from soundproof.common.pages import all_pages


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedStudy:
    """A study's id with the preset and the corpus that it was run on, as the record calls them."""

    study: str
    preset: str
    corpus: str


def recorded_studies(tracking_uri: str, preset: str | None = None) -> tuple[RecordedStudy, ...]:
    """The studies in a store, those begun last first; of one preset, or of all. Raises `RecordsError`."""
    with reading(tracking_uri) as client:
        experiments = all_pages(lambda token: client.search_experiments(page_token=token))
        ids = [experiment.experiment_id for experiment in experiments]
        wanted = f"tags.`{record.KIND}` = '{record.KIND_STUDY}'"
        runs = all_pages(lambda token: client.search_runs(ids, wanted, page_token=token)) if ids else ()
        found = [
            RecordedStudy(
                study=run.data.tags[record.STUDY],
                preset=run.data.tags[record.PRESET],
                corpus=run.data.tags[record.CORPUS],
            )
            for run in sorted(runs, key=lambda run: -run.info.start_time)
        ]
    return tuple(dict.fromkeys(study for study in found if preset in (None, study.preset)))
