"""Learning curves of several studies, variants and corpora in one figure: what `curves` does, for Python too."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from soundproof.api.options import DEFAULT_STORAGE, parse_recorded_corpus, parse_tracking_uri
from soundproof.common.errors import UserError
from soundproof.search_spaces import Study

if TYPE_CHECKING:
    from soundproof.analysis.pages.compared_curves import CurveComparison
    from soundproof.analysis.records.trials import Results


def compare_curves(
    studies: Study | Sequence[Study],
    *,
    variants: Sequence[str] = (),
    metric: str = "loss",
    preset: str | None = None,
    corpora: Sequence[str] = (),
    lowest: float | None = None,
    highest: float | None = None,
    epochs: int | None = None,
    storage: Path | str = DEFAULT_STORAGE,
    tracking_uri: str | None = None,
) -> "CurveComparison":
    """Put learning curves of any studies, variants and corpora into one figure. Trains nothing.

    Arguments:
        studies: One study or several.
        variants: Ids of the variants that are wanted; a study of which none is named is drawn whole.
        metric: `loss` or `accuracy`, training beside validation, or the whole name of anything recorded by epoch,
            `validation/cer`.
        preset: As for `report_study`, of all studies.
        corpora: As for `report_study`, one or several: each study is drawn on those on which it was run.
        lowest: Where the axis of values starts, as it shows them: in percent for an accuracy.
        highest: Where it ends.
        epochs: The last epoch that is drawn, and the end of its axis.
        storage: The folder that `run_study` was given.
        tracking_uri: The MLflow tracking URI that `run_study` was given, if any.

    Returns:
        The figure, which a notebook shows: `write(FILE)` makes a page of it, or SVG, and `plain()` has its points.

    Raises:
        RecordsError: Nothing is recorded of a study, a corpus or a variant that is named.
        UnknownNameError: No variant of the studies, or no recorded metric, has that name; it names the nearest one.
        UserError: There is no study, or the limits of an axis cross.

    Examples:
        >>> figure = compare_curves(find_study("asr-merge-mode"), metric="loss", highest=80)
        >>> page = figure.write("curves.html")
    """
    from soundproof.analysis.figures.compared_curves import Limits, compared_curves, partitions
    from soundproof.analysis.pages.compared_curves import CurveComparison

    ends = Limits(lowest=lowest, highest=highest, epochs=epochs)
    wanted = (studies,) if isinstance(studies, Study) else tuple({study.id: study for study in studies}.values())
    if not wanted:
        raise UserError("compare_curves expects one study or more, got none: name one")
    histories = tuple(name for name in partitions(metric) if name is not None)
    uri = parse_tracking_uri(tracking_uri, Path(storage))
    loaded = _load(wanted, uri, preset, [parse_recorded_corpus(corpus) for corpus in corpora], histories)
    return CurveComparison(curves=compared_curves(loaded, variants, metric, ends))


def _load(
    studies: Sequence[Study], uri: str, preset: str | None, corpora: Sequence[str | None], histories: Sequence[str]
) -> "list[tuple[Study, Results]]":
    """Each study on each of the corpora on which it was run, by default the last one.

    Raises `RecordsError` where a study was run on none of them, or a corpus was used by no study.
    """
    from soundproof.analysis.records.loading import load_study
    from soundproof.analysis.records.trials import RecordsError

    loaded: list[tuple[Study, Results]] = []
    missing: list[tuple[Study, str | None, RecordsError]] = []
    for study in studies:
        for corpus in dict.fromkeys(corpora) or (None,):
            try:
                loaded.append((study, load_study(uri, study.id, preset, corpus, histories=histories)))
            except RecordsError as error:
                missing.append((study, corpus, error))
    for study, corpus, reason in missing:
        of_corpus = corpus is None or any(records.corpus == corpus for _, records in loaded)
        if not of_corpus or study not in [found for found, _ in loaded]:
            raise reason
    return loaded
