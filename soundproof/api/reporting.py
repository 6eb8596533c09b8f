"""Reports of what is recorded: what `report` does, for Python and the command line alike."""

from pathlib import Path
from typing import TYPE_CHECKING

from soundproof.api.options import DEFAULT_STORAGE
from soundproof.api.parsing import parse_recorded_corpus, parse_tracking_uri

if TYPE_CHECKING:
    from soundproof.analysis.reports import SearchReport, StudyReport
    from soundproof.search_spaces.spaces import SearchSpace
    from soundproof.search_spaces.studies import Study


def report_study(
    study: "Study",
    *,
    preset: str | None = None,
    corpus: str | None = None,
    storage: Path | str = DEFAULT_STORAGE,
    tracking_uri: str | None = None,
) -> "StudyReport":
    """Load what is recorded of a study, estimate, and decide its claims. Trains nothing.

    Arguments:
        study: The study as it is declared now.
        preset: Its name in the record, `quick` or `documented-40-epochs`; by default the one run last.
        corpus: As `run_study` takes it, or its name in the record, `esc10.groups`; by default the one run last.
        storage: The folder that `run_study` was given.
        tracking_uri: The MLflow tracking URI that `run_study` was given, if any.

    Returns:
        The records and what they say: `summary.claims` are the verdicts, `tables()` those of the terminal, and
        `write(FOLDER)` makes the page.

    Raises:
        RecordsError: Nothing is recorded of the study there.

    Examples:
        >>> report = report_study(find_study("asr-merge-mode"))
        >>> verdicts = {judged.claim.text: judged.verdict for judged in report.summary.claims}
    """
    from soundproof.analysis import reports

    uri = parse_tracking_uri(tracking_uri, Path(storage))
    return reports.report_study(study, uri, preset, parse_recorded_corpus(corpus))


def report_search(
    space: "SearchSpace",
    *,
    search: str | None = None,
    preset: str | None = None,
    corpus: str | None = None,
    storage: Path | str = DEFAULT_STORAGE,
    tracking_uri: str | None = None,
) -> "SearchReport":
    """Load what is recorded of a search, estimate, and compare what was confirmed. Trains nothing.

    Arguments:
        space: The search space.
        search: Which search of the space, as MLflow names it; by default the one updated last.
        preset: As for `report_study`.
        corpus: The same.
        storage: The folder that `search_space` was given.
        tracking_uri: The MLflow tracking URI that `search_space` was given, if any.

    Returns:
        The records and what they say: `summary.confirmation.winner` is the best network on fresh seeds.

    Raises:
        RecordsError: No such search is recorded there.

    Examples:
        >>> winner = report_search(find_space("speech-recipe")).summary.confirmation.winner
    """
    from soundproof.analysis import reports

    uri = parse_tracking_uri(tracking_uri, Path(storage))
    recorded = parse_recorded_corpus(corpus)
    return reports.report_search(space.id, space.question, uri, preset, recorded, search=search)
