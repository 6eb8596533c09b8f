"""LaTeX: read back by a strict parser of what the tables may hold, and set by a real engine where there is one."""

import re
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundproof.analysis.tables.latex import escape_latex, latex_tables
from soundproof.analysis.tables.paper import PaperColumn, PaperTable, on_one_line

PRINTED = {
    r"\textbackslash{}": "\\",
    r"\textasciitilde{}": "~",
    r"\textasciicircum{}": "^",
    r"\textasciigrave{}": "`",
    r"\textless{}": "<",
    r"\textgreater{}": ">",
    r"\textbar{}": "|",
    **{f"\\{character}": character for character in "{}$&#_%"},
    "~": " ",
    "$-$": "\N{MINUS SIGN}",
    r"$\pm$": "\N{PLUS-MINUS SIGN}",
    "{}": "",
}
LIGATURES = {"--": "\N{EN DASH}", "''": "\N{RIGHT DOUBLE QUOTATION MARK}", ",,": "\N{DOUBLE LOW-9 QUOTATION MARK}"}
SPECIAL = set("\\{}$&#_%~^`<>|\n")
TOKEN = re.compile("|".join(re.escape(token) for token in (*PRINTED, *LIGATURES)) + "|.", re.DOTALL)
HOSTILE = (
    r"100%_of #1 & $x$ {~^} \end{table} <b>|`it`'' -- [1] * " + "日本 \N{RIGHT-TO-LEFT OVERRIDE}مرحبا 🎵\n\nnew\x07"
)


def printed(source: str) -> str:
    """What TeX would print for a text of a cell. Fails on anything that would not be printed as a character."""
    tokens = TOKEN.findall(source)
    for token in tokens:
        assert token in PRINTED or token in LIGATURES or token not in SPECIAL, (token, source)
    return "".join(PRINTED.get(token, LIGATURES.get(token, token)) for token in tokens)


def table(*rows: tuple[str, str]) -> PaperTable:
    """One column of texts and one of numbers."""
    columns = (PaperColumn(heading="100% of &", numeric=False), PaperColumn(heading="mean (%)"))
    return PaperTable(name="variants", caption=HOSTILE, columns=columns, rows=rows)


@given(st.text() | st.text(alphabet="\\{}$&#_%~^<>|`'-,*[] a\n"))
def test_any_text_is_printed_as_it_is(text: str) -> None:
    """On one line; nothing is read as a command, a ligature, or an argument of the row's end before it."""
    escaped = escape_latex(text)
    assert printed(escaped) == on_one_line(text)
    assert not escaped.startswith(("[", "*"))


@given(st.text())
def test_one_line_loses_white_space_alone(text: str) -> None:
    """Every printable character stays; a control character is shown as one that cannot be shown."""
    line = on_one_line(text)
    assert len(line.splitlines()) <= 1
    assert [c for c in line if c not in " \N{REPLACEMENT CHARACTER}"] == [
        c for c in text if not c.isspace() and (c.isprintable() or ord(c) > 0x9F) and c != "\N{REPLACEMENT CHARACTER}"
    ]


def test_a_table_has_the_form_that_booktabs_wants() -> None:
    """Line by line: environments closed in order, as many cells as columns, every cell as it was."""
    rows = ((HOSTILE, "1,234.5"), ("[0.1, 0.9]", "\N{MINUS SIGN}2.0 to 3.0"), ("*", "\N{EN DASH}"))
    lines = [line.strip() for line in latex_tables([table(*rows)], "my study/ünï").splitlines()]
    assert lines[0].startswith("% Needs \\usepackage{booktabs")
    assert lines[1:3] == [r"\begin{table}", r"\centering\footnotesize\setlength{\tabcolsep}{3pt}"]
    assert printed(re.fullmatch(r"\\caption\{(.*)\}", lines[3])[1]) == on_one_line(HOSTILE)
    assert lines[4] == r"\label{tab:my-study-n-variants}"
    assert lines[5] == r"\begin{tabular}{@{}>{\raggedright\arraybackslash}p{0.84\linewidth}r@{}}"
    assert (lines[6], lines[8], lines[-3:]) == (
        r"\toprule",
        r"\midrule",
        [r"\bottomrule", r"\end{tabular}", r"\end{table}"],
    )
    cells = [re.split(r"(?<!\\) & ", line.removesuffix(r" \\")) for line in (lines[7], *lines[9:-3])]
    expected = [("100% of &", "mean (%)"), *((on_one_line(first), second) for first, second in rows)]
    assert [tuple(printed(cell) for cell in row) for row in cells] == expected


