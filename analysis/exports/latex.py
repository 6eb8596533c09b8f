"""Tables for LaTeX, with the rules of the booktabs package (Fear 2005)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from analysis.exports.paper_tables import Column, PaperTable
from analysis.exports.plain_text import on_one_line
from analysis.metrics import MINUS

_ESCAPED = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "_": r"\_",
    "%": r"\%",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",  # inverted punctuation in TeX's own encoding of fonts, as is the next
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "`": r"\textasciigrave{}",
}
_LIGATURE = re.compile(r"([-',])(?=\1)")
"""Two hyphens would be set as a dash, two apostrophes or commas as quotation marks."""
_AFTER_ROW = ("[", "*")
"""At the beginning of a row, these would belong to the end of the row before."""
_IN_MATHEMATICS = {MINUS: "$-$", "\N{PLUS-MINUS SIGN}": r"$\pm$", "\N{EN DASH}": "--"}
_NARROW = 40
"""Characters up to which a column of words is as wide as its longest; a wider one is broken into lines."""


def escape_latex(text: str) -> str:
    """`text` as LaTeX that prints it, on one line. Characters beyond ASCII stay as they are."""
    escaped = "".join(_ESCAPED.get(character, character) for character in on_one_line(text))
    escaped = _LIGATURE.sub(r"\1{}", escaped)
    return "{}" + escaped if escaped.startswith(_AFTER_ROW) else escaped


def latex_tables(tables: Iterable[PaperTable], place: str) -> str:
    """One `table` environment after the other, for a document to input. `place` begins their labels."""
    needed = "% Needs \\usepackage{booktabs,array}; texts in other scripts than Latin need LuaLaTeX or XeLaTeX."
    return "\n".join([needed, *(_table(table, place) for table in tables)])


def _table(table: PaperTable, place: str) -> str:
    widths = [max((len(row[index]) for row in table.rows), default=0) for index in range(len(table.columns))]
    broken = sum(_is_broken(column, width) for column, width in zip(table.columns, widths, strict=True))
    kinds = [_kind(column, width, broken) for column, width in zip(table.columns, widths, strict=True)]
    lines = [
        r"\begin{table}",
        r"  \centering\small",
        rf"  \caption{{{escape_latex(table.caption)}}}",
        rf"  \label{{tab:{_slug(place)}-{table.name}}}",
        rf"  \begin{{tabular}}{{{''.join(kinds)}}}",
        r"    \toprule",
        _row([_heading(column) for column in table.columns]),
        r"    \midrule",
        *(_row([_cell(*pair) for pair in zip(table.columns, row, strict=True)]) for row in table.rows),
        r"    \bottomrule",
        r"  \end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def _row(cells: list[str]) -> str:
    return f"    {' & '.join(cells)} \\\\"


def _heading(column: Column) -> str:
    return _numbers(column.heading) if column.numeric else escape_latex(column.heading)


def _cell(column: Column, text: str) -> str:
    return _numbers(text) if column.numeric else escape_latex(text)


def _numbers(text: str) -> str:
    """Our own words and numbers, their signs as mathematics: not every font of pdfTeX has the characters."""
    escaped = escape_latex(text)
    for character, mathematics in _IN_MATHEMATICS.items():
        escaped = escaped.replace(character, mathematics)
    return escaped


def _is_broken(column: Column, width: int) -> bool:
    return not column.numeric and width > _NARROW


def _kind(column: Column, width: int, broken: int) -> str:
    if column.numeric:
        return "r"
    return rf">{{\raggedright\arraybackslash}}p{{{0.4 / broken:.2f}\linewidth}}" if _is_broken(column, width) else "l"


def _slug(text: str) -> str:
    """Letters, digits and hyphens: anything else in a label may mean something to some package."""
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")
