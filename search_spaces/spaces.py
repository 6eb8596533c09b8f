"""A search space: one question, whose variants are found as a search goes. Declared before any data exists."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from soundproof.common import record
from soundproof.search_spaces import choices
from soundproof.search_spaces.choices import Assignment, Chooser, Node
from soundproof.search_spaces.constraints import Constraint
from soundproof.search_spaces.specs import Features, Network, Recipe, Spec, SpecError, TaskName
from soundproof.search_spaces.specs.checks import at_least_one
from soundproof.search_spaces.studies import Domain, Level, Margin, NatsPerCharacter, Variant, task_of
from soundproof.search_spaces.study_ids import check_id

_MARGIN = NatsPerCharacter(nats=0.05)


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchSpace(Spec):
    """Features, network and recipe with choices in place of values; all else as in a study.

    Names of parameters begin with the part they belong to: `features.coefficients`, `network.convolution.layers`. The
    three parts are chosen one after the other, and a later one may follow what was chosen in one before (`Chosen`).
    `constraints` turn down variants, at the size at which they would be trained, before any of them is.
    """

    id: str
    domain: Domain = "speech"
    question: str
    source: str
    features: Node
    network: Node
    recipe: Node
    epochs: int
    metric: str = record.best(record.VALIDATION_LOSS)
    margin: Margin = _MARGIN
    constraints: tuple[Constraint, ...] = ()

    def _check(self) -> None:
        check_id("SearchSpace", self.id)
        known: list[str] = []
        for name, node in self._parts():
            choices.check_followed(node, name, known)
        at_least_one(self, "epochs")

    @property
    def task(self) -> TaskName:
        """What the space's networks are trained to do."""
        return task_of(self.domain)

    def choose(self, chooser: Chooser) -> Assignment:
        """The assignment that `chooser` decides on. Nothing is built, so it may be one that has no variant."""
        return _together(self._decide(chooser))

    def draw(self, random: Random) -> Assignment:
        """A random assignment."""
        return self.choose(choices.Drawn(random))

    def assignments(self) -> Iterator[Assignment]:
        """Every assignment once. Raises `SpecError` naming a parameter that has no step."""
        return choices.enumerate_choices(self.choose)

    def variant(self, assignment: Assignment) -> Variant:
        """The variant at documented size, with a level for each parameter.

        Raises `SpecError` for an assignment that lacks parameters, has others or leaves a range, and for one that
        contradicts itself: the message then is that of the spec that cannot be made.
        """
        chooser = choices.Replayed(assignment)
        features, network, recipe = decisions = self._decide(chooser)
        chooser.check_all_used()
        chosen = _together(decisions)
        return Variant(
            id=f"{self.id}/{choices.assignment_digest(chosen)}",
            levels=tuple(Level(factor=name, value=choices.in_words(value)) for name, value in chosen.items()),
            features=features.build(),
            network=network.build(),
            recipe=recipe.build(),
            epochs=self.epochs,
        )

    def assignment_of(self, features: Features, network: Network, recipe: Recipe) -> Assignment | None:
        """The assignment that builds exactly these; None when they lie outside."""
        values = (features, network, recipe)
        found = choices.merged(
            choices.locate(node, value, name) for (name, node), value in zip(self._parts(), values, strict=True)
        )
        if found is None or not any(choices.follows(node) for _, node in self._parts()):
            return found
        try:  # what follows from other choices is seen where all of them are made
            variant = self.variant(found)
        except SpecError:
            return None
        return found if (variant.features, variant.network, variant.recipe) == values else None

    def count(self) -> int | None:
        """The number of assignments; None where there is no end of them, or it depends on what is chosen."""
        return choices.product(choices.count(node) for _, node in self._parts())

    def parameters(self) -> tuple[choices.Parameter, ...]:
        """Every parameter that any assignment can have."""
        return tuple(parameter for name, node in self._parts() for parameter in choices.parameters(node, name))

    def _decide(self, chooser: Chooser) -> list[choices.Decision]:
        decisions: list[choices.Decision] = []
        for name, node in self._parts():
            decisions.append(choices.decide(node, chooser, name, _together(decisions)))
        return decisions

    def _parts(self) -> tuple[tuple[str, Node], ...]:
        return (("features", self.features), ("network", self.network), ("recipe", self.recipe))


def _together(decisions: list[choices.Decision]) -> Assignment:
    """What was chosen in all parts, in the order in which it was asked for."""
    return {name: value for decision in decisions for name, value in decision.assignment.items()}
