"""Hypothesis strategies for nodes of search spaces, and ways through one node alone."""

from collections.abc import Iterator
from random import Random
from typing import Any

from hypothesis import strategies as st

from soundproof.search_spaces.choices import (
    Assignment,
    Drawn,
    Node,
    Ordering,
    Repeat,
    Replayed,
    as_node,
    build,
    decide,
    enumerate_choices,
    integers,
    one_of,
)
from soundproof.search_spaces.choices.nodes import IntegerRange, Items, OneOf, Option, RealRange, Subset
from soundproof.search_spaces.specs import Adam, BatchNorm, ConvStack, Dropout, Relu

LABELS = ("first", "second", "third", "fourth")

scalars = st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-9, 9) | st.text("abc", max_size=3)
givens = scalars.map(as_node)


@st.composite
def integer_ranges(draw: Any, *, most_values: int = 30) -> IntegerRange:
    """Small ranges, with a step or log or neither."""
    log = draw(st.booleans())
    low, step = draw(st.integers(1 if log else -9, 9)), 1 if log else draw(st.integers(1, 3))
    return IntegerRange(low=low, high=low + step * draw(st.integers(1, most_values - 1)), step=step, log=log)


@st.composite
def stepped_ranges(draw: Any, *, most_values: int = 30) -> RealRange:
    """Ranges of numbers that people write, with steps."""
    tenths, step = draw(st.integers(-20, 20)), draw(st.sampled_from([1, 2, 5]))
    high = tenths + step * draw(st.integers(1, most_values - 1))
    return RealRange(low=tenths / 10, high=high / 10, step=step / 10)


@st.composite
def real_ranges(draw: Any) -> RealRange:
    """Ranges without steps."""
    log = draw(st.booleans())
    low = draw(st.floats(1e-6 if log else -9, 9))
    return RealRange(low=low, high=low + draw(st.floats(0.01, 9)), log=log)


@st.composite
def _options(draw: Any, nodes: st.SearchStrategy[Node], least: int, most: int) -> tuple[Option, ...]:
    made = draw(st.lists(nodes, min_size=least, max_size=most))
    return tuple(Option(label=label, node=node) for label, node in zip(LABELS, made, strict=False))


@st.composite
def _subsets(draw: Any, nodes: st.SearchStrategy[Node]) -> Subset:
    items = draw(_options(nodes, 1, 3))
    most = draw(st.integers(1, len(items)))
    return Subset(items=items, at_least=draw(st.integers(0, most)), at_most=most)


def _convolution(layers: Node, rate: Node) -> Node:
    """A stack of which some choices contradict each other: even kernels with "same" padding."""
    return build(
        ConvStack,
        layers=layers,
        filters=one_of(4, 8),
        kernel_size=integers(2, 3),
        padding=one_of("same", "valid"),
        sublayers=(Relu(), build(Dropout, rate=rate)),
    )


def _trees(numbers: st.SearchStrategy[Node], rates: st.SearchStrategy[Node], counts: Any) -> st.SearchStrategy[Node]:
    leaves = (
        givens
        | numbers
        | st.just(as_node(BatchNorm()))
        | st.builds(_convolution, st.just(integers(1, 2)), rates)
        | st.builds(lambda rate: build(Adam, learning_rate=rate), rates)
    )

    def grown(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        return (
            st.lists(nodes, max_size=2).map(lambda items: Items(items=tuple(items)))
            | st.builds(OneOf, options=_options(nodes, 2, 3))
            | st.builds(Ordering, items=_options(nodes, 2, 3))
            | _subsets(nodes)
            | st.builds(Repeat, count=counts, item=nodes, vary=st.sampled_from(["each", "together"]))
        )

    return st.recursive(leaves, grown, max_leaves=4)


_counts = st.sampled_from([as_node(0), as_node(2), integers(0, 2), integers(1, 2), one_of(0, 2), one_of(2, 1)])

finite_nodes = _trees(
    integer_ranges(most_values=3) | stepped_ranges(most_values=3),
    st.just(RealRange(low=0.1, high=0.3, step=0.1)),
    _counts,
)
"""Nodes of every kind whose assignments can be listed."""

nodes = _trees(
    integer_ranges() | stepped_ranges() | real_ranges(),
    st.sampled_from([RealRange(low=0.1, high=0.3), RealRange(low=0.001, high=0.1, log=True)]),
    _counts,
)
"""Nodes of every kind."""


def draw(node: Node, random: Random, name: str) -> Assignment:
    """A random assignment. Its value is not built, so that it can be rejected with a reason."""
    return decide(node, Drawn(random), name).assignment


def replay(node: Node, assignment: Assignment, name: str) -> Any:
    """The value that the assignment stands for.

    Raises `SpecError` naming a parameter that is missing, superfluous or out of its range.
    """
    chooser = Replayed(assignment)
    decision = decide(node, chooser, name)
    chooser.check_all_used()
    return decision.build()


def assignments(node: Node, name: str) -> Iterator[Assignment]:
    """Every assignment once, depth first. Raises `SpecError` naming a parameter that has no step."""
    return enumerate_choices(lambda chooser: decide(node, chooser, name).assignment)
