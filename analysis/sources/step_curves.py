"""Points as they were logged, made into curves in the order of steps, each step once."""

from collections.abc import Mapping

from soundproof.analysis.sources.cells import number
from soundproof.analysis.sources.flat_cells import listed
from soundproof.common.counting import counted
from soundproof.common.record import Curve

Points = list[tuple[int, float]]


def curves_of(where: str, points: Mapping[str, Points]) -> tuple[dict[str, Curve], list[str]]:
    """The curves of one run, and a sentence for what was replaced: of points at one step the last is kept.

    Where steps fall back a training was begun again: the new points replace the old ones from there on.
    """
    curves: dict[str, Curve] = {}
    falls: dict[tuple[int, int], list[str]] = {}
    repeats: dict[str, int] = {}
    for name, logged in points.items():
        kept: Points = []
        for step, value in logged:
            if kept and step < kept[-1][0]:
                falls.setdefault((kept[-1][0], step), []).append(name)
                while kept and kept[-1][0] >= step:
                    kept.pop()
            elif kept and step == kept[-1][0]:
                repeats[name] = repeats.get(name, 0) + 1
                kept.pop()
            kept.append((step, value))
        curves[name] = tuple(kept)
    return curves, _notes(where, falls, repeats)


def step_of(text: str) -> int | None:
    """The step that a text says, None where it is no whole number.

    >>> step_of("9"), step_of("9.0"), step_of("9.5"), step_of("nan")
    (9, 9, None, None)
    """
    value = number(text)
    return int(value) if value is not None and value.is_integer() else None


def _notes(where: str, falls: Mapping[tuple[int, int], list[str]], repeats: Mapping[str, int]) -> list[str]:
    notes = []
    if falls:
        (last, first), _ = next(iter(falls.items()))
        names = [name for some in falls.values() for name in some]
        more = f", and {counted(len(falls) - 1, 'time')} more elsewhere" if len(falls) > 1 else ""
        notes.append(
            f"{where}: steps fall back from {last:,} to {first:,}{more}, in {listed(names)}. The later points replace"
            " the earlier ones from there on: a training that was begun again. Two trainings in one"
            " place have to be kept apart."
        )
    if repeats:
        notes.append(
            f"{where}: {counted(sum(repeats.values()), 'value')} of {listed(repeats)} stand at a step that has a later"
            " value; the last of each step is kept."
        )
    return notes
