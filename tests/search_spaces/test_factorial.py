"""Ablations as factorial experiments: variants, contrasts, and what is said where combinations are missing."""

import itertools
import re

import numpy as np
import pytest

from soundproof.search_spaces import STUDIES, ConfoundedEffect, MainEffect, Study, UnknownNameError, find_study
from soundproof.search_spaces.ablation import AblationError, dissect
from soundproof.search_spaces.claims import Contrast, confounding_words, weights_of
from soundproof.search_spaces.factorial import factorial
from soundproof.search_spaces.finding import find_study_or_ablation, find_study_or_space
from soundproof.search_spaces.planning import plan_study
from soundproof.search_spaces.presets import PRESETS, as_trained, preset_of

FOUR = dissect(find_study("genre-cnn-filters"), "genre-cnn-filters/01", what="removals")
SLUGS = [component.slug for component in FOUR.components]


def contrast_of(claim) -> Contrast:
    """The one contrast of a claim about an effect."""
    ((contrast,),) = claim.groups
    return contrast


def matrix(study: Study) -> np.ndarray:
    """The weights (claims, variants) of the main effects."""
    ids = [variant.id for variant in study.variants]
    return np.array([[weights_of(contrast_of(claim)).get(name, 0.0) for name in ids] for claim in study.claims])


def levels_of(study: Study) -> np.ndarray:
    """1 or -1 (variants, factors): as in the first variant, or not."""
    first = study.variants[0].levels
    return np.array(
        [
            [1 if ours == theirs else -1 for ours, theirs in zip(variant.levels, first, strict=True)]
            for variant in study.variants
        ]
    )


@pytest.mark.parametrize("runs", [16, 8])
def test_main_effects_are_orthogonal_and_each_sees_its_factor_alone(runs: int) -> None:
    """Weights of 2/n on every variant; the true effect of its own factor comes out, whatever the others do."""
    study = factorial(FOUR, runs=runs)
    weights, levels = matrix(study), levels_of(study)
    assert weights.shape == (4, runs)
    assert np.allclose(np.abs(weights), 2 / runs)
    assert np.allclose(weights @ weights.T, np.eye(4) * 4 / runs)
    effects = np.array([3.0, -1.0, 0.5, 2.0])
    assert np.allclose(weights @ (levels @ effects / 2 + 7), effects)
    kind = MainEffect if runs == 16 else ConfoundedEffect
    assert {type(claim) for claim in study.claims} == {kind}


def test_all_combinations_are_all_networks() -> None:
    """Sixteen different networks; the complete one is the baseline of the study, and every level is in words."""
    study = factorial(FOUR)
    assert (study.id, study.baseline) == (f"{FOUR.id}.factorial", "genre-cnn-filters/01")
    assert len({as_trained(variant) for variant in study.variants}) == 16
    assert len(set(map(tuple, levels_of(study).tolist()))) == 16
    assert [level.factor for level in study.variants[0].levels] == [component.name for component in FOUR.components]
    assert {level.value for variant in study.variants for level in variant.levels} == {"with", "without"}
    assert contrast_of(study.claims[2]).first == "with the L2 penalty"


@pytest.mark.parametrize("runs", [16, 8])
def test_interactions_are_differences_of_differences(runs: int) -> None:
    """Of two factors that act together by 1.5 each estimate gives 1.5; in a half, two such pairs are one estimate."""
    study = factorial(FOUR, runs=runs)
    assert len(study.estimates) == (6 if runs == 16 else 3)
    ids = [variant.id for variant in study.variants]
    levels = levels_of(study)
    both = (levels[:, 0] > 0) & (levels[:, 1] > 0)
    for estimate in study.estimates:
        weights = np.array([estimate.contrast.weights[name] for name in ids])
        expected = 1.5 if estimate.text == "dropout in the blocks x dropout before the output" else 0.0
        assert weights @ (1.5 * both + levels @ [1.0, 2.0, 3.0, 4.0]) == pytest.approx(expected)
        assert bool(estimate.confounded_with) == (runs == 8)


def test_what_a_fraction_cannot_tell_is_said_in_words() -> None:
    """The aliases of a claim are the effects with the same contrast, by the names of the factors."""
    study = factorial(FOUR, runs=8)
    dropout = study.claims[0]
    assert dropout.confounded_with == (
        "dropout before the output x the L2 penalty x the schedule of the learning rate",
    )
    assert study.caveats[0].startswith("8 of 16 combinations of 4 components, resolution IV: main effects are told")
    small = factorial(FOUR, runs=4, factors=SLUGS[:3])
    assert small.claims[0].confounded_with == ("dropout before the output x the L2 penalty",)
    assert small.estimates == ()
    assert "resolution III: main effects cannot be told from interactions of two components" in small.caveats[0]
    planned = plan_study(small, PRESETS["genres"]["quick"])
    assert planned["claims"][0]["cautions"] == [
        "The effect of dropout in the blocks cannot be told from dropout before the output x the L2 penalty together."
    ]
    assert planned["caveats"] == list(small.caveats)


