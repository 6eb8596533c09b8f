"""Bases of networks that users write: a dataclass whose fields are the settings, and a method that builds."""

from abc import ABC, abstractmethod
from typing import Any

from soundproof.search_spaces.specs.custom_networks import CustomClassifier, CustomNetwork, CustomTranscriber
from soundproof.search_spaces.user_code.written import WrittenByUser


class ClassifierNetwork(WrittenByUser, ABC):
    """A network that tells clips apart. Make a dataclass of it whose fields are numbers, words, or tuples of them."""

    spec_class = CustomClassifier

    @abstractmethod
    def build(self, frames: int, dimensions: int, classes: int) -> Any:
        """A `torch.nn.Module` from features (batch, frames, dimensions) to logits (batch, classes).

        Draw initial weights from torch's global generator, as its layers do: it is seeded before the call.
        """


class TranscriberNetwork(WrittenByUser, ABC):
    """A network that transcribes speech, trained by connectionist temporal classification."""

    spec_class = CustomTranscriber

    @abstractmethod
    def build(self, dimensions: int, symbols: int) -> Any:
        """A `torch.nn.Module` called with features (batch, frames, dimensions) and the real frames of each (batch,).

        It gives logits (batch, output frames, symbols) and the real output frames of each (batch,), of which there
        must be more than characters to transcribe. The blank is the last symbol.
        """


def custom_class(spec: CustomNetwork) -> ClassifierNetwork | TranscriberNetwork:
    """The network of `spec` as its class, with its settings. Raises `CustomFileError` where its file is not loaded."""
    made = WrittenByUser.of_spec(spec)
    assert isinstance(made, ClassifierNetwork | TranscriberNetwork)
    return made
