"""The command that writes the record in forms of other tools: `export`."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, get_args

import typer

from soundproof.api.options import DEFAULT_STORAGE, parse_recorded_corpus, parse_tracking_uri
from soundproof.command_line import completion, typer_options
from soundproof.command_line.custom_files import find_recorded
from soundproof.common.errors import UserError
from soundproof.common.whole_files import write_whole
from soundproof.search_spaces.catalogue import choose_name
from soundproof.search_spaces.spaces import SearchSpace
from soundproof.search_spaces.studies import Question, Study

if TYPE_CHECKING:
    from soundproof.analysis.records.trials import Results, SearchRecords

Form = Literal["latex", "markdown", "csv", "parquet", "script", "optuna", "citation"]
FORMS: tuple[Form, ...] = get_args(Form)


def export(
    study: typer_options.NamedArgument = None,
    *,
    form: Annotated[
        str,
        typer.Option(
            "--form",
            help="latex, markdown: tables for a paper; csv, parquet: a row a trial; script: Python that runs it again; "
            "optuna: a journal, or a database where --out ends in .db, for optuna-dashboard; citation: exact versions.",
            autocompletion=completion.one_of(*completion.FORMS),
        ),
    ],
    preset: typer_options.AnyPresetOption = None,
    corpus: typer_options.AnyCorpusOption = None,
    search: typer_options.RecordedSearchOption = None,
    out: Annotated[Path | None, typer.Option("--out", help="File to write; standard output by default.")] = None,
    file: typer_options.FileOption = None,
    storage: typer_options.StorageOption = DEFAULT_STORAGE,
    tracking_uri: typer_options.TrackingOption = None,
) -> None:
    """Write the record of a study or a search in a form for papers, spreadsheets, notebooks or dashboards."""
    chosen = choose_name("form", form, FORMS)
    _check_out(chosen, out)
    declared, uri = find_recorded(study, file, storage, search), parse_tracking_uri(tracking_uri, storage)
    recorded = parse_recorded_corpus(corpus)
    if isinstance(declared, SearchSpace):
        from soundproof.analysis.records.loading import load_search

        content = _export_search(declared, load_search(uri, declared.id, preset, recorded, search), chosen, out)
    else:
        from soundproof.analysis.records.loading import load_study

        records = load_study(uri, declared.id, preset, recorded, histories=())
        content = _export_study(declared, records, chosen, out)
    _hand_over(content, chosen, out)


def _check_out(form: Form, out: Path | None) -> None:
    """Raise `UserError` where the result could not be handed over, before anything is read."""
    if out is not None and out.is_dir():
        raise UserError(f"--out expects a file, got the folder {out}: name a file in it")
    if out is None and form == "optuna":
        raise UserError("optuna exports a file that optuna-dashboard opens: add --out study.journal, or --out study.db")
    if out is None and form == "parquet" and sys.stdout.isatty():
        raise UserError("parquet is no text for a terminal: add --out trials.parquet")


def _export_study(study: Question, records: "Results", form: Form, out: Path | None) -> str | bytes:
    from soundproof.analysis import exports

    match form:
        case "latex" | "markdown":
            from soundproof.analysis.summaries.study import summarise
            from soundproof.analysis.tables.for_papers import paper_text
            from soundproof.analysis.tables.study import study_tables

            return paper_text(study_tables(summarise(study, records)), form, study.id)
        case "script":
            if not isinstance(study, Study):
                raise UserError(f"{study.id!r} was decided by runs of a program: its script is the `decide` command")
            return exports.study_script(study, records)
        case "optuna":
            runs = exports.run_facts(records, exports.curve_of(study.metric))
            return exports.optuna_file([exports.study_as_optuna(study, records, runs)], _suffix(out))
        case _:
            return _export_records(records, form, out)


def _export_search(space: SearchSpace, records: "SearchRecords", form: Form, out: Path | None) -> str | bytes:
    from soundproof.analysis import exports

    match form:
        case "latex" | "markdown":
            from soundproof.analysis.summaries.search import summarise_search
            from soundproof.analysis.tables.for_papers import paper_text
            from soundproof.analysis.tables.search import search_paper_tables

            return paper_text(search_paper_tables(summarise_search(space.question, records)), form, space.id)
        case "script":
            searched = exports.recorded_space(records, exports.run_facts(records))
            return exports.search_script(searched, records)
        case "optuna":
            from soundproof.trainables.sweeps.searching.proposals import compiled

            runs = exports.run_facts(records, exports.curve_of(records.objectives[0]))
            searched = exports.recorded_space(records, runs)
            studies = exports.search_as_optuna(records, runs, lambda chosen: compiled(searched, chosen).distributions)
            return exports.optuna_file(studies, _suffix(out))
        case _:
            return _export_records(records, form, out)


def _export_records(
    records: "Results | SearchRecords", form: Literal["csv", "parquet", "citation"], out: Path | None
) -> str | bytes:
    """What is the same for studies and searches."""
    from soundproof.analysis import exports

    match form:
        case "csv":
            return exports.trials_csv(exports.trial_frame(records))
        case "parquet":
            return exports.trials_parquet(exports.trial_frame(records))
        case "citation":
            return exports.citation(exports.cite(records, exports.run_facts(records)), _suffix(out))


def _suffix(out: Path | None) -> str:
    return "" if out is None else out.suffix


def _hand_over(content: str | bytes, form: Form, out: Path | None) -> None:
    """To the file, whole or not at all, or to standard output."""
    if out is None:
        sys.stdout.buffer.write(content.encode() if isinstance(content, str) else content)
        sys.stdout.buffer.flush()
        return
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        write_whole(out, content)
    except OSError as error:
        raise UserError(f"nothing can be written to {out}: {error.strerror}. Name another file") from error
    print(f"Exported: {out}")
    if form == "optuna":
        from soundproof.analysis.exports import optuna_url

        print(f"Next: optuna-dashboard {shlex.quote(optuna_url(out))}")
