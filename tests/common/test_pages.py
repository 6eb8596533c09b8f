"""Results that come page by page."""

import pytest

from soundproof.common.pages import all_pages


class _Page(list[int]):
    """As MLflow's `PagedList` is one."""

    def __init__(self, items: list[int], token: str | None) -> None:
        super().__init__(items)
        self.token = token


@pytest.mark.parametrize("last", [None, ""])
def test_every_page_is_asked_for_once(last: str | None) -> None:
    """In order, an empty one in the middle too, until a page has no token."""
    pages = {None: _Page([1, 2], "a"), "a": _Page([], "b"), "b": _Page([3], last)}
    asked: list[str | None] = []

    def fetch(token: str | None) -> _Page:
        asked.append(token)
        return pages[token]

    assert list(all_pages(fetch)) == [1, 2, 3]
    assert asked == [None, "a", "b"]
