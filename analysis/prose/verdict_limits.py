"""What a reader should know beside a verdict: at which margin it would be another, and how far its effect flatters."""

from soundproof.analysis.verdicts.margins import FACTOR
from soundproof.analysis.verdicts.verdicts import StatisticalVerdict


def margin_words(judged: StatisticalVerdict) -> str | None:
    """The verdict against the margin: `With another margin: undecided below 1.5 nats, contradicted above that`.

    None where nobody said a margin, or claims are too many to be decided with others.
    """
    endpoint = judged.endpoint
    measured, flips = endpoint.quantity, judged.flips_at
    if not endpoint.said or flips is None:
        return None
    if not flips:
        least, most = (measured.amount(end) for end in (endpoint.margin / FACTOR, endpoint.margin * FACTOR))
        return f"{judged.verdict.capitalize()} with any margin from {least} to {most}."
    first, last = flips[0], flips[-1]
    words = [f"{first.below} below {measured.amount(first.margin)}"]
    words += [f"{flip.below} from there to {measured.amount(flip.margin)}" for flip in flips[1:]]
    return f"With another margin: {', '.join([*words, f'{last.above} above that'])}."


def exaggeration_words(judged: StatisticalVerdict) -> str | None:
    """How much effects of claims that are decided so early are overstated on average; None where it is little."""
    if judged.exaggeration is None:
        return None
    return (
        f"Decided after {judged.deciding.n} seeds: effects of claims decided this early are about "
        f"{judged.exaggeration:.2g} times as large as the true ones, on average over true effects drawn from a normal "
        "distribution around nothing with the standard deviation of one difference. The interval allows for that."
    )
