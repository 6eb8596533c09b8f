"""Whether an HTML page is balanced."""

from html.parser import HTMLParser


def assert_balanced(page: str) -> set[str | None]:
    """Every element is closed in the order in which it was opened, and no id is given twice; gives the ids."""
    balance = _Balance()
    balance.feed(page)
    assert balance.open == []
    assert len(balance.ids) == len(set(balance.ids))
    return set(balance.ids)


class _Balance(HTMLParser):
    EMPTY = frozenset({"meta", "br", "img", "link", "input"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
