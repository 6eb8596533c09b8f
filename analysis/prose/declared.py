"""The sentence about when that was declared which a report decides."""

from soundproof.analysis.records.declared import Declared, written
from soundproof.analysis.verdicts.sentences import sentence
from soundproof.common.counting import counted

TEST_THEN = "the test that is valid at every look was used"


def declared_sentence(declared: Declared | None) -> str:
    """Of a study: that all was declared before the data, where the record shows it, or what speaks against it.

    Empty where nothing is known, of records that no store holds.
    """
    if declared is None:
        return ""
    if declared.reasons:
        return sentence(f"{late_words(declared)}.")
    assert declared.at is not None
    of = f"the first of {counted(declared.trials, 'trial')}" if declared.trials else "any trial"
    return f"The claims and the margin were declared at {written(declared.at)}, before {of} had ended."


def late_words(declared: Declared) -> str:
    """What speaks against a declaration before the data, and what follows."""
    return f"{'; '.join(reason.words for reason in declared.reasons)}: {TEST_THEN}"