LINE_POINTS, DIGIT_POINTS = 345.0, 4.25
"""A line of LaTeX's article class, and a digit of Computer Modern at 8 points."""


def width_in_points(source: str) -> float:
    """Of one table as LaTeX would set it: columns as wide as their longest line, or as they say."""
    (preamble,) = re.findall(r"\\begin\{tabular\}\{@\{\}(.*)@\{\}\}", source)
    kinds = re.findall(r"(?:>\{.*?\}p\{([0-9.]+)\\linewidth\}|[lr])", preamble)
    rows = [re.split(r"(?<!\\) & ", line.strip().removesuffix(r" \\")) for line in source.splitlines() if " & " in line]
    widths = []
    for kind, cells in zip(kinds, zip(*rows, strict=True), strict=True):
        lines = [line for cell in cells for line in re.sub(r"\\shortstack\[r\]\{(.*)\}", r"\1", cell).split(r"\\")]
        widths.append(float(kind) * LINE_POINTS if kind else DIGIT_POINTS * max(len(printed(line)) for line in lines))
    return sum(widths) + 6 * (len(widths) - 1)


@pytest.mark.parametrize(
    "words", [(), ("relu, batch norm, dropout 0.2",), ("its choices, one after the other " * 4, "a-b")]
)
def test_a_table_is_no_wider_than_the_text(words: tuple[str, ...]) -> None:
    """With the numbers of a study of many columns: heads are stacked, and words are broken where they must be."""
    heads = ("n", "mean (nats)", "\N{PLUS-MINUS SIGN}", "vs baseline (nats)", "95% interval", "CER (%)", "parameters")
    row = ("3", "44.5", "2.1", "\N{MINUS SIGN}19.7", "\N{MINUS SIGN}23.5 to \N{MINUS SIGN}16.0", "54.8", "74,237")
    columns = [PaperColumn(heading="variant", numeric=False)] * len(words) + [
        PaperColumn(heading=head) for head in heads
    ]
    made = PaperTable(name="variants", caption="", columns=tuple(columns), rows=((*words, *row),))
    source = latex_tables([made], "x")
    assert width_in_points(source) <= LINE_POINTS + 0.5
    assert r"\shortstack[r]{vs\\baseline\\(nats)}" in source


def test_a_table_of_claims_is_no_wider_than_the_text() -> None:
    """A confidence may stand below its interval, which is never parted; a verdict is never broken."""
    heads = ("difference", "interval", "n", "adjusted p")
    columns = [PaperColumn(heading=head, numeric=False) for head in ("claim", "verdict")]
    columns += [PaperColumn(heading=head) for head in heads]
    interval = "\N{MINUS SIGN}31.9 to \N{MINUS SIGN}35.2 (99.16%)"
    row = (
        "Without dropout the network is worse. " * 3,
        "contradicted",
        "\N{MINUS SIGN}19.6 nats",
        interval,
        "3",
        "0.0079",
    )
    source = latex_tables([PaperTable(name="claims", caption="", columns=tuple(columns), rows=(row,))], "x")
    assert width_in_points(source) <= LINE_POINTS + 0.5
    assert r"l" in re.findall(r"linewidth\}(.)r", source)
    assert r"$-$31.9~to~$-$35.2 (99.16\%)" in source


@pytest.mark.skipif(shutil.which("lualatex") is None, reason="no LuaLaTeX on this machine")
def test_a_real_engine_sets_it(tmp_path) -> None:
    """LuaLaTeX makes a page of hostile texts without an error."""
    body = latex_tables([table((HOSTILE, "1"), ("[a]", "2"), ("*", "3"))], "x")
    document = f"\\documentclass{{article}}\\usepackage{{booktabs,array}}\\begin{{document}}\n{body}\\end{{document}}\n"
    (tmp_path / "paper.tex").write_text(document, encoding="utf-8")
    command = ["lualatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
