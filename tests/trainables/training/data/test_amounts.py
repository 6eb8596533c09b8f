"""Sides by their share of the data: the largest groups train, the others take turns."""

from hypothesis import given
from hypothesis import strategies as st

from soundproof.search_spaces.specs import GroupSplit
from soundproof.trainables.corpora.corpus import Example
from soundproof.trainables.training.data.amounts import sides_by_amount
from soundproof.trainables.training.data.splitting import draw_partitions


def _spoken(**amounts: int) -> list[Example]:
    return [
        Example(key=f"{name}{number}", target="one", recording=f"{name}{number}", speaker=name)
        for name, count in amounts.items()
        for number in range(count)
    ]


def test_one_speaker_with_most_of_the_data_trains_for_every_seed() -> None:
    """By numbers of speakers, seeds train on 40 or on 530 of these 550; by amounts all sides are alike."""
    examples = _spoken(jackson=500, **dict.fromkeys(("a", "b", "c", "d", "e"), 10))
    by_number = [draw_partitions(examples, GroupSplit(), seed, by_class=False) for seed in range(6)]
    assert {len(parts.train) for parts in by_number} == {40, 530}
    validating = set()
    for seed in range(10):
        parts = draw_partitions(examples, GroupSplit(share_of="examples"), seed, by_class=False)
        assert (len(parts.train), len(parts.validation), len(parts.test)) == (510, 20, 20)
        validating |= {examples[index].speaker for index in parts.validation}
    assert validating == {"a", "b", "c", "d", "e"}


@given(st.lists(st.integers(1, 1000), min_size=3, max_size=30), st.integers(0, 2**40), st.booleans())
def test_sides_are_filled_and_no_group_is_on_two(sizes: list[int], seed: int, has_test: bool) -> None:
    """Whatever sizes groups have; and nothing is held out that is larger than need be."""
    amounts = {f"g{number:02}": size for number, size in enumerate(sizes)}
    validating, testing = sides_by_amount(
        list(amounts), amounts, validation=0.15, test=0.15 if has_test else 0, seed=seed
    )
    assert validating
    assert bool(testing) == has_test
    assert len({*validating, *testing}) == len(validating) + len(testing) < len(amounts)
    limit = max(0.3 * sum(sizes), sorted(sizes)[1])
    assert all(amounts[name] <= limit for name in (*validating, *testing))


def test_equal_groups_take_turns() -> None:
    """Every one validates once in as many seeds as there are groups."""
    amounts = dict.fromkeys("abcdef", 7)
    chosen = [sides_by_amount(list(amounts), amounts, validation=0.15, test=0.15, seed=seed)[0] for seed in range(6)]
    assert sorted(chosen) == [[name] for name in "abcdef"]
