"""Ids of studies and spaces: whatever is made from one stays within the storage."""

from dataclasses import replace

import pytest

from soundproof.search_spaces import STUDIES
from soundproof.search_spaces.open_spaces import SPACES
from soundproof.search_spaces.specs import SpecError
from soundproof.search_spaces.study_ids import LONGEST_ID, name_beside_id, part_of_id


@pytest.mark.parametrize(
    "given",
    [
        "",
        "../../../escaped",
        "team/words",
        "team\\words",
        "/words",
        ".",
        "..",
        ".hidden",
        "-x",
        "My",
        "ü",
        "a b",
        "a\n",
        "a" * 151,
    ],
)
def test_an_id_names_a_file(given: str) -> None:
    """A study and a space of any other id cannot be made; the message says what it must be and what it is."""
    for value in (STUDIES[0], SPACES[0]):
        with pytest.raises(SpecError, match=f"{type(value).__name__}.id must be lower-case letters") as raised:
            replace(value, id=given)
        assert f"got {given!r}: call it my-" in str(raised.value)


@pytest.mark.parametrize("given", ["a", "7", "asr-merge-mode", "ablate.own.7-layers.from.x.removals", "my_study.v2"])
def test_usual_ids_are_taken(given: str) -> None:
    """Those of declared studies, of ablations, and what people write."""
    assert (replace(STUDIES[0], id=given).id, replace(SPACES[0], id=given).id) == (given, given)


def test_what_no_id_has_is_told_apart() -> None:
    """Text that an id may have stays as it is; of other texts, two that look alike have different parts."""
    assert part_of_id("one-layer.2") == "one-layer.2"
    parts = {part_of_id(text) for text in ("3 x 3", "3/x/3", "3-x-3")}
    assert len(parts) == 3
    assert all(part.startswith("3-x-3") for part in parts)


@pytest.mark.parametrize(
    "name", ["folder-My Clips", "folder-größe", "manifest-ann's", 'folder-6"', "folder-" + 53 * "x"]
)
def test_what_may_stand_beside_an_id_stays_as_it_is(name: str) -> None:
    """Capitals, blanks, accents and one kind of quotation marks are what people write."""
    assert name_beside_id(name) == name


def test_what_may_not_stand_beside_an_id_is_told_apart() -> None:
    """The beginning stays readable, and the whole is the name of a file beside the longest id."""
    names = [
        name_beside_id(name) for name in ("a'b\"c", "a\"b'c", "a/b", "a-b", "x" * 250, "x" * 251, "é" * 150, "\udcff")
    ]
    assert len(set(names)) == len(names)
    assert names[0].startswith("a'b'c-")
    longest = max(len(name.encode()) for name in names)
    assert len(f"{'i' * LONGEST_ID}.documented-999-epochs.{'x' * longest}.group-folds.lock") <= 255
    assert not any("/" in name or {"'", '"'} <= set(name) for name in names)
