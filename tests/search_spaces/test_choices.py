"""Nodes of search spaces: every way of going through one agrees with every other, for nodes of every kind."""

import itertools
import json
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from spaces_strategies import assignments, draw, finite_nodes, nodes, replay

from soundproof.search_spaces.choices import (
    Node,
    as_node,
    assignment_digest,
    build,
    count,
    integers,
    locate,
    one_of,
    ordering,
    parameters,
    reals,
    repeat,
    subset,
)
from soundproof.search_spaces.choices.nodes import Given, OneOf
from soundproof.search_spaces.choices.traversal import assignment_to_json
from soundproof.search_spaces.specs import (
    BareHead,
    BatchNorm,
    ConvStack,
    Dropout,
    RecurrentStack,
    Relu,
    SpecError,
    SpeechNetwork,
)

MOST_LISTED = 3000
ANY_SEED = st.integers(0, 2**32)


def _value(node: Node, assignment: object) -> object:
    """The value of the assignment, or the reason why there is none."""
    try:
        return replay(node, assignment, "x")  # type: ignore[arg-type]
    except SpecError as error:
        return str(error)


@given(nodes, ANY_SEED)
@settings(deadline=None)
def test_a_sample_is_a_value_or_a_reason(node: Node, seed: int) -> None:
    """What cannot be built says so with the message of the spec itself, and nothing else is ever raised."""
    value = _value(node, draw(node, Random(seed), "x"))
    if isinstance(value, str) and value.startswith("kernel_size"):
        assert value == 'kernel_size must be odd for "same" padding, got 2: use 1 or 3'


@given(nodes, ANY_SEED)
@settings(deadline=None)
def test_the_same_seed_draws_the_same(node: Node, seed: int) -> None:
    """A draw depends on the generator alone, and survives JSON exactly: values, their types, and the digest."""
    first, second = (draw(node, Random(seed), "x") for _ in range(2))
    read = json.loads(assignment_to_json(first))
    assert first == second == read
    assert {name: type(value) for name, value in read.items()} == {name: type(first[name]) for name in first}
    assert assignment_digest(read) == assignment_digest(dict(reversed(first.items())))


@given(nodes, ANY_SEED)
@settings(deadline=None)
def test_a_value_is_found_again(node: Node, seed: int) -> None:
    """Where a value lies is an assignment that builds it; not always the drawn one, where two build the same."""
    assignment = draw(node, Random(seed), "x")
    try:
        value = replay(node, assignment, "x")
    except SpecError:
        assume(False)
    found = locate(node, value, "x")
    assert found is not None
    assert replay(node, found, "x") == value
    assert locate(node, object(), "x") is None


@given(nodes)
@settings(deadline=None)
def test_nodes_survive_the_round_trip(node: Node) -> None:
    """A node is a spec like any other: equal after JSON, with the same digest."""
    read = type(node).from_json(node.to_json())
    assert read == node
    assert read.digest() == node.digest()


@given(finite_nodes)
@settings(deadline=None)
def test_counting_agrees_with_listing(node: Node) -> None:
    """The number by arithmetic is the number of assignments listed, no two of which are equal.

    Together they have every parameter that is announced, and no other.
    """
    number = count(node)
    assert number is not None
    assume(number <= MOST_LISTED)
    found = list(assignments(node, "x"))
    listed = [assignment_to_json(assignment) for assignment in found]
    assert len(listed) == len(set(listed)) == number
    assert {name for assignment in found for name in assignment} == {each.name for each in parameters(node, "x")}


@given(finite_nodes, ANY_SEED)
@settings(deadline=None)
def test_draws_are_among_the_listed(node: Node, seed: int) -> None:
    """Sampling reaches nothing that listing does not."""
    number = count(node)
    assume(number is not None and number <= MOST_LISTED)
    assert draw(node, Random(seed), "x") in list(assignments(node, "x"))


@given(nodes, ANY_SEED)
@settings(deadline=None)
def test_what_is_chosen_is_what_is_announced(node: Node, seed: int) -> None:
    """Names are announced once each, and an assignment has exactly the parameters whose condition holds."""
    announced = parameters(node, "x")
    names = [parameter.name for parameter in announced]
    assert len(names) == len(set(names))
    assignment = draw(node, Random(seed), "x")
    holding = {parameter.name for parameter in announced if _holds(parameter.name, parameter.condition, assignment)}
    assert set(assignment) == holding


