"""What a study would cost, before anything is trained: what `plan` and the first lines of `run` say."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from soundproof.search_spaces.presets import Preset
from soundproof.search_spaces.studies import Study

if TYPE_CHECKING:
    from soundproof.analysis.summaries.foreseen import StudyForesight
    from soundproof.analysis.summaries.spread_sources import SpreadSource


def foresee(
    study: Study,
    preset: Preset,
    *,
    tracking_uri: str | None = None,
    corpus: str | None = None,
    characters: float | None = None,
) -> "StudyForesight | None":
    """Seeds that each statistical claim of the study would take at a preset, for several true effects. Trains nothing.

    The spread is that of the trials of this study in the store, else of another study of its domain there, else of the
    table that comes with Soundproof; a store is read only where one is named.

    Arguments:
        study: The study.
        preset: The preset it is run at, `preset_of(study, "quick")`.
        tracking_uri: The MLflow tracking URI of the store, None for the table alone.
        corpus: What the record calls the corpus; None for any.
        characters: Of speech, the mean length of a transcript of the corpus; None for that of the trials with the
            spread.

    Returns:
        What was foreseen; None at the smoke preset, which decides nothing, and where nothing is known of the spread.
    """
    if preset.name == "smoke":
        return None
    from soundproof.analysis.summaries.foreseen import foresee_study

    return foresee_study(study, list(_sources(study, preset, tracking_uri, corpus)), characters)


def _sources(study: Study, preset: Preset, tracking_uri: str | None, corpus: str | None) -> "Iterator[SpreadSource]":
    if tracking_uri is not None:
        from soundproof.analysis.summaries.stored_spreads import stored_source

        stored = stored_source(study, tracking_uri, preset.label, corpus)
        if stored is not None:
            yield stored
    from soundproof.analysis.summaries.spread_sources import shipped_sources

    shipped = shipped_sources().get((study.domain, preset.name))
    if shipped is not None:
        yield shipped
