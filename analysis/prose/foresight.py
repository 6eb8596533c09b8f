"""What a study would cost, in the lines that `plan` and `run` begin with."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from soundproof.analysis.summaries.foreseen import ForeseenClaim, StudyForesight
from soundproof.analysis.summaries.spread_sources import SpreadSource
from soundproof.analysis.verdicts.foresight import FARTHEST, OUT_OF_REACH, Foreseen
from soundproof.common.counting import counted


def foresight_lines(foresight: StudyForesight) -> tuple[str, ...]:
    """What every claim would take, those together that take the same; the first line says what the numbers are."""
    tested = "1 claim" if foresight.statistical == 1 else f"{foresight.statistical} claims together"
    lines = [
        "Before training, for true effects of so many margins: seeds, fixed (until decided, at most), "
        f"with which half of such studies decide, {tested} at 5%:"
    ]
    ordered = sorted(foresight.claims, key=lambda claim: (claim.endpoint.quantity.metric, claim.number))
    for _, measured in groupby(ordered, key=lambda claim: claim.endpoint.quantity.metric):
        claims = list(measured)
        lines.append(_given(claims[0]))
        by_effects: dict[tuple[Foreseen, ...], list[int]] = {}
        for claim in claims:
            by_effects.setdefault(claim.effects, []).append(claim.number)
        lines += [f"  {_numbered(numbers)}: {_effects(effects)}" for effects, numbers in by_effects.items()]
    if any(claim.spread.groups is not None for claim in foresight.claims):
        lines.append(
            "  At least so many: seeds take turns with the groups that validate, and what these do comes on top."
        )
    return tuple(lines)


def source_words(source: SpreadSource, values: int) -> str:
    """Which trials the spread is of."""
    trials = counted(values, "trial")
    if source.kind == "this study":
        return f"{trials} of this study in the record"
    if source.kind == "another study":
        return f"{trials} of {source.study} in the record, on {source.corpus}"
    return f"{trials} of {source.study} on {source.corpus}, from the table that comes with Soundproof"


def _given(claim: ForeseenClaim) -> str:
    endpoint, spread = claim.endpoint, claim.spread
    measured = endpoint.quantity
    return (
        f"  at the margin of {measured.amount(endpoint.margin)} of {measured.name}, and a standard deviation of "
        f"{measured.amount(spread.of_difference)} of a difference ({source_words(claim.source, spread.values)})"
    )


def _numbered(numbers: Sequence[int]) -> str:
    """`claims 1 to 3 and 5`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    words = [f"{run[0]} to {run[-1]}" if len(run) > 2 else " and ".join(map(str, run)) for run in runs]
    listed = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
    return f"claim{'' if len(numbers) == 1 else 's'} {listed}"


def _effects(effects: Iterable[Foreseen]) -> str:
    """`supported at 1 margin with 26 (47), at 2 margins 8 (13); negligible at no effect with 13 (26)`."""
    ordered = sorted((found for found in effects if found.verdict != "undecided"), key=lambda found: found.effect == 0)
    parts = []
    for verdict, alike in groupby(ordered, key=lambda found: found.verdict):
        first, *more = [(_true_effect(found), _seeds(found)) for found in alike]
        listed = [f"{first[0]} with {first[1]}", *(f"{effect} {seeds}" for effect, seeds in more)]
        parts.append(f"{verdict} {', '.join(listed)}")
    return "; ".join(parts)


def _true_effect(found: Foreseen) -> str:
    return "at no effect" if found.effect == 0 else f"at {counted(round(found.effect), 'margin')}"


def _seeds(found: Foreseen) -> str:
    reach = "" if found.fixed is not None and found.fixed <= OUT_OF_REACH else ", out of reach"
    return f"{_number(found.fixed)} ({_number(found.until_decided)}){reach}"


def _number(seeds: int | None) -> str:
    return f"over {FARTHEST:,}" if seeds is None else f"{seeds:,}"
