"""Search spaces as values: variants of assignments, and where values lie."""

from dataclasses import replace
from random import Random

import pytest

from soundproof.search_spaces import SearchSpace
from soundproof.search_spaces.alphabet import OUTPUTS
from soundproof.search_spaces.choices import Drawn, as_node, assignment_digest, build, integers, one_of, reals
from soundproof.search_spaces.constraints import AtMostParameters
from soundproof.search_spaces.specs import (
    Adam,
    BareHead,
    ConvStack,
    Dropout,
    LogSpectrogram,
    Mfcc,
    Recipe,
    SpecError,
    SpeechNetwork,
)
from soundproof.search_spaces.studies import Level

SPACE = SearchSpace(
    id="tiny",
    question="Which is best?",
    source="none",
    features=one_of(spectrogram=LogSpectrogram(), mfcc=build(Mfcc, coefficients=integers(13, 26, step=13))),
    network=build(
        SpeechNetwork,
        convolution=build(
            ConvStack,
            layers=integers(1, 2),
            filters=OUTPUTS,
            kernel_size=integers(2, 3),
            sublayers=(build(Dropout, rate=reals(0.1, 0.3, step=0.1)),),
        ),
        recurrent=None,
        head=BareHead(),
    ),
    recipe=as_node(Recipe(optimizer=Adam(learning_rate=0.01))),
    epochs=3,
    constraints=(AtMostParameters(total=1000),),
)
CHOSEN = {
    "features": "mfcc",
    "features.mfcc.coefficients": 13,
    "network.convolution.layers": 2,
    "network.convolution.kernel_size": 3,
    "network.convolution.sublayers.1.rate": 0.3,
}


def test_a_variant_says_what_was_chosen() -> None:
    """Its id has the digest of the assignment, its levels all that was chosen, in the order of the space."""
    variant = SPACE.variant(dict(reversed(CHOSEN.items())))
    assert variant.id == f"tiny/{assignment_digest(CHOSEN)}"
    assert variant.levels == tuple(Level(factor=name, value=str(value)) for name, value in CHOSEN.items())
    assert variant.features == Mfcc(coefficients=13)
    assert variant.network.convolution == ConvStack(
        layers=2, filters=OUTPUTS, kernel_size=3, sublayers=(Dropout(rate=0.3),)
    )
    assert (variant.recipe.optimizer, variant.epochs) == (Adam(learning_rate=0.01), 3)


def test_rounding_does_not_make_another_variant() -> None:
    """0.1 + 2 * 0.1 is 0.30000000000000004 for a sampler, and 0.3 in the space."""
    rounded = {**CHOSEN, "network.convolution.sublayers.1.rate": 0.1 + 2 * 0.1}
    assert SPACE.variant(rounded) == SPACE.variant(CHOSEN)


def test_a_variant_is_found_again() -> None:
    """Features, network and recipe lead back to the assignment; what lies outside leads to none."""
    variant = SPACE.variant(CHOSEN)
    assert SPACE.assignment_of(variant.features, variant.network, variant.recipe) == CHOSEN
    assert SPACE.assignment_of(LogSpectrogram(sample_rate_hz=8000), variant.network, variant.recipe) is None
    assert SPACE.assignment_of(variant.features, variant.network, replace(variant.recipe, batch_size=1)) is None


def test_a_contradiction_keeps_its_reason() -> None:
    """An even kernel with "same" padding can be chosen here, listed and drawn, and is refused with the spec's words."""
    with pytest.raises(SpecError, match='kernel_size must be odd for "same" padding, got 2'):
        SPACE.variant({**CHOSEN, "network.convolution.kernel_size": 2})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"features": "spectrogram"}, r"do not exist with its choices: features\.mfcc\.coefficients"),
        ({"features": "cepstrum"}, r"features must be one of spectrogram \| mfcc, got 'cepstrum'"),
        ({"network.convolution.layers": 3}, r"network\.convolution\.layers must be 1 to 2, got 3"),
        ({"elsewhere": 1}, "do not exist with its choices: elsewhere"),
    ],
)
def test_wrong_assignments_are_refused(change: dict[str, object], message: str) -> None:
    """The parameter is named, across all three parts."""
    with pytest.raises(SpecError, match=message):
        SPACE.variant(CHOSEN | change)  # type: ignore[operator]


def test_the_number_is_that_of_the_list() -> None:
    """3 features, 2 depths, 2 kernels, 3 rates; each listed assignment differs."""
    listed = [assignment_digest(found) for found in SPACE.assignments()]
    assert len(set(listed)) == len(listed) == SPACE.count() == 3 * 2 * 2 * 3


def test_drawing_is_choosing_at_random() -> None:
    """A draw is what the random chooser decides, and depends on the generator alone."""
    assert SPACE.draw(Random(3)) == SPACE.choose(Drawn(Random(3)))
    assert len({assignment_digest(SPACE.draw(Random(seed))) for seed in range(50)}) > 20


def test_spaces_are_values() -> None:
    """A space survives its JSON, constraints included, and must train at least an epoch."""
    assert SearchSpace.from_json(SPACE.to_json()) == SPACE
    with pytest.raises(SpecError, match="epochs must be at least 1, got 0"):
        replace(SPACE, epochs=0)
