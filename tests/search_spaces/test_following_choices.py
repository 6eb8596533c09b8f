"""Choices that follow others, as ties and as bounds, across parts of a space too; logarithmic ranges in steps."""

from collections import Counter
from dataclasses import replace
from random import Random

import optuna
import pytest

from soundproof.common import record
from soundproof.search_spaces.choices import as_node, build, chosen, integers, one_of, reals, repeat
from soundproof.search_spaces.choices.ranges import fixed_range
from soundproof.search_spaces.spaces import SearchSpace
from soundproof.search_spaces.specs import Adam, MelSpectrogram, Recipe, SpecError
from soundproof.search_spaces.specs.classifiers import FeedForward
from soundproof.trainables.sweeps.searching.proposals import Compiled, Suggested

SPACE = SearchSpace(
    id="following",
    domain="keywords",
    question="How many?",
    source="test",
    features=build(
        MelSpectrogram, sample_rate_hz=16000, window_samples=800, hop_samples=400, mel_bands=integers(20, 60, step=20)
    ),
    network=build(
        FeedForward,
        dense=(integers(1, 2), integers(1, chosen("network.dense.1", times=2)), chosen("features.mel_bands")),
        classes=12,
    ),
    recipe=build(
        Recipe, optimizer=build(Adam, learning_rate=0.001), batch_size=integers(1, chosen("network.dense.2", plus=1))
    ),
    epochs=1,
    metric=record.best(record.VALIDATION_ACCURACY),
)


def _dense(assignment: dict[str, object]) -> tuple[int, ...]:
    network = SPACE.variant(assignment).network
    assert isinstance(network, FeedForward)
    return network.dense


def test_bounds_and_ties_hold_for_every_assignment() -> None:
    """All are enumerated; each is built, found again, and different."""
    found = list(SPACE.assignments())
    expected = [
        (bands, first, second, batch)
        for bands in (20, 40, 60)
        for first in (1, 2)
        for second in range(1, 2 * first + 1)
        for batch in range(1, second + 2)
    ]
    assert [tuple(assignment.values()) for assignment in found] == expected
    for assignment in found:
        assert _dense(assignment)[2] == assignment["features.mel_bands"]
        variant = SPACE.variant(assignment)
        assert SPACE.assignment_of(variant.features, variant.network, variant.recipe) == assignment
    assert SPACE.count() is None
    assert SearchSpace.from_json(SPACE.to_json()) == SPACE


def test_what_breaks_a_tie_lies_outside() -> None:
    """Though each part would fit somewhere."""
    variant = SPACE.variant(next(SPACE.assignments()))
    assert isinstance(variant.network, FeedForward)
    for dense in ((1, 1, 40), (1, 3, 20)):
        assert SPACE.assignment_of(variant.features, replace(variant.network, dense=dense), variant.recipe) is None


def test_listings_say_what_is_followed() -> None:
    """In words."""
    shown = {parameter.name: parameter.range for parameter in SPACE.parameters()}
    assert shown["network.dense.2"] == "1 to 2 * network.dense.1"
    assert shown["recipe.batch_size"] == "1 to network.dense.2 + 1"


@pytest.mark.parametrize("sampler", [optuna.samplers.TPESampler(seed=0), optuna.samplers.RandomSampler(seed=0)])
def test_samplers_keep_to_bounds(sampler: optuna.samplers.BaseSampler) -> None:
    """What is drawn is within them, and what a journal keeps of it builds the same."""
    study = optuna.create_study(sampler=sampler, direction="minimize")
    seconds = Counter[object]()
    for _ in range(40):
        trial = study.ask()
        assignment = SPACE.choose(Suggested(trial))
        assert assignment["network.dense.2"] <= 2 * assignment["network.dense.1"]
        assert SPACE.variant(trial.params) == SPACE.variant(assignment)
        compiled = Compiled(assignment)
        SPACE.choose(compiled)
        assert compiled.distributions == trial.distributions
        seconds[assignment["network.dense.2"]] += 1
        study.tell(trial, float(assignment["network.dense.2"]))
    assert set(seconds) == {1, 2, 3, 4}


@pytest.mark.parametrize(
    ("network", "message"),
    [
        (build(FeedForward, dense=(chosen("network.densee.1"),), classes=12), "not there: did you mean network.dense"),
        (build(FeedForward, dense=(chosen("recipe.zzzzz"),), classes=12), "network follows a choice called"),
    ],
)
def test_what_follows_nothing_is_refused_where_it_is_declared(network: object, message: str) -> None:
    """With the nearest name."""
    network = replace(network, fields=(*network.fields[:-1], replace(network.fields[-1], node=as_node(12))))
    with pytest.raises(SpecError, match=message):
        replace(SPACE, recipe=as_node(Recipe(optimizer=Adam(learning_rate=0.1))), network=_with_choice(network))


def _with_choice(network: object) -> object:
    """A first layer that is chosen, so that there is a name."""
    dense, classes = network.fields
    layers = as_node((integers(1, 2), dense.node.items[0]))
    return replace(network, fields=(replace(dense, node=layers), classes))


def test_what_comes_later_or_leaves_nothing_is_turned_down() -> None:
    """By name, for each sample that has it."""
    later = build(FeedForward, dense=(integers(1, chosen("network.dense.2")), integers(1, 2)), classes=12)
    recipe = as_node(Recipe(optimizer=Adam(learning_rate=0.1)))
    with pytest.raises(SpecError, match="network.dense.1 follows network.dense.2, which does not exist .* comes later"):
        replace(SPACE, network=later, recipe=recipe).draw(Random(0))
    nothing = build(FeedForward, dense=(integers(3, 4), integers(5, chosen("network.dense.1"))), classes=12)
    with pytest.raises(SpecError, match=r"network.dense.2 would lie between 5 and [34] with these choices"):
        replace(SPACE, network=nothing, recipe=recipe).draw(Random(0))
    with pytest.raises(SpecError, match="a whole number of 0 or more"):
        repeat(integers(1, chosen("network.dense.1")), 3, vary="each")


@pytest.mark.parametrize(
    ("node", "values"),
    [
        (integers(8, 64, step=8, log=True), {8, 16, 24, 32, 40, 48, 56, 64}),
        (reals(0.1, 0.5, step=0.1, log=True), {0.1, 0.2, 0.3, 0.4, 0.5}),
    ],
)
def test_logarithmic_ranges_in_steps(node: object, values: set[float]) -> None:
    """Only steps are drawn, by us and by a sampler, small ones more often; a wrong whole number is none of them."""
    within = fixed_range(node)
    assert within is not None
    space = replace(
        SPACE,
        features=as_node(MelSpectrogram(sample_rate_hz=16000, window_samples=800, hop_samples=400, mel_bands=20)),
        network=as_node(FeedForward(dense=(2,), classes=12)),
        recipe=build(Recipe, optimizer=build(Adam, learning_rate=node), batch_size=one_of(1, 2)),
    )
    name = "recipe.optimizer.learning_rate"
    random = Random(0)
    drawn = Counter(space.draw(random)[name] for _ in range(2000))
    assert set(drawn) == values
    assert drawn[min(values)] > 2 * drawn[max(values)]
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=0), direction="minimize")
    for _ in range(30):
        trial = study.ask()
        assignment = space.choose(Suggested(trial))
        assert assignment[name] in values
        assert space.choose(Compiled(trial.params)) == assignment
        study.tell(trial, float(assignment[name]))
    assert within.number(9) is None
    assert space.count() == 2 * len(values)
