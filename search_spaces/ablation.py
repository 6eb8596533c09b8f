"""A study out of a variant, to see what each of its components contributes.

Each component is left out alone, everything else staying as it is (leave one component out). What it then costs is
the component's part given all others; two components that stand in for each other may both look dispensable, and the
path of `soundproof.analysis.summaries.ablation_path`, from the baseline to the target, tells them apart.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from soundproof.common.errors import UserError
from soundproof.search_spaces.alphabet import OUTPUTS
from soundproof.search_spaces.arithmetic import output_channels
from soundproof.search_spaces.catalogue import unknown_name
from soundproof.search_spaces.claims import Better, Claim
from soundproof.search_spaces.components import Component, differences, leave_out, removals
from soundproof.search_spaces.presets import PRESETS, as_trained
from soundproof.search_spaces.presets.levels import varied_in
from soundproof.search_spaces.specs import SpecError, SpeechNetwork
from soundproof.search_spaces.studies import Level, Study, Variant
from soundproof.search_spaces.study_ids import part_of_id

What = Literal["differences", "removals"]

FACTOR = "ablation"
COMPLETE = "complete"
INHERITED = "caveat of "
"""What the caveats of the study that an ablation is of begin with in its own."""


class AblationError(UserError):
    """There is nothing to ablate. The message says what was compared, and what to name instead."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ablation:
    """A variant taken apart: `components` are set back to those of `baseline`, or taken out where there is none."""

    id: str
    study: Study
    target: Variant
    baseline: Variant | None
    components: tuple[Component, ...]


def dissect(study: Study, variant_id: str, baseline_id: str | None = None, what: What | None = None) -> Ablation:
    """The components of a variant of `study`: where it differs from the baseline, the study's own by default.

    With `what="removals"`, or where the two do not differ, what can be taken out of the variant itself. Raises
    `AblationError` when there is neither.
    """
    target, baseline = _variant(study, variant_id), _variant(study, baseline_id or study.baseline)
    components = () if what == "removals" else differences(target, baseline)
    ablation_id = f"ablate.{study.id}.{_suffix(study, target)}"
    if components or what == "differences":
        if not components:
            raise AblationError(
                f"{variant_id} does not differ from {baseline.id} in features, network, recipe or split: "
                "name another baseline, or ask for removals"
            )
        if baseline.id != study.baseline:
            ablation_id += f".from.{_suffix(study, baseline)}"
        return Ablation(id=ablation_id, study=study, target=target, baseline=baseline, components=components)
    components = removals(target)
    if not components:
        raise AblationError(f"{variant_id} has nothing that can be taken out: name a variant and a baseline instead")
    return Ablation(id=f"{ablation_id}.removals", study=study, target=target, baseline=None, components=components)


def ablate(study: Study, variant_id: str, baseline_id: str | None = None, what: What | None = None) -> Study:
    """The study that leaves out each component of a variant, with a claim for each that the component helps.

    Components that cannot be left out alone are named in the caveats, with the reason. See `dissect`.
    """
    ablation = dissect(study, variant_id, baseline_id, what)
    everything = frozenset(component.slug for component in ablation.components)
    complete = path_variant(ablation, everything)
    variants, claims, caveats = [complete], [], []
    for component in ablation.components:
        lacking = everything - {component.slug}
        reason = impossible(ablation, lacking)
        if reason is not None:
            caveats.append(f"not tried {component.absent}: {reason}")
            continue
        variants.append(path_variant(ablation, lacking))
        text = f"It helps to have {component.present}."
        pair = (complete.id, variants[-1].id)
        claims.append(Better(text=text, source=f"ablation of {complete.id}", pairs=(pair,)))
    if ablation.baseline is not None:
        baseline = path_variant(ablation, frozenset())
        if as_trained(baseline) not in [as_trained(variant) for variant in variants]:
            variants.append(baseline)
    return derived_study(ablation, variants, claims, [*caveats, *hidden_by_presets(study, variants)])


