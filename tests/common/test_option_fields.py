"""Options that are declared as fields: listed, set by name and checked, those of settings within settings too."""

from dataclasses import MISSING, dataclass
from typing import Annotated

import pytest

from soundproof.common.errors import UserError
from soundproof.common.option_fields import Option, declared_options, from_options, option_values


@dataclass(frozen=True, kw_only=True, slots=True)
class Inner:
    """Settings that travel whole."""

    flag: Annotated[bool, Option(help="A flag.")] = False
    share: Annotated[float | None, Option(help="A share.", minimum=0, maximum=1)] = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Outer:
    """Options of a command; `plain` is none of them."""

    count: Annotated[int, Option(help="A count.", minimum=1)]
    inner: Inner = Inner(share=0.5)  # frozen
    name: Annotated[str, Option(help="A name.")] = "usual"
    plain: int = 3


def test_options_are_listed_in_their_order() -> None:
    """Those within settings in the place of the settings, with the defaults that they have there."""
    listed = [(option.name, option.default) for option in declared_options(Outer)]
    assert listed == [("count", MISSING), ("flag", False), ("share", 0.5), ("name", "usual")]


def test_options_are_set_by_name() -> None:
    """What is not set keeps its default; reading gives what was set."""
    made = from_options(Outer, {"count": 2, "flag": True})
    assert made == Outer(count=2, inner=Inner(flag=True, share=0.5))
    assert option_values(made) | {"plain": 3} == {"count": 2, "flag": True, "share": 0.5, "name": "usual", "plain": 3}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"count": 0}, "count must be a whole number of 1 or more, got 0"),
        ({"count": True}, "count must be a whole number of 1 or more, got True"),
        ({"count": 1, "share": 2}, "share must be a number from 0 to 1 or None, got 2"),
        ({"count": 1, "flag": 1}, "flag must be True or False, got 1"),
        ({"count": 1, "name": None}, "name must be text, got None"),
    ],
)
def test_values_that_cannot_be_are_refused(values: dict[str, object], message: str) -> None:
    """By type and bounds, wherever the option is declared."""
    with pytest.raises(UserError, match=message):
        from_options(Outer, values)
