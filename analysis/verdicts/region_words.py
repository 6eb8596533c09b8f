"""What it means, in words, that a difference was shown to lie in a region."""

from typing import assert_never

from soundproof.analysis.notation.quantities import Endpoint
from soundproof.analysis.statistics.intervals import Interval
from soundproof.search_spaces.claims import Above, Below, Between, Outside, Region


def region_words(region: Region, endpoint: Endpoint, interval: Interval | None) -> str:
    """A clause that ends the sentence of a verdict; `interval` is that of the difference."""
    match region:
        case Above(margins=low):
            return _above(low, endpoint, interval)
        case Below(margins=high):
            return _below(high, endpoint, interval)
        case Between(low=low, high=high):
            return f"less than {_amount(high, endpoint)}" if low == -high else _between(low, high, endpoint)
        case Outside(low=low, high=high):
            return f"more than {_amount(high, endpoint)}" if low == -high else f"not {_between(low, high, endpoint)}"
        case _:
            assert_never(region)


def _above(margins: float, endpoint: Endpoint, interval: Interval | None) -> str:
    if margins < 0:
        return f"so it is not worse by {_amount(-margins, endpoint)}"
    if margins > 0:
        return f"more than {_amount(margins, endpoint)}"
    if interval is None or not endpoint.said:
        return "more than chance explains"
    if interval.low > endpoint.margin:
        return f"more than chance explains and more than {_amount(1, endpoint)}"
    return f"more than chance explains, though perhaps by less than {_amount(1, endpoint)}"


def _below(margins: float, endpoint: Endpoint, interval: Interval | None) -> str:
    if margins < 0:
        return f"so it is worse by more than {_amount(-margins, endpoint)}"
    if margins == 0 or (interval is not None and interval.high < 0):
        return "so it is the worse one"
    return f"so it is not better by {_amount(margins, endpoint)}"


def _between(low: float, high: float, endpoint: Endpoint) -> str:
    measured = endpoint.quantity
    return f"between {measured.number(low * endpoint.margin)} and {measured.amount(high * endpoint.margin)}"


def _amount(margins: float, endpoint: Endpoint) -> str:
    if margins == 1 and endpoint.what_matters is not None:
        return endpoint.what_matters
    return endpoint.quantity.amount(margins * endpoint.margin)