def path_study(ablation: Ablation, wanted: Iterable[frozenset[str]]) -> Study:
    """The study of the steps of an ablation path: a variant for each wanted set of components, without claims.

    Leave out those that are `impossible`.
    """
    study = derived_study(ablation, [path_variant(ablation, flipped) for flipped in wanted], [], [])
    return replace(study, id=f"{ablation.id}.path", question=f"Which components lead to {ablation.target.id}?")


def impossible(ablation: Ablation, flipped: frozenset[str]) -> str | None:
    """Why there is no variant with just these components of the target, or None where there is one."""
    try:
        path_variant(ablation, flipped)
    except SpecError as error:
        return str(error)
    return None


def path_variant(ablation: Ablation, flipped: frozenset[str]) -> Variant:
    """The variant that has the target's components of these slugs, and for all others what the baseline has.

    It trains for as many epochs as the target. Raises `SpecError` when such a variant cannot be built.
    """
    known = {component.slug for component in ablation.components}
    if not flipped <= known:
        raise SpecError(f"components must be some of {sorted(known)}, got {sorted(flipped - known)}")
    missing = [component for component in ablation.components if component.slug not in flipped]
    variant = leave_out(ablation.target, missing)
    outputs = output_channels(variant.network) if isinstance(variant.network, SpeechNetwork) else OUTPUTS
    if outputs < OUTPUTS:
        raise SpecError(f"the network must have {OUTPUTS} outputs, one for each symbol, got {outputs}: keep its head")
    variant_id, level = _named(ablation, flipped, missing)
    return replace(variant, id=variant_id, levels=(Level(factor=FACTOR, value=level),))


def _variant(study: Study, variant_id: str) -> Variant:
    try:
        return study.variant(variant_id)
    except KeyError:
        raise unknown_name("variant", variant_id, [variant.id for variant in study.variants]) from None


def _suffix(study: Study, variant: Variant) -> str:
    return part_of_id(variant.id.removeprefix(f"{study.id}/").replace("/", "-"))


def _named(ablation: Ablation, flipped: frozenset[str], missing: list[Component]) -> tuple[str, str]:
    """The id of a variant, and its level."""
    target, baseline = ablation.target.id, ablation.baseline
    if not missing:
        return target, COMPLETE
    if len(missing) == 1:
        return f"{target}-minus-{missing[0].slug}", missing[0].absent
    if not flipped:
        return (f"{target}-bare", "bare") if baseline is None else (baseline.id, "baseline")
    kept = [component for component in ablation.components if component.slug in flipped]
    slugs, words = "-and-".join(component.slug for component in kept), " and ".join(part.present for part in kept)
    return f"{target}-with-{slugs}", f"baseline with {words}"


def derived_study(
    ablation: Ablation, variants: Sequence[Variant], claims: Sequence[Claim], caveats: Sequence[str]
) -> Study:
    """The study of variants of an ablation, the first of which the others are measured against."""
    study, target, baseline = ablation.study, ablation.target, ablation.baseline
    if baseline is not None and baseline.epochs != target.epochs:
        own = f"{baseline.id} has {baseline.epochs} in its own study"
        caveats = (*caveats, f"every variant trains for {target.epochs} epochs, {own}")
    versus = "" if baseline is None else f", compared with {baseline.id},"
    return Study(
        id=ablation.id,
        question=f"What does each component of {target.id}{versus} contribute?",
        source=f"ablation of {target.id}",
        baseline=variants[0].id,
        variants=tuple(variants),
        claims=tuple(claims),
        metric=study.metric,
        domain=study.domain,
        margin=study.margin,
        caveats=(*caveats, *(f"{INHERITED}{study.id}: {caveat}" for caveat in study.caveats)),
    )


def hidden_by_presets(study: Study, variants: Sequence[Variant]) -> list[str]:
    """Which variants a preset makes the same as the first one, as rounding their widths may."""
    fitted = [preset.sparing(varied_in(variants)) for preset in PRESETS[study.domain].values()]
    return [
        f"with preset {preset.name}, {variant.levels[0].value} is the same as {variants[0].levels[0].value}"
        for preset in fitted
        for variant in variants[1:]
        if as_trained(preset.variant(variant)) == as_trained(preset.variant(variants[0]))
    ]
