"""A variant taken apart as a factorial experiment: components in all combinations, or in a fraction of them.

Every variant then says something of every component, so the same precision takes fewer trials than leaving out one
component after another, and what components do only together is seen, too. Each component's main effect is a claim;
interactions of two are estimated with their intervals and not tested, since tests that nobody asked for would make
every claim harder to decide.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from soundproof.common.counting import counted
from soundproof.search_spaces.ablation import Ablation, AblationError, derived_study
from soundproof.search_spaces.claims import Claim, ConfoundedEffect, Contrast, Estimated, MainEffect
from soundproof.search_spaces.combinations import Cells, Plan, turned
from soundproof.search_spaces.designs import (
    MOST_FACTORS,
    Design,
    Effect,
    fractions,
    fractions_of,
    full_design,
    usual_runs,
)
from soundproof.search_spaces.factorial_caveats import design_caveats
from soundproof.search_spaces.studies import Study

MOST_COMBINATIONS = 32

_MARK = ".factorial"
_SUFFIX = re.compile(r"\.factorial(?:-(?P<runs>\d+))?(?:\.of-(?P<factors>\d+(?:-\d+)+))?")


def factorial(ablation: Ablation, *, runs: int | None = None, factors: Sequence[str] = ()) -> Study:
    """The study of combinations of an ablation's components, or of those whose slugs are `factors`.

    `runs` is the number of combinations: all 2^k, or those of a fraction; by default all of up to four components, and
    of more the smallest fraction that keeps main effects apart from interactions of two. Raises `AblationError` where
    there is no such design, or where what cannot be built would bias it.
    """
    chosen = _chosen(ablation, factors)
    count = len(chosen.components)
    if count < 2:
        raise AblationError(
            f"a factorial design takes two components or more, got {chosen.components[0].slug} alone: leave "
            "--factorial out"
        )
    if count > MOST_FACTORS:
        raise AblationError(
            f"a factorial design takes at most {MOST_FACTORS} components, got {count}: choose some of "
            f"{', '.join(component.slug for component in ablation.components)} by --factors A,B,..."
        )
    whole = count == len(ablation.components)
    cells = Cells(chosen, bare_id=ablation.baseline.id if whole and ablation.baseline is not None else None)
    design = _design(cells, count, usual_runs(count) if runs is None else runs)
    study_id = f"{ablation.id}{_MARK}" + (f"-{len(design.combinations)}" if design.generators else "")
    if not whole:
        places = [place for place, component in enumerate(ablation.components, 1) if component in chosen.components]
        study_id += f".of-{'-'.join(map(str, places))}"
    return _study(Plan(ablation=chosen, design=design, cells=cells), study_id)


def is_factorial_of(ablation: Ablation, study_id: str) -> bool:
    """Whether the id is that of a factorial study of this ablation."""
    return study_id.startswith(ablation.id) and _SUFFIX.fullmatch(study_id, len(ablation.id)) is not None


def factorial_called(ablation: Ablation, study_id: str) -> Study:
    """The factorial study of an ablation by its id. Raises `AblationError` where there is none."""
    found = _SUFFIX.fullmatch(study_id, len(ablation.id))
    assert found is not None
    places = [int(place) for place in (found["factors"] or "").split("-") if place]
    if any(not 1 <= place <= len(ablation.components) for place in places):
        raise AblationError(f"{ablation.id} has {counted(len(ablation.components), 'component')}, got {study_id}")
    count = len(places) or len(ablation.components)
    runs = 2**count if found["runs"] is None else int(found["runs"])
    return factorial(ablation, runs=runs, factors=[ablation.components[place - 1].slug for place in places])


def _chosen(ablation: Ablation, slugs: Sequence[str]) -> Ablation:
    known = [component.slug for component in ablation.components]
    unknown = [slug for slug in slugs if slug not in known]
    if unknown or len(set(slugs)) != len(slugs):
        raise AblationError(f"factors are different ones of {', '.join(known)}, got {', '.join(slugs)}")
    if not slugs:
        return ablation
    return replace(ablation, components=tuple(part for part in ablation.components if part.slug in slugs))


def _design(cells: Cells, factors: int, runs: int) -> Design:
    """All combinations, or the first fraction of that size that can be built whole."""
    sizes = sorted({*fractions_of(factors), *([2**factors] if 2**factors <= MOST_COMBINATIONS else [])})
    if runs not in sizes:
        raise AblationError(f"{factors} components make designs of {_or(sizes)} combinations, got {runs}: name one")
    if runs == 2**factors:
        return full_design(factors)

    def reasons(design: Design) -> list[str]:
        return [reason for levels in design.combinations if (reason := cells.reason(levels)) is not None]

    best = min(fractions(factors, runs), key=lambda design: len(reasons(design)))
    lacking = reasons(best)
    if lacking:
        raise AblationError(
            f"every fraction of {runs} combinations has some that cannot be built, at least {len(lacking)} "
            f"({lacking[0]}), and without them all its effects would be biased: leave a component out by --factors, or "
            f"take all 2^{factors} combinations, of which pairs remain"
        )
    return best


def _study(plan: Plan, study_id: str) -> Study:
    built = [variant for levels in plan.design.combinations if (variant := plan.cells.variant(levels)) is not None]
    main = [_main_effect(plan, factor) for factor in range(plan.design.factors)]
    caveats = list(design_caveats(plan))
    caveats += [
        f"no effect of {component.name} can be told: no two combinations that can be built differ in it alone"
        for component, claim in zip(plan.components, main, strict=True)
        if claim is None
    ]
    if not any(main):
        raise AblationError(f"{study_id}: no two combinations that can be built differ in one component alone")
    study = derived_study(plan.ablation, built, [claim for claim in main if claim is not None], caveats)
    return replace(
        study,
        id=study_id,
        question=f"What does each of {len(plan.components)} components of {plan.ablation.target.id} do on average?",
        estimates=tuple(_interactions(plan)),
    )


def _main_effect(plan: Plan, factor: int) -> Claim | None:
    component, effect = plan.components[factor], frozenset({factor})
    text = f"It helps on average to have {component.present}."
    source = f"ablation of {plan.ablation.target.id}"
    if plan.design.generators:
        return ConfoundedEffect(
            text=text,
            source=source,
            factor=component.name,
            levels=component.sides,
            better=plan.ids(effect, 1),
            worse=plan.ids(effect, -1),
            confounded_with=plan.confounded(effect),
        )
    pairs = tuple(
        (plan.id_of(levels), plan.id_of(turned(levels, factor)))
        for levels in plan.design.combinations
        if levels[factor] > 0 and plan.cells.differ(levels, turned(levels, factor))
    )
    return MainEffect(text=text, source=source, levels=component.sides, pairs=pairs) if pairs else None


def _interactions(plan: Plan) -> Iterator[Estimated]:
    """Of two factors each, those that are one contrast as one, and none that is a main effect's."""
    seen: set[Effect] = {frozenset({factor}) for factor in range(plan.design.factors)}
    for first, second in itertools.combinations(range(plan.design.factors), 2):
        effect = frozenset({first, second})
        same = {effect, *plan.design.aliases(effect)}
        if seen.isdisjoint(same):
            seen |= same
            contrast = _fraction_contrast(plan, effect) if plan.design.generators else _contrast(plan, first, second)
            if contrast is not None:
                yield Estimated(text=plan.together(effect), contrast=contrast, confounded_with=plan.confounded(effect))


