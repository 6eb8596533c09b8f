"""Tables for LaTeX, with the rules of the booktabs package (Fear 2005)."""

import math
import re
import textwrap
from collections.abc import Iterable, Mapping

from soundproof.analysis.notation.quantities import MINUS
from soundproof.analysis.tables.paper import PaperColumn, PaperTable, on_one_line

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
_TEXT_WIDTH = 81.0
"""Digits of \\footnotesize in a line of LaTeX's own classes: 345 points, 4.25 each."""
_GAP = 1.42
"""The same of the room between two columns, 6 points."""
_SECOND_LINE = " ("
"""What follows in a cell of numbers, a confidence say, may stand below them."""
_WORD = re.compile(r"[^\s-]+-?")
"""What TeX sets in one line."""


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
    columns = [(column, [row[index] for row in table.rows]) for index, column in enumerate(table.columns)]
    texts = [[_numbers(cell) if column.numeric else escape_latex(cell) for cell in cells] for column, cells in columns]
    lines = [
        r"\begin{table}",
        r"  \centering\footnotesize\setlength{\tabcolsep}{3pt}",
        rf"  \caption{{{escape_latex(table.caption)}}}",
        rf"  \label{{tab:{_slug(place)}-{table.name}}}",
        rf"  \begin{{tabular}}{{@{{}}{''.join(_kinds(columns))}@{{}}}}",
        r"    \toprule",
        _row([_heading(*column) for column in columns]),
        r"    \midrule",
        *map(_row, zip(*texts, strict=True)),
        r"    \bottomrule",
        r"  \end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def _row(cells: Iterable[str]) -> str:
    return f"    {' & '.join(cells)} \\\\"


def _heading(column: PaperColumn, cells: list[str]) -> str:
    """In as many lines as it takes not to be wider than the numbers below it."""
    if not column.numeric:
        return escape_latex(column.heading)
    lines = [_numbers(line) for line in _heading_lines(column, cells)]
    return lines[0] if len(lines) == 1 else r"\shortstack[r]{" + r"\\".join(lines) + "}"


def _heading_lines(column: PaperColumn, cells: list[str]) -> list[str]:
    widest = max(map(len, [*column.heading.split(), *_parts(cells)]))
    return textwrap.wrap(column.heading, widest, break_long_words=False, break_on_hyphens=False)


def _numbers(text: str) -> str:
    """Our own words and numbers, their signs as mathematics: not every font of pdfTeX has the characters."""
    escaped = escape_latex(text).replace(" to ", "~to~")
    for character, mathematics in _IN_MATHEMATICS.items():
        escaped = escaped.replace(character, mathematics)
    return escaped


def _parts(cells: list[str]) -> list[str]:
    """What of each cell of numbers stands in one line."""
    return [part for cell in cells for part in cell.split(_SECOND_LINE)]


def _kinds(columns: list[tuple[PaperColumn, list[str]]]) -> list[str]:
    """What LaTeX makes of each column, so that the table is no wider than the text wherever words can be broken."""
    taken = sum(_width_of_numbers(column, cells) for column, cells in columns if column.numeric)
    room = _TEXT_WIDTH - taken - _GAP * (len(columns) - 1)
    words = {index: [column.heading, *cells] for index, (column, cells) in enumerate(columns) if not column.numeric}
    broken = _broken(words, room)
    return [
        _kind_of_numbers(column, cells) if column.numeric else _kind_of_words(broken.get(index))
        for index, (column, cells) in enumerate(columns)
    ]


def _width_of_numbers(column: PaperColumn, cells: list[str]) -> int:
    """In digits, with one to spare where lines are broken."""
    return max(map(len, [*_heading_lines(column, cells), *_parts(cells)])) + _is_parted(cells)


def _is_parted(cells: list[str]) -> bool:
    return any(_SECOND_LINE in cell for cell in cells)


def _kind_of_numbers(column: PaperColumn, cells: list[str]) -> str:
    if not _is_parted(cells):
        return "r"
    return rf">{{\raggedleft\arraybackslash}}p{{{_share(_width_of_numbers(column, cells))}\linewidth}}"


def _kind_of_words(width: float | None) -> str:
    return "l" if width is None else rf">{{\raggedright\arraybackslash}}p{{{_share(width)}\linewidth}}"


def _share(width: float) -> str:
    return f"{math.floor(100 * width / _TEXT_WIDTH) / 100:.2f}"


def _broken(words: Mapping[int, list[str]], room: float) -> dict[int, float]:
    """The columns of words that do not fit into `room`, with their widths: what narrow ones leave, in equal shares."""
    left = {index: max(map(len, cells)) for index, cells in words.items()}
    while left:
        share = room / len(left)
        narrow = [index for index, width in left.items() if width <= share]
        if not narrow:
            longest = {index: max(map(len, _WORD.findall(" ".join(words[index])))) for index in left}
            return {index: max(share, longest[index]) for index in left}
        room -= sum(left.pop(index) for index in narrow)
    return {}


def _slug(text: str) -> str:
    """Letters, digits and hyphens: anything else in a label may mean something to some package."""
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")
