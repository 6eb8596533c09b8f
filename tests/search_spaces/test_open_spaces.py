"""The declared search spaces: every sample of every space is a variant that can be counted and trained."""

import json
import re
from collections import Counter
from random import Random

import pytest

from soundproof.search_spaces import PRESETS, SPACES, STUDIES, SearchSpace, UnknownNameError, find_space
from soundproof.search_spaces.arithmetic import REFERENCE_EXTENTS
from soundproof.search_spaces.choices import assignment_digest
from soundproof.search_spaces.choices.traversal import assignment_to_json
from soundproof.search_spaces.constraints import AtMostMultiplyAccumulates, rejection, violation
from soundproof.search_spaces.planning import clip_frames
from soundproof.search_spaces.presets import plan_trial, with_outputs_for
from soundproof.search_spaces.specs import GroupSplit, SpeechNetwork
from soundproof.search_spaces.studies import Variant

EVERY_SPACE = pytest.mark.parametrize("space", SPACES, ids=lambda space: space.id)
SAMPLES = 200
COMPARISONS = 20
"""Of values of one parameter: the domain of most is smaller."""

MOST_ALIVE = 16
MOST_MULTIPLY_ACCUMULATES = {"speech": 5e7, "tracks": 2e6, "sounds": 1e7, "keywords": 2.5e7}
"""Per second of audio at the quick preset.

The largest documented networks need 3.9e7, 7.3e5, 1.6e6 and 2.4e7.
"""

DOCUMENTED_INSIDE = {
    "speech": {"asr-final-model/01", "asr-final-model/02", "asr-dense-rnn-tuning/07", "asr-gru-versus-lstm/02"},
    "speech-recipe": {"asr-cnn-sublayer-order/01"},
    "speech-attention": {
        f"asr-conformer/{name}" for name in ("conformer", "without-convolution", "1-head", "transformer")
    },
    "genres": {f"genre-crnn/{number}" for number in ("02", "03", "04", "04-time-major", "05")},
    "sounds": {"esc-cnn-family/01", "esc-cnn-family/02", "esc-cnn-family/03", "sound-augmentation/mixup"},
    "keywords": {"speech-commands/02"},
}
"""Documented variants from which a search of the space can start.

The MFCC network of the keywords is outside: it has batches of its own, and spaces do not choose those.
"""


@EVERY_SPACE
def test_every_sample_can_be_trained(space: SearchSpace) -> None:
    """At the quick size it has a trial, nothing stands against training it, and it costs about what studies cost."""
    preset, random = PRESETS[space.domain]["quick"], Random(0)
    limit = AtMostMultiplyAccumulates(per_second=int(MOST_MULTIPLY_ACCUMULATES[space.domain]))
    for _ in range(SAMPLES):
        variant = preset.variant(space.variant(space.draw(random)))
        speech = isinstance(variant.network, SpeechNetwork)
        frames = None if speech else clip_frames(variant.features, preset)
        assert violation(limit, variant.features, variant.network, frames) is None
        assert rejection(variant, space.constraints, REFERENCE_EXTENTS if frames is None else frames) is None
        trial = plan_trial(variant, preset, preset.corpus, GroupSplit(), 0).trial
        assert trial.network == with_outputs_for(variant.network, preset.corpus)


@EVERY_SPACE
def test_every_sample_is_found_again(space: SearchSpace) -> None:
    """The way from an assignment to a variant and back, and through JSON, changes nothing."""
    random = Random(1)
    for _ in range(SAMPLES):
        chosen = space.draw(random)
        variant = space.variant(chosen)
        assert space.assignment_of(variant.features, variant.network, variant.recipe) == chosen
        assert assignment_digest(json.loads(assignment_to_json(chosen))) == variant.id.split("/")[1]
        assert Variant.from_json(variant.to_json()) == variant


@EVERY_SPACE
def test_choices_make_a_difference_at_quick_size(space: SearchSpace) -> None:
    """Another value of one parameter is another trial there: no preset sets what the space varies."""
    preset, random = PRESETS[space.domain]["quick"], Random(2)
    compared: Counter[str] = Counter()
    for _ in range(SAMPLES):
        chosen, other = space.draw(random), space.draw(random)
        trained = _trained(preset.variant(space.variant(chosen)))
        for name in other:
            if compared[name] == COMPARISONS:
                continue
            if name not in chosen or other[name] == chosen[name] or _has_choices_below(space, name):
                continue
            changed = preset.variant(space.variant({**chosen, name: other[name]}))
            assert _trained(changed) != trained, (name, chosen[name], other[name])
            compared[name] += 1
    alone = {parameter.name for parameter in space.parameters() if not _has_choices_below(space, parameter.name)}
    assert len(+compared) >= 0.9 * len(alone)


def _has_choices_below(space: SearchSpace, name: str) -> bool:
    """Whether the value of a parameter decides which others exist."""
    return any(parameter.condition.startswith(f"{name} ") for parameter in space.parameters())


def _trained(variant: Variant) -> tuple[object, ...]:
    return (variant.features, variant.network, variant.recipe)


@EVERY_SPACE
def test_documented_variants_lie_inside(space: SearchSpace) -> None:
    """A search can start from documented variants, and builds them exactly."""
    for study in STUDIES:
        for variant in study.variants:
            if variant.id in DOCUMENTED_INSIDE[space.id]:
                chosen = space.assignment_of(variant.features, variant.network, variant.recipe)
                assert chosen is not None, variant.id
                assert _trained(space.variant(chosen)) == _trained(variant)


@EVERY_SPACE
def test_parameters_are_few_and_can_be_recorded(space: SearchSpace) -> None:
    """A trial has no more than a sampler can learn about, and the record can hold every name as part of a tag."""
    random = Random(3)
    assert max(len(space.draw(random)) for _ in range(SAMPLES)) <= MOST_ALIVE
    for parameter in space.parameters():
        assert re.fullmatch(r"[/\w.\- ]{1,200}", parameter.name), parameter.name
        assert parameter.range


@EVERY_SPACE
def test_spaces_survive_the_round_trip(space: SearchSpace) -> None:
    """A space is a value like any other, and asks a question with a source."""
    assert SearchSpace.from_json(space.to_json()) == space
    assert space.question.endswith("?")
    assert space.source


def test_numbers_of_assignments() -> None:
    """What the page of a search says of its size: spaces of numbers without steps have no end."""
    counts = {space.id: space.count() for space in SPACES}
    endless = {"speech-recipe", "speech-attention"}
    assert {name for name, number in counts.items() if number is None} == endless
    assert all(number > 10_000 for name, number in counts.items() if number is not None)


def test_ids_differ_and_are_found() -> None:
    """A space is found by its id, which no study has: both name experiments of the record."""
    ids = [space.id for space in SPACES]
    assert len(set(ids)) == len(ids)
    assert not set(ids) & {study.id for study in STUDIES}
    assert [find_space(space_id) for space_id in ids] == list(SPACES)
    with pytest.raises(UnknownNameError, match="no search space is called 'speech-recipes': did you mean 'speech-rec"):
        find_space("speech-recipes")
