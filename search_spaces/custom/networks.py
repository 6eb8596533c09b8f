"""Bases of networks that users write: a dataclass whose fields are the settings, and a method that builds."""

import dataclasses
import inspect
from abc import ABC, abstractmethod
from typing import Any

from soundproof.search_spaces.custom.modules import CustomFileError, class_of, identity_of
from soundproof.search_spaces.specs.custom_networks import CustomClassifier, CustomNetwork, CustomTranscriber, Setting

_PLAIN = (bool, int, float, str)


class _WrittenByUser:
    def _settings(self) -> tuple[Setting, ...]:
        if not dataclasses.is_dataclass(self):
            raise CustomFileError(f"{type(self).__name__} must be a dataclass: write @dataclass(frozen=True) above it")
        given = [field.name for field in dataclasses.fields(self) if field.init]  # others follow from these
        self._check_made_with(given)
        values = {name: getattr(self, name) for name in given}
        for name, value in values.items():
            if not isinstance(value, _PLAIN):
                raise CustomFileError(
                    f"{type(self).__name__}.{name} must be a number, a word, true or false, got {value!r}: "
                    "settings are written into the record, so that the network can be built again from it"
                )
        return tuple(Setting(name=name, value=value) for name, value in values.items())

    def _check_made_with(self, fields: list[str]) -> None:
        """Raise `CustomFileError` where the class is made with more than its fields keep, or with less."""
        parameters = list(inspect.signature(type(self)).parameters)
        if set(parameters) != set(fields):
            raise CustomFileError(
                f"{type(self).__name__} is made with {_listed(parameters)} and has the fields {_listed(fields)}: they "
                "must be the same, since the network is built again from its fields. Make a field of what is none (an "
                "InitVar is not recorded), and leave __init__ to the dataclass"
            )


class ClassifierNetwork(_WrittenByUser, ABC):
    """A network that tells clips apart. Make a dataclass of it whose fields are numbers and words."""

    @abstractmethod
    def build(self, frames: int, dimensions: int, classes: int) -> Any:
        """A `torch.nn.Module` from features (batch, frames, dimensions) to logits (batch, classes).

        Draw initial weights from torch's global generator, as its layers do: it is seeded before the call.
        """

    def spec(self) -> CustomClassifier:
        """What stands for the network in a trial. Raises `CustomFileError`."""
        return CustomClassifier(name=type(self).__name__, settings=self._settings(), source=identity_of(type(self)))


class TranscriberNetwork(_WrittenByUser, ABC):
    """A network that transcribes speech, trained by connectionist temporal classification."""

    @abstractmethod
    def build(self, dimensions: int, symbols: int) -> Any:
        """A `torch.nn.Module` called with features (batch, frames, dimensions) and the real frames of each (batch,).

        It gives logits (batch, output frames, symbols) and the real output frames of each (batch,), of which there
        must be more than characters to transcribe. The blank is the last symbol.
        """

    def spec(self) -> CustomTranscriber:
        """What stands for the network in a trial. Raises `CustomFileError`."""
        return CustomTranscriber(name=type(self).__name__, settings=self._settings(), source=identity_of(type(self)))


def custom_class(spec: CustomNetwork) -> ClassifierNetwork | TranscriberNetwork:
    """The network of `spec` as its class, with its settings. Raises `CustomFileError` where its file is not loaded."""
    found = class_of(spec.source, spec.name)
    if not (isinstance(found, type) and issubclass(found, _WrittenByUser)):
        raise CustomFileError(f"the file that was loaded must define the network {spec.name}, and does not")
    made = found(**{setting.name: setting.value for setting in spec.settings})
    assert isinstance(made, ClassifierNetwork | TranscriberNetwork)
    return made


def _listed(names: list[str]) -> str:
    return ", ".join(names) or "none"