def _holds(name: str, condition: str, assignment: object) -> bool:
    """An independent reading of the conditions in words."""
    assert isinstance(assignment, dict)
    if condition == "always":
        return True
    for word in (" is at least ", " is ", " has "):
        owner, found, wanted = condition.partition(word)
        if not found:
            continue
        if word == " is at least ":
            chosen = assignment.get(owner)
            return chosen is not None and int(chosen) >= int(wanted)
        chosen = assignment.get(owner)
        return chosen == wanted if word == " is " else chosen is not None and wanted in chosen.split(", ")
    raise AssertionError(condition)


@given(nodes, ANY_SEED)
@settings(deadline=None)
def test_replaying_names_what_is_wrong(node: Node, seed: int) -> None:
    """A parameter too few, one too many, and a value outside are refused by name."""
    assignment = dict(draw(node, Random(seed), "x"))
    with pytest.raises(SpecError, match=r"do not exist with its choices: x\.nowhere"):
        replay(node, {**assignment, "x.nowhere": 1}, "x")
    for name in assignment:
        without = {other: value for other, value in assignment.items() if other != name}
        with pytest.raises(SpecError, match=rf"lacks {name}, "):
            replay(node, without, "x")
        with pytest.raises(SpecError, match=rf"^{name} must be .*, got 'elsewhere'"):
            replay(node, {**assignment, name: "elsewhere"}, "x")


def test_orderings_are_the_permutations() -> None:
    """Every order of the items once, as itertools has them; a choice within an item goes where the item goes."""
    items = (Relu(), BatchNorm(), Dropout(rate=0.2))
    node = ordering(*items)
    assert [replay(node, each, "x") for each in assignments(node, "x")] == list(itertools.permutations(items))
    open_rate = ordering(Relu(), dropout=build(Dropout, rate=reals(0.1, 0.2, step=0.1)))
    chosen = {"x": "dropout, relu", "x.dropout.rate": 0.1}
    assert replay(open_rate, chosen, "x") == (Dropout(rate=0.1), Relu())
    asked = ordering(a=integers(1, 2), b=integers(3, 4))
    assert {tuple(found) for found in assignments(asked, "x")} == {("x", "x.a", "x.b")}
    assert locate(node, (Relu(), BatchNorm(), Dropout(rate=0.3)), "x") is None
    assert locate(node, (Relu(), BatchNorm()), "x") is None


@pytest.mark.parametrize(("least", "most"), [(0, 3), (1, 2), (2, 2), (0, 1)])
def test_subsets_are_the_combinations(least: int, most: int) -> None:
    """Every allowed number of items in their order, as itertools has them."""
    node = subset("a", "b", "c", at_least=least, at_most=most)
    expected = [chosen for size in range(least, most + 1) for chosen in itertools.combinations("abc", size)]
    assert [replay(node, each, "x") for each in assignments(node, "x")] == expected


def test_repetitions_vary_each_or_together() -> None:
    """Each position has parameters of its own, or all share one; which of the two has no default."""
    each = repeat(integers(1, 2), integers(3, 4), vary="each")
    together = repeat(integers(1, 2), integers(3, 4), vary="together")
    assert {replay(each, found, "x") for found in assignments(each, "x")} == {
        (3,), (4,), (3, 3), (3, 4), (4, 3), (4, 4),
    }  # fmt: skip
    assert {replay(together, found, "x") for found in assignments(together, "x")} == {(3,), (4,), (3, 3), (4, 4)}
    assert list(assignments(each, "x"))[-1] == {"x.count": 2, "x.1": 4, "x.2": 4}
    assert list(assignments(together, "x"))[-1] == {"x.count": 2, "x.every": 4}
    assert locate(together, (3, 4), "x") is None
    with pytest.raises(TypeError, match="vary"):
        repeat(2, 3)  # type: ignore[call-arg]


def test_fields_of_two_options_have_names_of_their_own() -> None:
    """A parameter has its option in its name and exists with it alone, so that one name has one range."""
    node = one_of(
        none=None,
        plain=build(ConvStack, layers=integers(1, 4), filters=8, kernel_size=3, sublayers=()),
        dense=build(ConvStack, layers=integers(2, 12), filters=8, kernel_size=3, connectivity="dense", sublayers=()),
    )
    found = {parameter.name: parameter for parameter in parameters(node, "network.convolution")}
    dense = found["network.convolution.dense.layers"]
    assert (dense.kind, dense.range, dense.condition) == ("integer", "2 to 12", "network.convolution is dense")
    assert found["network.convolution.plain.layers"].range == "1 to 4"
    assert replay(node, {"c": "none"}, "c") is None
    with pytest.raises(SpecError, match=r"do not exist with its choices: c\.plain\.layers"):
        replay(node, {"c": "none", "c.plain.layers": 2}, "c")


