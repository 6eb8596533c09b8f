"""What a reader of a factorial experiment has to know: its extent, and combinations that say nothing."""

from collections import Counter
from collections.abc import Iterator

from soundproof.search_spaces.combinations import Plan, turned
from soundproof.search_spaces.designs import Design
from soundproof.search_spaces.presets import PRESETS, as_trained
from soundproof.search_spaces.presets.levels import varied_in


def design_caveats(plan: Plan) -> tuple[str, ...]:
    """What is trained of all combinations, what cannot be, and where components change nothing."""
    return (_extent(plan.design), *_not_built(plan), *_inert(plan), *_hidden(plan))


def _extent(design: Design) -> str:
    """Which part of all combinations is trained, and what that leaves in doubt."""
    total, runs = 2**design.factors, len(design.combinations)
    if not design.generators:
        return f"all {total} combinations of {design.factors} components"
    words = {
        3: "resolution III: main effects cannot be told from interactions of two components",
        4: "resolution IV: main effects are told from interactions of two components, these not from each other",
    }
    resolution = design.resolution or 0
    clear = f"resolution {'V' if resolution == 5 else 'VI'}: interactions of two are told from each other, too"
    return f"{runs} of {total} combinations of {design.factors} components, {words.get(resolution, clear)}"


def _not_built(plan: Plan) -> Iterator[str]:
    total = len(plan.design.combinations)
    reasons = Counter(reason for levels in plan.design.combinations if (reason := plan.cells.reason(levels)))
    for reason, count in reasons.items():
        yield f"{count} of {total} combinations cannot be built: {reason}"
    if reasons:
        yield "effects are averages over the pairs that can be built, which differ in one component alone"


def _inert(plan: Plan) -> Iterator[str]:
    """Components that change nothing beside some of the others."""
    for factor, component in enumerate(plan.components):
        pairs = [(levels, turned(levels, factor)) for levels in plan.design.combinations]
        same = [pair for pair in pairs if None not in map(plan.cells.variant, pair) and not plan.cells.differ(*pair)]
        if same:
            counts = "counts as nothing there" if plan.design.generators else "is an average over the others"
            share = f"{len(same)} of {len(pairs)} combinations"
            yield f"{component.name} changes nothing in {share}: its effect {counts}"


def _hidden(plan: Plan) -> Iterator[str]:
    """Components that a preset makes the same with and without, as rounding widths may."""
    cells = [plan.cells.variant(levels) for levels in plan.design.combinations]
    varied = varied_in(variant for variant in cells if variant is not None)
    for preset in PRESETS[plan.ablation.study.domain].values():
        fitted = preset.sparing(varied)
        for factor, component in enumerate(plan.components):
            pairs = ((levels, turned(levels, factor)) for levels in plan.design.combinations)
            both = [tuple(map(plan.cells.variant, pair)) for pair in pairs]
            built = [(one, other) for one, other in both if one is not None and other is not None]
            if built and all(
                as_trained(fitted.variant(one)) == as_trained(fitted.variant(other)) for one, other in built
            ):
                yield f"with preset {preset.name}, {component.name} changes nothing"
