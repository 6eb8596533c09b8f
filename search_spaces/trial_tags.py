"""A trial as the tags of its run: what the analysis reads of it. The flattened parameters are for people to browse."""

from soundproof.common import record
from soundproof.search_spaces.specs import Trial


def trial_tags(trial: Trial) -> dict[str, str]:
    """By name. Its JSON is left out where it is longer than a tag may be: the run has it as an artifact, too."""
    text, parent = trial.to_json(), trial.warm_start
    return {
        record.SPLIT: trial.split.word(),
        record.EPOCHS: str(trial.budget.epochs),
        **({} if parent is None else {record.INHERITED_EPOCHS: str(parent.epochs)}),
        **({record.TRIAL: text} if len(text) <= record.LONGEST_TAG else {}),
    }