def test_plain_values_and_specs_are_nodes() -> None:
    """A spec as it is builds an equal one, with nothing to choose, and is found again with nothing chosen."""
    network = SpeechNetwork(
        convolution=None,
        recurrent=RecurrentStack(cell="gru", layers=2, units=3, sublayers_between=(Dropout(rate=0.5), Relu())),
        head=BareHead(),
    )
    node = as_node(network)
    assert replay(node, {}, "x") == network
    assert locate(node, network, "x") == {}
    assert count(node) == 1


def test_what_python_holds_equal_is_not_one_node() -> None:
    """1, True and 1.0 are three values, in comparisons as in JSON."""
    assert len({Given(value=1), Given(value=True), Given(value=1.0)}) == 3
    assert Given(value=1) == Given.from_json(Given(value=1).to_json())
    assert locate(as_node(True), 1, "x") is None
    assert locate(as_node(True), True, "x") == {}


def test_infinite_spaces_have_no_number_and_no_list() -> None:
    """What cannot be listed names the parameter that has no step, before the end of the list is waited for."""
    node = as_node((one_of("a", "b"), build(Dropout, rate=reals(0.1, 0.5))))
    assert count(node) is None
    with pytest.raises(SpecError, match=r"x\.2\.rate has no step"):
        next(assignments(node, "x"))


def test_no_repetitions_of_something_infinite_are_one() -> None:
    """What is repeated not even once has no choices."""
    assert count(repeat(0, reals(0.0, 1.0), vary="each")) == 1
    assert count(repeat(one_of(0, 1), reals(0.0, 1.0), vary="together")) is None


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: build(Dropout), r"Dropout has the fields rate; .* missing \['rate'\]"),
        (lambda: build(Dropout, rate=0.1, seed=1), r"unknown \['seed'\]"),
        (lambda: OneOf.from_plain({"type": "OneOf", "options": []}), "at least 2, got"),
        (lambda: one_of("gru", "gru"), "labels that differ"),
        (lambda: one_of(1, integers(1, 2)), "needs a label"),
        (lambda: one_of(**{"a.b": integers(1, 2), "c": 1}), "letters, digits, spaces"),
        (lambda: subset("a", at_most=2), "at_most <= 1"),
        (lambda: subset("a", None), "cannot have a comma or be 'none'"),
        (lambda: ordering("a", "b, c"), "cannot have a comma"),
        (lambda: ordering(*range(7)), "at most 1000 options, got 5040 orderings"),
        (lambda: integers(3, 3), "low below high"),
        (lambda: integers(1, 4, step=2), "steps of 2 reach from 1, got 4: use 3"),
        (lambda: integers(1, 9, step=3, log=True), "needs a high that steps of 3 reach from 1, got 9: use 7"),
        (lambda: integers(0, 4, log=True), "low of 1 or more where it is log"),
        (lambda: reals(0, 1, log=True), "low of above 0 where it is log"),
        (lambda: reals(0.1, 0.45, step=0.1), "got 0.45: use 0.4"),
        (lambda: repeat("two", 1, vary="each"), "Repeat.count must be a whole number"),
        (lambda: repeat(True, 1, vary="each"), "Repeat.count must be a whole number"),
        (lambda: repeat(2, 1, vary="apart"), "'each', 'together'"),  # type: ignore[arg-type]
        (lambda: as_node({1, 2}), "a scalar, a tuple or a spec, got"),
    ],
)
def test_impossible_choices_are_refused(make: object, message: str) -> None:
    """A choice that cannot be is refused when it is declared, with what was given and what to do."""
    with pytest.raises(SpecError, match=message):
        make()  # type: ignore[operator]


def test_classes_are_looked_up_not_evaluated() -> None:
    """A node from JSON can build what trials consist of, and nothing else."""
    plain = build(Dropout, rate=0.1).to_plain()
    for name in ("os.system", "Spec", "Given", "Dropou"):
        with pytest.raises(SpecError, match="no spec that a trial consists of"):
            type(build(Dropout, rate=0.1)).from_plain({**plain, "class_name": name})
