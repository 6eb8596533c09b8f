"""Whether the trials ended while their networks were still getting better."""

from collections.abc import Iterable

from soundproof.analysis.notation.labels import preset_name

LEAST_SHARE = 0.5
"""The share of the trials with their best in the last epoch from which a reader has to know of it."""


def still_improving(trials: Iterable[tuple[int | None, int | None]], preset: str) -> str | None:
    """The caveat, where it holds of more than half of the `trials`, each (best epoch, last epoch), with what to do."""
    known = [(best, last) for best, last in trials if best is not None and last is not None]
    late = sum(best == last for best, last in known)
    if late <= LEAST_SHARE * len(known):
        return None
    count = "the one trial" if len(known) == 1 else f"{late} of {len(known)} trials"
    return (
        f"in {count} the last epoch was the best: the networks were still improving, so they may differ in how fast "
        f"they learn rather than in where they end, and the order may change with more epochs{_remedy(preset)}"
    )


def _remedy(preset: str) -> str:
    if preset_name(preset) != "documented":
        return ": --preset documented, with --epochs N where that takes too long"
    return ": a larger --epochs, or none" if preset != "documented" else ""
