"""Commands that read the record: `report`, `curves` and `importance`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from soundproof.api import compare_curves, report_search, report_store, report_study
from soundproof.api.options import DEFAULT_STORAGE, parse_recorded_corpus, parse_tracking_uri
from soundproof.api.reporting import publish_report
from soundproof.command_line import completion, typer_options
from soundproof.command_line.custom_files import find_named, find_recorded, make_known, named
from soundproof.command_line.printing import print_json, print_report, print_tables
from soundproof.common.errors import UserError
from soundproof.search_spaces.catalogue import choose_name
from soundproof.search_spaces.finding import find_study_or_ablation
from soundproof.search_spaces.spaces import SearchSpace

if TYPE_CHECKING:
    from soundproof.analysis.reports import SearchReport
    from soundproof.analysis.study_report import StudyReport
    from soundproof.analysis.summaries.across_studies import AcrossStudies


def report(
    study: typer_options.NamedArgument = None,
    *,
    every: Annotated[
        bool, typer.Option("--all", help="The claims of all studies at one preset, with their false discovery rate.")
    ] = False,
    preset: typer_options.AnyPresetOption = None,
    corpus: typer_options.AnyCorpusOption = None,
    search: typer_options.RecordedSearchOption = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for report.html and report.json.")] = None,
    file: typer_options.FileOption = None,
    storage: typer_options.StorageOption = DEFAULT_STORAGE,
    tracking_uri: typer_options.TrackingOption = None,
    as_json: typer_options.JsonOption = False,
) -> None:
    """Turn the record of a study into verdicts, or that of a search into its result: a table, a page, and JSON."""
    if every:
        _refuse(study, corpus, search, out)
        make_known(file)
        across = report_store(preset=preset, storage=storage, tracking_uri=tracking_uri)
        _print_store(across, as_json=as_json)
        return
    declared = find_recorded(study, file, storage, search)
    where: dict[str, Any] = {"preset": preset, "corpus": corpus, "storage": storage, "tracking_uri": tracking_uri}
    from soundproof.trainables.sweeps.storage import Storage

    made: StudyReport | SearchReport
    if isinstance(declared, SearchSpace):
        made = report_search(declared, search=search, **where)
        place = f"{declared.id}.{made.records.preset}.{made.records.corpus}.{made.records.search}"
    else:
        made = report_study(declared, **where)
        place = f"{declared.id}.{made.records.preset}.{made.records.corpus}"
    print_report(publish_report(made, out or Storage(root=storage).reports / place), as_json=as_json)


def _refuse(study: str | None, *given: object) -> None:
    """Raise `UserError` for what `--all` does not go with."""
    if study is not None or any(given):
        raise UserError(
            "report --all is about every study of a store, and takes --preset, --file, --storage and --tracking-uri: "
            "leave out the study's id, --corpus, --search and --out, or --all"
        )


def _print_store(across: "AcrossStudies", *, as_json: bool) -> None:
    from soundproof.analysis.json_forms.across_studies import across_studies_plain
    from soundproof.analysis.tables.across_studies import across_studies_table
    from soundproof.analysis.tables.terminal import terminal_table

    if as_json:
        print_json(across_studies_plain(across))
    else:
        print_tables(terminal_table(across_studies_table(across)))


def curves(
    studies: typer_options.NamedStudiesArgument = None,
    *,
    variant: Annotated[
        list[str] | None,
        typer.Option(
            "--variant",
            help="A variant's id, may be repeated; a study of which none is named is drawn whole.",
            autocompletion=completion.variants,
        ),
    ] = None,
    metric: Annotated[
        str,
        typer.Option(
            "--metric",
            help="loss or accuracy, training beside validation; or a whole name from the record: validation/cer.",
            autocompletion=completion.one_of("loss", "accuracy"),
        ),
    ] = "loss",
    preset: typer_options.AnyPresetOption = None,
    corpus: Annotated[
        list[str] | None,
        typer.Option(
            "--corpus",
            help="As for `report`; may be repeated, for one figure of several.",
            autocompletion=completion.corpora,
        ),
    ] = None,
    lowest: Annotated[
        float | None, typer.Option("--lowest", help="Where the axis of values starts; percent of an accuracy.")
    ] = None,
    highest: Annotated[float | None, typer.Option("--highest", help="Where it ends.")] = None,
    epochs: Annotated[int | None, typer.Option("--epochs", help="The last epoch that is drawn.", min=1)] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="FILE.html or FILE.svg; a page among the reports by default.")
    ] = None,
    file: typer_options.FileOption = None,
    storage: typer_options.StorageOption = DEFAULT_STORAGE,
    tracking_uri: typer_options.TrackingOption = None,
    as_json: typer_options.JsonOption = False,
) -> None:
    """Draw learning curves of any studies, variants and corpora in one figure: training beside validation."""
    from soundproof.analysis.pages.compared_curves import check_ending
    from soundproof.trainables.sweeps.storage import Storage

    make_known(file)
    ids = list(dict.fromkeys(studies or [named(None, file)]))
    declared = [find_study_or_ablation(study) for study in ids]
    more = f".and-{len(ids) - 1}-more" if len(ids) > 1 else ""
    path = out or Storage(root=storage).reports / f"curves.{ids[0]}{more}.{metric.replace('/', '-')}.html"
    check_ending(path)
    compared = compare_curves(
        declared,
        variants=variant or (),
        metric=metric,
        preset=preset,
        corpora=corpus or (),
        lowest=lowest,
        highest=highest,
        epochs=epochs,
        storage=storage,
        tracking_uri=tracking_uri,
    )
    written = compared.write(path)
    if as_json:
        print_json(compared.plain())
    else:
        print(f"Curves: {written}")


def importance(
    study: typer_options.NamedArgument = None,
    *,
    metric: Annotated[
        str | None, typer.Option("--metric", help="A recorded metric; the study's own by default.")
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            "--by",
            help="levels: declared factors; params: every field that varies; choices: those of a search.",
            autocompletion=completion.one_of(*completion.FACTORS),
        ),
    ] = None,
    preset: typer_options.AnyPresetOption = None,
    corpus: typer_options.AnyCorpusOption = None,
    file: typer_options.FileOption = None,
    storage: typer_options.StorageOption = DEFAULT_STORAGE,
    tracking_uri: typer_options.TrackingOption = None,
    as_json: typer_options.JsonOption = False,
) -> None:
    """Show how much each factor matters, over the recorded trials of a study or a search."""
    import numpy as np

    from soundproof.analysis.importance.importance import Granularity, factor_importances
    from soundproof.analysis.json_forms.values import importance_plain
    from soundproof.analysis.records.loading import load_search, load_study
    from soundproof.analysis.tables.importance import importance_table
    from soundproof.analysis.tables.terminal import terminal_table

    declared, uri = find_named(study, file), parse_tracking_uri(tracking_uri, storage)
    recorded = parse_recorded_corpus(corpus)
    searched = isinstance(declared, SearchSpace)
    wanted = by or ("choices" if searched else "levels")
    grain: Granularity = choose_name("kind of factor", wanted, get_args(Granularity))
    if searched:
        trials = load_search(uri, declared.id, preset, recorded).searched
    else:
        trials = load_study(uri, declared.id, preset, recorded, histories=()).trials
    generator = np.random.default_rng(0)
    found = factor_importances(trials, metric or declared.metric, by=grain, generator=generator)
    if as_json:
        print_json(importance_plain(found))
    else:
        print_tables(terminal_table(importance_table(found)))
