"""Whether a preset keeps the variants of a study apart: what it makes one trial of is refused, and never compared.

A preset is fitted to its study first (`Preset.fitted`), so what is left are widths that rounding makes equal, and what
the study itself declares not to be its question (`Study.equalised`): that is a caveat, by name.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence

from soundproof.common.counting import listed
from soundproof.common.errors import UserError
from soundproof.search_spaces.claims import Comparative
from soundproof.search_spaces.presets.preset import Preset, preset_argument
from soundproof.search_spaces.specs import Plain, Spec
from soundproof.search_spaces.studies import Study, Variant

_PARTS = ("features", "network", "recipe", "epochs", "split")


class OneTrialError(UserError):
    """Two things that are compared are one trial. The message names both, what is made equal, and what to do."""


def as_trained(variant: Variant) -> tuple[Spec | int | None, ...]:
    """What decides about a variant's numbers: equal for two names of one trial."""
    return (variant.features, variant.network, variant.recipe, variant.epochs, variant.split)


def check_kept_apart(study: Study, preset: Preset, presets: Sequence[Preset]) -> None:
    """Raise `OneTrialError` where `preset` makes one trial of two variants of the study.

    So it does where a claim compares two that are one from the start, under two names. `presets` are those of the
    study's domain.
    """
    fitted = preset.fitted(study)
    for one, other in _merged(study, fitted):
        if as_trained(one) != as_trained(other):
            raise OneTrialError(
                f"{study.id}: {one.id} and {other.id} are one trial with --preset {preset_argument(preset.label)}, "
                f"which makes {_made_equal([one, other], fitted)}: nothing can be found out about them there; "
                f"{_remedy(study, (one, other), presets)}"
            )
        if _compared(study, one.id, other.id):
            raise OneTrialError(
                f"{study.id}: {one.id} and {other.id} are compared by a claim, and are one trial: features, network, "
                "recipe, epochs and split are the same; let them differ, or leave the claim out"
            )


def preset_caveats(study: Study, preset: Preset) -> tuple[str, ...]:
    """In what the variants differ at the documented size and not at this preset's, each by name; scaled epochs too."""
    fitted = preset.fitted(study)
    words = [f"preset {preset.label} makes {equal}" for equal in _equal_fields(study.variants, fitted)]
    if fitted.epoch_range is not None and fitted.epochs_of(fitted.epoch_range.longest) != fitted.epoch_range.longest:
        documented = sorted({variant.epochs for variant in study.variants})
        scaled = [str(fitted.epochs_of(epochs)) for epochs in documented]
        words.append(
            f"preset {preset.label} scales epochs: {listed(scaled)} in place of {listed([*map(str, documented)])}"
        )
    return tuple(words)


def differing(one: Variant, other: Variant) -> tuple[str, ...]:
    """The fields in which two variants differ, by their dotted names."""
    ours, theirs = _fields(one), _fields(other)
    return tuple(name for name in {**ours, **theirs} if ours.get(name) != theirs.get(name))


def _merged(study: Study, fitted: Preset) -> Iterator[tuple[Variant, Variant]]:
    sized = [(variant, as_trained(fitted.variant(variant))) for variant in study.variants]
    for (one, ours), (other, theirs) in itertools.combinations(sized, 2):
        if ours == theirs:
            yield one, other


def _made_equal(variants: Sequence[Variant], fitted: Preset) -> str:
    return listed([*_equal_fields(variants, fitted)])


def _equal_fields(variants: Sequence[Variant], fitted: Preset) -> Iterator[str]:
    """`recipe.batch_size 16 of 128 and 256`, for each field of which there are fewer values than documented."""
    given = [_fields(variant) for variant in variants]
    sized = [_fields(fitted.variant(variant)) for variant in variants]
    for name in dict.fromkeys(name for fields in given for name in fields):
        made: dict[str, dict[str, None]] = {}
        for ours, theirs in zip(given, sized, strict=True):
            if name in ours and name in theirs:
                made.setdefault(str(theirs[name]), {})[str(ours[name])] = None
        for value, documented in made.items():
            if len(documented) > 1:
                yield f"{name} {value} of {listed(sorted(documented, key=_order))}"


def _order(value: str) -> tuple[float, str]:
    """Numbers by their size, before words."""
    try:
        return float(value), value
    except ValueError:
        return float("inf"), value


def _fields(variant: Variant) -> dict[str, Plain]:
    """Every value within a variant that is no spec itself, by its dotted name."""
    plain = variant.to_plain()
    return {name: value for part in _PARTS for name, value in _leaves(plain[part], part)}


def _leaves(value: Plain, name: str) -> Iterator[tuple[str, Plain]]:
    match value:
        case Mapping():
            for field, inner in value.items():
                yield from _leaves(inner, f"{name}.{field}")
        case list() | tuple():
            for at, item in enumerate(value, start=1):
                yield from _leaves(item, f"{name}.{at}")
        case _:
            yield name, value


def _remedy(study: Study, pair: tuple[Variant, Variant], presets: Sequence[Preset]) -> str:
    sized = {other.name: [as_trained(other.fitted(study).variant(variant)) for variant in pair] for other in presets}
    fit = [name for name, (one, other) in sized.items() if one != other]
    return f"use --preset {' or '.join(fit)}" if fit else "no preset keeps them apart"


def _compared(study: Study, one: str, other: str) -> bool:
    """Whether a claim holds the two against each other and nothing else: an average over more may have such pairs."""
    claims = (claim for claim in study.claims if isinstance(claim, Comparative))
    pairs = (pair for claim in claims for group in claim.groups for pair in group)
    return any(isinstance(pair, tuple) and set(pair) == {one, other} for pair in pairs)
