"""Names in words: variants by the levels that tell them apart."""

from collections import Counter
from collections.abc import Mapping, Sequence

from soundproof.search_spaces.studies import Arm, Question

LEVELS_APART = "; "
"""What stands between the levels of several factors."""

MOST_NAMED = 2
"""Of up to so many factors a label names every level; of more, those that are not as in the baseline."""

BASELINE = "baseline"
"""What the label of the baseline starts with where the others name what is unlike it."""


def variant_labels(study: Question) -> dict[str, str]:
    """A short label for each variant id: what tells it from the others. The id is added where two would be alike."""
    varied = varied_factors(study)
    plain = {variant.id: _label(variant, study, varied) for variant in study.variants}
    counts = Counter(plain.values())
    return {
        variant_id: label if counts[label] == 1 or label == variant_id else f"{label} ({variant_id})"
        for variant_id, label in plain.items()
    }


def by_baseline(study: Question) -> bool:
    """Whether labels name only what is not as in the baseline: with many factors all of it is too long to read."""
    return len(varied_factors(study)) > MOST_NAMED


def varied_factors(study: Question) -> tuple[str, ...]:
    """The factors of which the variants have different levels, in the order of their first appearance."""
    factors = dict.fromkeys(level.factor for variant in study.variants for level in variant.levels)
    levels = [_levels(variant) for variant in study.variants]
    return tuple(factor for factor in factors if len({found.get(factor) for found in levels}) > 1)


def named_levels(levels: Mapping[str, str]) -> str:
    """Levels with their factors, but for those that say it themselves: `learning rate: 0.001; dropout 0.2`."""
    return LEVELS_APART.join(
        value if factor.lower() in value.lower() else f"{factor}: {value}" for factor, value in levels.items()
    )


def factor_names(study: Question) -> str:
    """The factors that the variants differ in, as one phrase."""
    return LEVELS_APART.join(varied_factors(study))


def _label(variant: Arm, study: Question, varied: Sequence[str]) -> str:
    levels = _levels(variant)
    if len(varied) > MOST_NAMED:
        if variant.id == study.baseline:
            return f"{BASELINE} ({variant.id})"
        usual = _levels(study.variant(study.baseline))
        unlike = {factor: value for factor, value in levels.items() if usual.get(factor) != value}
        return named_levels(unlike) or variant.id
    shown = {factor: levels[factor] for factor in varied if factor in levels}
    if len(varied) > 1:
        return named_levels(shown) or variant.id
    return next(iter((shown or levels).values()), variant.id)


def _levels(variant: Arm) -> dict[str, str]:
    return {level.factor: level.value for level in variant.levels}


def in_quotes(text: str) -> str:
    """Text in quotation marks; without them where they would stand beside others."""
    return text if text[:1] == "“" or text[-1:] == "”" else f"“{text}”"


def quoted(variant: str, labels: Mapping[str, str]) -> str:
    """The label of a variant in quotation marks."""
    return f"“{labels.get(variant, variant)}”"


def preset_name(preset: str) -> str:
    """The preset whose size a record's preset has: its label may go on to say how it was limited."""
    return preset.partition("-")[0]
