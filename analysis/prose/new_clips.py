"""What two kinds of chance say of a difference, in words."""

from collections.abc import Mapping

from soundproof.analysis.notation.labels import quoted
from soundproof.analysis.notation.quantities import Quantity
from soundproof.analysis.statistics.two_chances import HoldsFor
from soundproof.analysis.summaries.clip_chance import ClipChance, NewClips
from soundproof.analysis.summaries.fixed_split import Grouping
from soundproof.common.counting import counted

DISAGREE: tuple[HoldsFor, ...] = ("seeds", "clips")
"""Where one kind of chance shows a difference and the other does not."""


def holds_words(holds_for: HoldsFor, grouping: Grouping) -> str:
    """For what a difference is shown: `holds for new seeds; not shown for new speakers`."""
    groups = f"new {grouping}s"
    match holds_for:
        case "both":
            return f"holds for new seeds and {groups} at once"
        case "each":
            return f"holds for new seeds and for {groups}, each alone; not shown for both at once"
        case "seeds":
            return f"holds for new seeds; not shown for {groups}"
        case "clips":
            return f"holds for {groups}; not shown for new seeds"
        case "neither":
            return f"shown neither for new seeds nor for {groups}"


def disagreement(chance: ClipChance | None, found: NewClips | None) -> tuple[str, ...]:
    """One line, where the two kinds of chance disagree about a pair."""
    if chance is None or found is None or chance.holds_for not in DISAGREE:
        return ()
    return (f"Difference in {found.measured.name}: {holds_words(chance.holds_for, found.grouping)}.",)


def sample_words(found: NewClips) -> str:
    """What the test split has, and what is taken for a sample of what."""
    clips = counted(found.clips, "clip")
    match found.grouping:
        case "clip":
            return (
                f"All seeds test on the same {clips}. The record names no speakers or recordings that they share, so "
                "each clip counts as one of its own: where some do come from one source, the interval over new clips "
                "is too narrow."
            )
        case grouping:
            known = f"{clips} of {counted(found.groups - found.alone, grouping)}"
            unknown = (
                f" ({counted(found.alone, 'clip')} of no {grouping} that is known, each counted alone)"
                if found.alone
                else ""
            )
            nothing = "" if found.groups > 1 else f" One {grouping} alone shows nothing of new {grouping}s."
            return f"All seeds test on the same {known}{unknown}, and new clips are those of new {grouping}s.{nothing}"


def chance_words(chance: ClipChance, found: NewClips, labels: Mapping[str, str]) -> str:
    """The difference of a pair, and for what it is shown."""
    first, second = quoted(chance.first, labels), quoted(chance.second, labels)
    shown = found.measured.difference(first, second, chance.effect)
    return f"On these clips {shown}: {holds_words(chance.holds_for, found.grouping)}."


def seed_test_words(chance: ClipChance, measured: Quantity) -> str | None:
    """How many single seeds' runs the field's own test tells apart."""
    p_values = [test.p_value for test in chance.seed_tests if test.p_value is not None]
    if not p_values:
        return None
    name = "McNemar's exact test" if measured.higher_is_better else "The matched-pairs sentence-segment test (MAPSSWE)"
    apart = sum(value <= 0.05 for value in p_values)
    return (
        f"{name} of the two runs of one seed gives at most p = 0.05, uncorrected, in {apart} of "
        f"{counted(len(p_values), 'seed')}: it asks whether these two networks differ, not their architectures."
    )
