"""Results that a store gives page by page."""

from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

_Item_co = TypeVar("_Item_co", covariant=True)
_Item = TypeVar("_Item")


class Page(Protocol[_Item_co]):
    """A part of the results, as MLflow's `PagedList` is one. `token` asks for the next; empty or None on the last."""

    token: str | None

    def __iter__(self) -> Iterator[_Item_co]:
        """What the page holds."""


def all_pages(fetch: Callable[[str | None], Page[_Item]]) -> Iterator[_Item]:
    """Every result, in order. `fetch` gives the page of a token, the first one for None."""
    token: str | None = None
    while True:
        page = fetch(token)
        yield from page
        token = page.token
        if not token:
            return
