"""Sides by their share of the examples, where groups differ in size: the largest train, the others take turns."""

from collections.abc import Callable, Mapping, Sequence


def sides_by_amount(
    order: Sequence[str], amounts: Mapping[str, int], *, validation: float, test: float, seed: int, least: int = 1
) -> tuple[list[str], list[str]]:
    """The groups that validate and those that test; the others train.

    `order` holds all groups, and `amounts` the examples of each. A group with more than twice the examples that a side
    is to have trains for every seed, as long as another is left for each side. A side is as near to its fraction of
    all examples as whole groups come, with at `least` so many of them, as many as are left to train at least. Together
    the sides leave a third of what can be held out to train on. Each seed begins where the one before it stopped
    validating.
    """
    wanted = least * ((validation > 0) + (test > 0))
    total = sum(amounts[name] for name in order)
    light = [name for name in order if amounts[name] <= 2 * max(validation, test) * total]
    if len(light) < wanted:
        smallest = sorted(order, key=lambda name: amounts[name])[:wanted]
        light = [name for name in order if name in smallest]
    if not light:
        return [], []
    kept = max(0, least - (len(order) - len(light)))  # that train
    third = sum(amounts[name] for name in light) / 3

    def take(first: int, fraction: float, most: int) -> list[str]:
        turned = light[first:] + light[:first]
        return (
            _nearest(turned[: max(least, most)], amounts, min(fraction * total, third), least) if fraction > 0 else []
        )

    def validating(first: int) -> list[str]:
        return take(first, validation, len(light) - least * (test > 0) - kept)

    first = _turn(lambda place: (place + len(validating(place))) % len(light), seed)
    chosen = validating(first)
    return chosen, take((first + len(chosen)) % len(light), test, len(light) - len(chosen) - kept)


def _nearest(names: Sequence[str], amounts: Mapping[str, int], target: float, least: int) -> list[str]:
    """The first of the names, as many as together come nearest to the target; so many at least."""
    taken = list(names[:least])
    held = sum(amounts[name] for name in taken)
    for name in names[least:]:
        if abs(held + amounts[name] - target) > abs(held - target):
            break
        taken.append(name)
        held += amounts[name]
    return taken


def _turn(following: Callable[[int], int], seed: int) -> int:
    """Where the seed begins: place 0, followed so many times; places come round."""
    places = [0]
    while len(places) <= seed and (upcoming := following(places[-1])) not in places:
        places.append(upcoming)
    if seed < len(places):
        return places[seed]
    again = places.index(following(places[-1]))
    return places[again + (seed - again) % (len(places) - again)]
