"""Every sampler on every declared space that it can search."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from toy_searches import CONDITIONAL, TINY, ToySearch, settings_of

from soundproof.common.errors import UserError
from soundproof.search_spaces import find_space
from soundproof.search_spaces.choices import Assignment, Replayed
from soundproof.search_spaces.open_spaces import SPACES
from soundproof.search_spaces.spaces import SearchSpace
from soundproof.trainables.sweeps.searching import proposals
from soundproof.trainables.sweeps.searching.history import History
from soundproof.trainables.sweeps.searching.proposals import Sample
from soundproof.trainables.sweeps.searching.samplers import SamplerName


def _propose(path: Path, space: SearchSpace, sampler: SamplerName, trials: int) -> list[Sample]:
    """So many proposals, two open at a time; how good one is depends on what it chose alone."""
    history = History(path, space, settings_of(trials, objectives=(space.metric,), sampler=sampler), epochs=2)
    samples: list[Sample] = []
    for _ in range(trials):
        sample = history.ask()
        if sample is None:
            break
        samples.append(sample)
        history.accept(sample, str(sample.number))
        if len(samples) > 1:
            told = samples[-2]
            length = sum(len(str(value)) for value in told.assignment.values())
            history.tell(told.number, "completed", {space.metric: float(length)})
    return samples


@pytest.mark.parametrize("sampler", ["tpe", "random", "quasi-random", "gp"])
@pytest.mark.parametrize("space", SPACES, ids=lambda space: space.id)
def test_proposals_lie_in_the_space(
    space: SearchSpace, sampler: SamplerName, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every proposal is an assignment with all the parameters that its choices need, no others, all in range."""
    trials = 40 if sampler == "tpe" else 20
    if sampler == "gp":  # half a second each
        monkeypatch.setattr(proposals, "STARTUP_TRIALS", 4)
        trials = 6
    samples = _propose(tmp_path / "journal", space, sampler, trials)
    assert [sample.number for sample in samples] == list(range(trials))
    for sample in samples:
        chooser = Replayed(sample.assignment)
        assert space.choose(chooser) == sample.assignment
        chooser.check_all_used()
    assert len({tuple(sample.assignment.items()) for sample in samples}) > trials // 2


def test_cma_es_adapts_to_what_it_hears(tmp_path: Path) -> None:
    """The one declared space with two numbers that all its networks have; proposals lie in it."""
    space = find_space("genres")
    samples = _propose(tmp_path / "journal", space, "cma-es", 40)
    assert all(space.choose(Replayed(sample.assignment)) == sample.assignment for sample in samples)
    assert len(samples) == 40


@pytest.mark.parametrize("space_id", ["speech", "speech-recipe", "sounds", "keywords"])
def test_cma_es_needs_numbers(space_id: str, tmp_path: Path) -> None:
    """Where it would only draw at random it says so, and what to do, before there is a journal."""
    with pytest.raises(UserError, match=r"cma-es needs at least 2 numbers .* --sampler tpe"):
        _propose(tmp_path / "journal", find_space(space_id), "cma-es", 1)
    assert not list(tmp_path.iterdir())


def test_a_grid_needs_steps(tmp_path: Path) -> None:
    """Every number without a step is named, those with one are not, and nothing is begun."""
    with pytest.raises(UserError, match=r"recipe\.optimizer\.sgd\.learning_rate .* --sampler quasi-random") as caught:
        _propose(tmp_path / "journal", CONDITIONAL, "grid", 1)
    assert "adam.learning_rate" in str(caught.value)
    assert "momentum" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_a_grid_is_walked_through_and_then_the_search_ends(tmp_path: Path) -> None:
    """More trials were asked for than there are points: each is trained once, in the order of the enumeration."""
    search = ToySearch(tmp_path / "journal", TINY, settings_of(20, sampler="grid")).run(2)
    assert sorted(str(sample.assignment) for sample in search.samples()) == sorted(map(str, TINY.assignments()))
    assert [sample.number for sample in search.samples()] == list(range(12))
    assert not list(search.history.turned_down())


@pytest.mark.parametrize("sampler", ["tpe", "random", "quasi-random"])
def test_a_small_space_is_exhausted(sampler: SamplerName, tmp_path: Path) -> None:
    """Each of the twelve once, soon, although the sampler knows nothing of what is left; then the search ends."""
    search = ToySearch(tmp_path / "journal", TINY, settings_of(20, sampler=sampler)).run(2)
    assert len(search.ends) == 12
    assert {str(sample.assignment) for sample in search.samples()} == set(map(str, TINY.assignments()))
    assert len(search.told()) < 100


@pytest.mark.parametrize("again_after", [None, 3])
def test_a_grid_is_walked_once_however_many_points_lie_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, again_after: int | None
) -> None:
    """A proposal takes one step, whatever its number; a search that is taken up again walks to where it was."""
    steps = 0
    assignments = SearchSpace.assignments

    def counted(space: SearchSpace) -> Iterator[Assignment]:
        nonlocal steps
        for assignment in assignments(space):
            steps += 1
            yield assignment

    monkeypatch.setattr(SearchSpace, "assignments", counted)
    history = _grid(tmp_path)
    chosen = []
    for number in range(6):
        if number == again_after:
            history, steps = _grid(tmp_path), 0
        sample = history.ask()
        assert sample is not None
        history.accept(sample, f"trial {number}")
        chosen.append(sample.assignment)
    assert steps == 6
    assert chosen == list(itertools.islice(assignments(TINY), 6))


def _grid(tmp_path: Path) -> History:
    return History(tmp_path / "journal", TINY, settings_of(8, sampler="grid"), epochs=2)
