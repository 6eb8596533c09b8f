"""A question about variants that somebody else's runs answer, before or after there are any."""

from collections.abc import Sequence

from soundproof.analysis.judging.answers import Answers, AnswersError
from soundproof.analysis.judging.claims import claims_of, named
from soundproof.common import record
from soundproof.search_spaces.claims import Above, Comparative
from soundproof.search_spaces.studies import Arm, HardlyAnything, Margin, Question


def question_about(
    variants: Sequence[Arm], answers: Answers, *, name: str, metric: str, margin: Margin, source: str
) -> Question:
    """What the answers ask of the variants.

    Raises `AnswersError` for a name that is none of theirs, and for a claim that hangs on a margin where nobody said
    one.
    """
    ids = [variant.id for variant in variants]
    levels = [tuple((level.factor, level.value) for level in variant.levels) for variant in variants]
    factors = " and ".join(level.factor for level in variants[0].levels)
    asked = answers.question or f"Which {factors} is better, by {record.outside_name(metric) or metric}?"
    claims = claims_of(levels, answers)
    if isinstance(margin, HardlyAnything):
        for claim in claims:
            if isinstance(claim, Comparative) and claim.rule.claimed != Above(0):
                raise AnswersError(
                    f"“{claim.text}” asks how large a difference is: say with --margin from which size on it matters"
                )
    return Question(
        id=name,
        question=asked,
        source=source,
        baseline=ids[0] if answers.baseline is None else named(answers.baseline, ids),
        variants=tuple(variants),
        claims=claims,
        metric=metric,
        margin=margin,
    )
