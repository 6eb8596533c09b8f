"""What a trial's seed held out, as a value and as tags of its run."""

from hypothesis import given
from hypothesis import strategies as st

from soundproof.common.record import HELD_OUT_BY, LONGEST_TAG, TESTED_ON, VALIDATED_ON, HeldOut

NAMES = st.lists(st.text(alphabet='ab", []1é', min_size=1, max_size=6), max_size=20)


@given(NAMES, NAMES, NAMES)
def test_the_group_is_equal_for_equal_sets_alone(some: list[str], others: list[str], test: list[str]) -> None:
    """In whatever order they are named, and however a name reads."""
    one, two = HeldOut.of("speaker", some, test), HeldOut.of("speaker", others, [])
    assert (one.group == two.group) is (set(some) == set(others))
    assert one == HeldOut.of("speaker", [*reversed(some), *some], test)


@given(NAMES, NAMES)
def test_tags_say_all_of_it(validation: list[str], test: list[str]) -> None:
    """And are short enough to be kept."""
    found = HeldOut.of("recording", validation, test)
    assert HeldOut.from_tags(found.tags) == found
    assert all(len(text) < LONGEST_TAG for text in found.tags.values())


def test_many_names_are_counted() -> None:
    """Hundreds of them would fit no tag."""
    found = HeldOut.of("recording", [f"blues.{n:05}.wav" for n in range(300)], ["a"])
    assert found.group.startswith("300 recordings (")
    assert found.test == ("a",)


def test_tags_that_say_nothing_are_nothing() -> None:
    """Those of an older run, and of one that was written over."""
    good = HeldOut.of("speaker", ["theo"], []).tags
    for spoilt in ({}, {HELD_OUT_BY: "speaker"}, good | {VALIDATED_ON: "theo"}, good | {TESTED_ON: "3"}):
        assert HeldOut.from_tags(spoilt) is None
