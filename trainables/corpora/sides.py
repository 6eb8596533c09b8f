"""What a corpus tells of its sides before anything is split: who has most of it, and what would be on several."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from soundproof.common.counting import counted, listed
from soundproof.trainables.corpora.corpus import Example, Remark

_HEAVY_SHARE = 1 / 3
"""Of the examples, of one group: what is held out would have twice its share where that group's turn comes."""

_HEAVY_TIMES = 1.5
"""As large as a group is on average: three speakers with a third each are nothing special."""

_REPEATED_SHARE = 0.05
"""Of utterances, whose transcript others read, too: sentences as short as "yes" are repeated by chance."""

_MOST_NAMED = 3


class Heavy(NamedTuple):
    """The largest group of a corpus, where it has much of the data."""

    name: str
    examples: int
    groups: int
    total: int
    is_speaker: bool


def group_name(example: Example) -> str:
    """What has to stay on one side as a whole: a speaker where the corpus names one, else a recording."""
    return example.speaker or example.recording


def fixed_side(example: Example) -> str | None:
    """The partition or fold that the corpus itself has for it, in words; None for none."""
    if example.partition is not None:
        return example.partition
    return None if example.fold is None else f"fold {example.fold}"


def heavy_group(examples: Sequence[Example]) -> Heavy | None:
    """The group with so much of what the corpus leaves to the split that sides by number of groups would be unlike."""
    free = [example for example in examples if example.partition is None]
    amounts = Counter(map(group_name, free))
    if len(amounts) < 3:  # one for each side
        return None
    name, most = amounts.most_common(1)[0]
    if most <= _HEAVY_SHARE * len(free) or most < _HEAVY_TIMES * len(free) / len(amounts):
        return None
    return Heavy(name, most, len(amounts), len(free), any(example.speaker == name for example in free))


def sides_remarks(examples: Sequence[Example], *, transcribed: bool, needs_test: bool = False) -> Iterator[Remark]:
    """What has to be known of them before results are trusted. `needs_test`: a test is drawn where there is none."""
    what = "utterances" if transcribed else "clips"
    yield from _heavy_remarks(examples, what)
    if transcribed:
        yield from _transcript_remarks(examples)
    yield from _missing_sides(examples, what, needs_test=needs_test)
    yield from _several("fold", {e.key: (e.recording, e.fold) for e in examples if e.fold is not None}, "source")
    fixed = [example for example in examples if example.partition is not None]
    yield from _several("partition", {e.key: (e.recording, e.partition) for e in fixed}, "source")
    yield from _several("partition", {e.key: (e.speaker, e.partition) for e in fixed if e.speaker}, "speaker")


def _heavy_remarks(examples: Sequence[Example], what: str) -> Iterator[Remark]:
    heavy = heavy_group(examples)
    if heavy is None:
        return
    kind = "speakers" if heavy.is_speaker else "recordings"
    yield Remark(
        kind="heavy",
        text=(
            f"{heavy.name}, one of {heavy.groups:,} {kind}, has {heavy.examples:,} of {heavy.total:,} {what} "
            f"({100 * heavy.examples / heavy.total:.0f}%): by default (--split groups-by-amount) it trains for every "
            f"seed, and the other {kind} validate and test in turn; with --split groups it has its turn, too"
        ),
    )


def _missing_sides(examples: Sequence[Example], what: str, *, needs_test: bool) -> Iterator[Remark]:
    """A side that nobody is marked for, where everybody is marked for one."""
    marked = {example.partition for example in examples}
    wanted = ("validation", "test") if needs_test else ("validation",)
    missing = [side for side in wanted if side not in marked]
    if None not in marked and "train" in marked and missing:
        sides = " and ".join(missing)
        yield Remark(
            kind="missing sides",
            text=(
                f"no {what} are marked for {sides}: every seed draws its {sides} from those that are marked for "
                "training"
            ),
        )


def _transcript_remarks(examples: Sequence[Example]) -> Iterator[Remark]:
    """Sentences that several sides would have: a network that knows them by heart reads them well."""
    sides: dict[str, set[str]] = {}
    for example in examples:
        sides.setdefault(example.target, set()).add(example.partition or group_name(example))
    shared = sum(len(sides[example.target]) > 1 for example in examples)
    if shared > _REPEATED_SHARE * len(examples):
        yield Remark(
            kind="same transcripts",
            text=(
                f"{shared:,} of {len(examples):,} utterances have a transcript that others have, too "
                f"({counted(len(sides), 'different transcript')} in all), so that sentences of validation and test are "
                "sentences of training: results say how well known sentences are recognised"
            ),
        )


def _several(side: str, places: Mapping[str, tuple[object, object]], what: str) -> Iterator[Remark]:
    """What is in more than one fold or partition. `places` are the source and the side of each example by its key."""
    found: dict[object, set[object]] = {}
    for source, place in places.values():
        found.setdefault(source, set()).add(place)
    split = sorted(str(source) for source, on in found.items() if len(on) > 1)
    if split:
        shown = listed(split[:_MOST_NAMED]) + (" and others" if len(split) > _MOST_NAMED else "")
        yield Remark(
            kind=f"{what} on several sides",
            text=(
                f"{counted(len(split), what)} of {len(found):,} {'is' if len(split) == 1 else 'are'} in more than one "
                f"{side} ({shown}): what is tested was heard in training"
            ),
        )