def _fraction_contrast(plan: Plan, effect: Effect) -> Contrast:
    plus, minus = plan.ids(effect, 1), plan.ids(effect, -1)
    first, second = _sides(plan, effect)
    return Contrast(first=first, second=second, plus=plus, minus=minus, weight=2 / len(plus))


def _contrast(plan: Plan, one: int, other: int) -> Contrast | None:
    """The mean difference of differences over the combinations of all other factors that have all four corners."""
    plus: list[str] = []
    minus: list[str] = []
    for levels in plan.design.combinations:
        corners = (levels, turned(turned(levels, one), other), turned(levels, one), turned(levels, other))
        if levels[one] > 0 and levels[other] > 0 and plan.cells.differ(*corners):
            plus += [plan.id_of(corner) for corner in corners[:2]]
            minus += [plan.id_of(corner) for corner in corners[2:]]
    if not plus:
        return None
    first, second = _sides(plan, frozenset({one, other}))
    return Contrast(first=first, second=second, plus=tuple(plus), minus=tuple(minus), weight=2 / len(plus))


def _sides(plan: Plan, effect: Effect) -> tuple[str, str]:
    one, other = (plan.components[factor] for factor in sorted(effect))
    first, second = (f"the effect of {one.name} {_where(side)}" for side in other.sides)
    return first, second


def _where(level: str) -> str:
    return level if level.startswith("with") else f"at {level}"


def _or(numbers: Sequence[int]) -> str:
    *others, last = map(str, numbers)
    return f"{', '.join(others)} or {last}" if others else last
