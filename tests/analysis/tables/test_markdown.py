"""Markdown: read back by markdown-it, with tables, HTML and strikethrough."""

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from soundproof.analysis.tables.markdown import markdown_tables
from soundproof.analysis.tables.paper import PaperColumn, PaperTable, on_one_line

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def shown(source: str) -> list[str]:
    """The texts of all cells and paragraphs. Fails where anything is more than text."""
    texts = []
    for token in PARSER.parse(source):
        if token.type == "inline":
            assert {child.type for child in token.children} <= {"text", "text_special"}, token.children
            texts.append("".join(child.content for child in token.children))
        else:
            assert token.type.removesuffix("_open").removesuffix("_close") in (
                *("table", "thead", "tbody", "tr", "th", "td", "paragraph"),
            )
    return texts


@given(st.text() | st.text(alphabet="\\|`*_<>[]()~&;#!$ a1.\n"), st.text(alphabet="ab|\\`<"))
def test_any_text_is_shown_as_it_is(cell: str, caption: str) -> None:
    """In a cell, a heading and a caption: no code, emphasis, link, HTML or further cell comes of it."""
    columns = (PaperColumn(heading=cell, numeric=False), PaperColumn(heading="n"))
    table = PaperTable(name="x", caption=caption, columns=columns, rows=((cell, "1"), ("second", cell)))
    expected = [on_one_line(text) for text in (cell, "n", cell, "1", "second", cell)]
    assert shown(markdown_tables([table])) == [*expected, f"Table: {caption}".rstrip()]
