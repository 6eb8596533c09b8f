"""Networks that somebody else wrote: known by the class that makes them, its settings, and the text that it is from.

The text is part of a trial as its hash: another text may be another network, and is another trial. What such a network
is made of is nobody's business but its own, so its parameters are counted when it is built, and presets leave it as
large as it is.
"""

from dataclasses import dataclass

from soundproof.common import record
from soundproof.search_spaces.specs.canonical import Spec
from soundproof.search_spaces.specs.tasks import OfClassification, OfTranscription


@dataclass(frozen=True, kw_only=True, slots=True)
class Setting(Spec):
    """What one field of the class is set to."""

    name: str
    value: bool | int | float | str | tuple[bool | int | float | str, ...]


def parameter_name(setting: str) -> str:
    """What a setting is called below its network where parameters are listed: its own name, unless that is taken."""
    return f"settings.{setting}" if setting in _TAKEN else setting


_TAKEN = frozenset({"type", "name", "source", "classes", "settings"})


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomClassifier(OfClassification):
    """A network that tells `classes` classes apart; see `soundproof.search_spaces.custom.ClassifierNetwork`."""

    name: str
    settings: tuple[Setting, ...]
    source: str
    classes: int = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomTranscriber(OfTranscription):
    """A network that transcribes; see `soundproof.search_spaces.custom.TranscriberNetwork`."""

    name: str
    settings: tuple[Setting, ...]
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomLoss(Spec):
    """A loss that takes the place of the task's own; see `soundproof.search_spaces.custom.Loss`."""

    name: str
    settings: tuple[Setting, ...]
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomMetric(Spec):
    """A metric that is recorded beside the task's own; see `Score` and `ErrorMeasure` of the same module."""

    name: str
    settings: tuple[Setting, ...]
    source: str
    higher_is_better: bool

    @property
    def recorded(self) -> str:
        """Its name in the record, without the prefix of a side: `score/WeightedRecall`."""
        return (record.OWN_SCORE if self.higher_is_better else record.OWN_ERROR) + self.name


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomAugmentation(Spec):
    """What is done to the features of a batch while training; see `Augmenter` of the same module."""

    name: str
    settings: tuple[Setting, ...]
    source: str


CustomNetwork = CustomClassifier | CustomTranscriber
CustomPart = CustomNetwork | CustomLoss | CustomMetric | CustomAugmentation
"""Whatever a trial has that is made by code of the user's."""
