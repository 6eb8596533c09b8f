"""Commands that read the record: `report` and `importance`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, get_args

import typer

from command_line.options import (
    DEFAULT_STORAGE,
    AnyCorpusOption,
    AnyPresetOption,
    JsonOption,
    StorageOption,
    StudyArgument,
    TrackingOption,
)
from command_line.parsing import parse_tracking_uri
from command_line.printing import print_json, print_report, print_tables
from search_spaces.catalogue import unknown_name
from search_spaces.find_ablation import find_study_or_ablation


def report(
    study: StudyArgument,
    *,
    preset: AnyPresetOption = None,
    corpus: AnyCorpusOption = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for report.html and report.json.")] = None,
    storage: StorageOption = DEFAULT_STORAGE,
    tracking_uri: TrackingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Turn the record of a study into verdicts: a table, a page, and JSON."""
    declared = find_study_or_ablation(study)
    from analysis.study_report import report_study
    from trainables.sweeps.storage import Storage

    made = report_study(declared, parse_tracking_uri(tracking_uri, storage), preset, corpus)
    folder = out or Storage(root=storage).reports / f"{declared.id}.{made.records.preset}.{made.records.corpus}"
    print_report(made, made.write(folder), as_json=as_json)


def importance(
    study: StudyArgument,
    *,
    metric: Annotated[
        str | None, typer.Option("--metric", help="A recorded metric; the study's own by default.")
    ] = None,
    by: Annotated[str, typer.Option("--by", help="levels: the declared factors; params: every field that varies.")] = (
        "levels"
    ),
    preset: AnyPresetOption = None,
    corpus: AnyCorpusOption = None,
    storage: StorageOption = DEFAULT_STORAGE,
    tracking_uri: TrackingOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show how much each factor matters, over the recorded trials of a study."""
    import numpy as np

    from analysis.importance import Granularity, factor_importances
    from analysis.importance_table import importance_plain, importance_table
    from analysis.loading import load_study

    declared = find_study_or_ablation(study)
    grain = next((known for known in get_args(Granularity) if known == by), None)
    if grain is None:
        raise unknown_name("kind of factor", by, list(get_args(Granularity)))
    uri = parse_tracking_uri(tracking_uri, storage)
    records = load_study(uri, declared.id, preset, corpus, histories=())
    generator = np.random.default_rng(0)
    found = factor_importances(records.trials, metric or declared.metric, by=grain, generator=generator)
    if as_json:
        print_json(importance_plain(found))
    else:
        print_tables(importance_table(found))