def test_many_aliases_are_counted() -> None:
    """A sentence names three."""
    assert confounding_words("a", ("b x c", "d x e")) == "The effect of a cannot be told from b x c and d x e together."
    assert confounding_words("a", tuple("bcdef")).endswith("from b, c, d and 2 more together.")


def test_every_factorial_study_is_found_by_its_id() -> None:
    """All of it, a fraction, and some factors: the same study, for `plan` and `report` too."""
    for study in (factorial(FOUR), factorial(FOUR, runs=8), factorial(FOUR, runs=4, factors=[SLUGS[0], *SLUGS[2:]])):
        assert find_study_or_ablation(study.id) == find_study_or_space(study.id) == study
        assert Study.from_json(study.to_json()) == study
    assert study.id == f"{FOUR.id}.factorial-4.of-1-3-4"
    for wrong in ("factorial-5", "factorial.of-1-9", "factorial.of-1", "factorials"):
        with pytest.raises(UnknownNameError, match="no ablation is called"):
            find_study_or_ablation(f"{FOUR.id}.{wrong}")


def test_pairs_that_cannot_be_trained_are_left_out_and_told() -> None:
    """Features and network fit only together: their effects cannot be told, and that of the third is over two pairs."""
    study = factorial(dissect(find_study("speech-commands"), "speech-commands/03"))
    assert [claim.text for claim in study.claims] == [
        "It helps on average to have recipe.batch_size 128 rather than 256."
    ]
    assert len(study.claims[0].pairs) == 2
    assert len([caveat for caveat in study.caveats if caveat.startswith("2 of 8 combinations cannot be built:")]) == 2
    assert any(caveat.startswith("no effect of features can be told") for caveat in study.caveats)
    assert {variant.id for variant in study.variants} >= {"speech-commands/03", "speech-commands/01"}
    assert not any("recipe.batch_size changes nothing" in caveat for caveat in study.caveats)
    sizes = {preset_of(study, "quick").variant(variant).recipe.batch_size for variant in study.variants}
    assert sizes == {128, 256}


def test_what_changes_nothing_beside_another_is_left_out_of_its_effect() -> None:
    """Without the convolution there is no dropout in it: one network under two names says nothing of dropout."""
    ablation = dissect(find_study("asr-cnn-dropout"), "asr-cnn-dropout/05", what="removals")
    study = factorial(ablation, factors=["convolution", "convolution-dropout"])
    assert [len(claim.pairs) for claim in study.claims] == [1, 2]
    assert study.estimates == ()
    assert (
        "dropout in the convolution changes nothing in 2 of 4 combinations: its effect is an average over the others"
        in (study.caveats)
    )


def test_a_fraction_with_a_hole_is_refused() -> None:
    """Every main effect would be biased by what is missing; the message says what to do."""
    ablation = dissect(find_study("speech-commands"), "speech-commands/03")
    with pytest.raises(
        AblationError, match="every fraction of 4 combinations has some that cannot be built.*--factors"
    ):
        factorial(ablation, runs=4)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"runs": 12}, "4 components make designs of 8 or 16 combinations, got 12"),
        ({"factors": ["dropout", "nothing"]}, "factors are different ones of blocks-dropout, dropout, l2"),
        ({"factors": ["dropout"]}, "two components or more, got dropout alone"),
    ],
)
def test_designs_that_are_none(given, message: str) -> None:
    """The error has what was given and what there is."""
    with pytest.raises(AblationError, match=re.escape(message)):
        factorial(FOUR, **given)


def test_too_many_components_are_to_be_chosen_from() -> None:
    """Twelve are too many at once."""
    many = dissect(find_study("asr-rnn-regularisation"), "asr-rnn-regularisation/07", what="removals")
    with pytest.raises(AblationError, match="at most 10 components, got 12: choose some of convolution-relu"):
        factorial(many)
    slugs = [component.slug for component in many.components[:5]]
    assert len(factorial(many, factors=slugs).variants) == 16


@pytest.mark.parametrize("declared", STUDIES[::4], ids=lambda declared: declared.id)
def test_documented_studies_as_experiments(declared: Study) -> None:
    """Every contrast of whatever can be combined adds up to 0, and pairs of full designs differ in one factor."""
    for variant, what in itertools.product(declared.variants[:2], (None, "removals")):
        try:
            study = factorial(dissect(declared, variant.id, what=what))
        except AblationError:
            continue
        assert np.allclose(matrix(study).sum(axis=1), 0)
        levels = {variant.id: variant.levels for variant in study.variants}
        for claim in study.claims:
            for first, second in getattr(claim, "pairs", ()):
                assert sum(one != other for one, other in zip(levels[first], levels[second], strict=True)) == 1
