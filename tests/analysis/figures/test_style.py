"""Labels of figures: short, on two lines, and never markup."""

import pytest

from soundproof.analysis.figures import style


def test_a_long_label_takes_two_lines_and_loses_its_middle():
    """The ends of a label are what tells variants apart."""
    label = "12 convolutions of 200 filters each, densely connected, with dilations of 1, 2 and 4, dropout 0.4"
    first, second = style.wrapped(label).split("<br>")
    assert label.startswith(first)
    assert second.endswith("dropout 0.4")
    assert "…" in second


def test_what_a_user_wrote_is_escaped_on_every_line():
    """Only the line break is markup."""
    assert style.wrapped("<b>") == "&lt;b&gt;"
    assert style.wrapped("<script>alert(1)</script> and then some") == (
        "&lt;script&gt;alert(1)&lt;/script&gt; and<br>then some"
    )


@pytest.mark.parametrize("length", [10, 11, 12, 13])
def test_shortened_lines_keep_to_their_limit(length):
    """Never longer than asked for; unchanged where there is room."""
    assert len(style.shortened("x" * 30, length)) == length
    assert style.shortened("x" * length, length) == "x" * length
