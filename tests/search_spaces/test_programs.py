"""Commands as templates, and variants of what they vary."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundproof.search_spaces.programs import CommandError, CommandTemplate, arms, check, grid, parse_factor

PLAIN = st.text(st.characters(exclude_characters="{}\0", codec="utf-8"))


@given(words=st.lists(PLAIN, min_size=1), value=PLAIN)
def test_words_stay_words_whatever_is_in_them(words: list[str], value: str) -> None:
    """What a shell would read as words are the words, each value within one of them, signs of a shell or not."""
    template = CommandTemplate.parse(shlex.join([*words, "--value={value}", "{{kept}}"]))
    assert template.filled({"value": value}) == [*words, f"--value={value}", "{kept}"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("train 'seed", "No closing quotation"),
        ("", "got nothing"),
        ("train {seed.__class__}", "no name"),
        ("train {0}", "no name"),
        ("train {}", "no name"),
        ("train {seed!r}", "no name"),
        ("train {seed:>10}", "no name"),
        ("train {seed", "expects names in braces"),
    ],
)
def test_a_command_that_is_none(text: str, said: str) -> None:
    """Names alone stand in braces: nothing is evaluated."""
    with pytest.raises(CommandError, match=said):
        CommandTemplate.parse(text)


@pytest.mark.parametrize(
    ("command", "factors", "said"),
    [
        ("train {seed} {lr}", {"width": ["1", "2"]}, "no value: give --vary lr=A,B"),
        ("train {seed} {lr}", {"lr": ["1", "2"], "width": ["1"]}, "'width' varies and has no place"),
        ("train {lr}", {"lr": ["1", "2"]}, "has no {seed}"),
        ("train {seed}", {"seed": ["1", "2"]}, "'seed' is what each run has"),
    ],
)
def test_names_and_values_that_do_not_fit(command: str, factors: dict[str, list[str]], said: str) -> None:
    """Every name has a value, every value a place."""
    with pytest.raises(CommandError, match=said):
        check(CommandTemplate.parse(command), grid(factors), seeded=True)


def test_a_grid_and_its_names() -> None:
    """All combinations, the first factor slowest, called as `judge` calls them."""
    assert [arm.id for arm in grid({"lr": ["0.1", "1"], "depth": ["4"]})] == ["lr=0.1, depth=4", "lr=1, depth=4"]
    assert [arm.id for arm in arms([{"model": "a b"}, {"model": "c"}])] == ["a b", "c"]
    with pytest.raises(CommandError, match="nothing to compare"):
        grid({"lr": ["0.1"]})
    with pytest.raises(CommandError, match="'a' twice"):
        arms([{"model": "a"}, {"model": "a"}])


def test_factors_as_they_are_typed() -> None:
    """A name, and values that differ."""
    assert parse_factor("lr = 0.1, 1e-3") == ("lr", ("0.1", "1e-3"))
    for text in ("lr", "lr=", "lr=1,,2", "lr=1,1", "a b=1,2", "=1,2"):
        with pytest.raises(CommandError, match="--vary expects"):
            parse_factor(text)
