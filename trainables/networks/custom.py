"""Networks that users wrote, built by their own classes and checked where they meet the engine."""

import logging

import torch
from torch import Tensor, nn

from soundproof.search_spaces import specs
from soundproof.search_spaces.alphabet import OUTPUTS
from soundproof.search_spaces.arithmetic import ParameterCount
from soundproof.search_spaces.custom import ClassifierNetwork, CustomFileError, TranscriberNetwork, custom_class
from soundproof.trainables.networks.padded_frames import Frames
from soundproof.trainables.networks.speech import Speech, measured_parameters

_LOGGER = logging.getLogger(__name__)


class CustomClassifierModule(nn.Module):
    """Features (batch, frames, dimensions) to logits (batch, classes), by the module that a user's class built."""

    def __init__(self, spec: specs.CustomClassifier, frames: int, dimensions: int) -> None:
        super().__init__()
        made = custom_class(spec)
        if not isinstance(made, ClassifierNetwork):
            raise CustomFileError(f"{spec.name} must be a ClassifierNetwork to tell clips apart, and transcribes")
        self._name, self._classes = spec.name, spec.classes
        self.network = _module(spec.name, made.build(frames, dimensions, spec.classes))

    def forward(self, values: Tensor) -> Tensor:
        """See the class. Raises `CustomFileError` where the logits have another shape."""
        logits = self.network(values)
        wanted = (len(values), self._classes)
        if not isinstance(logits, Tensor) or logits.shape != wanted:
            raise CustomFileError(
                f"{self._name}.build must make a module that gives logits (batch, classes), here {wanted}, "
                f"and it gave {_form(logits)}"
            )
        return logits


class CustomTranscriberModule(nn.Module):
    """Features to log-probabilities as `Speech` gives them, by the module that a user's class built."""

    def __init__(self, spec: specs.CustomTranscriber, dimensions: int, outputs: int = OUTPUTS) -> None:
        super().__init__()
        made = custom_class(spec)
        if not isinstance(made, TranscriberNetwork):
            raise CustomFileError(f"{spec.name} must be a TranscriberNetwork to transcribe, and tells clips apart")
        self._name, self._outputs = spec.name, outputs
        self.network = _module(spec.name, made.build(dimensions, outputs))

    def forward(self, values: Tensor, lengths: Tensor) -> tuple[Tensor, Frames]:
        """Packed log-probabilities (real output frames, symbols), and where they belong. Raises `CustomFileError`."""
        given = self.network(values, lengths.to(values.device, non_blocking=True))
        match given:
            case (Tensor() as logits, Tensor() as real) if logits.dim() == 3 and self._fits(logits, real, len(values)):
                frames = Frames(real, logits.shape[1], logits.device)
                return frames.pack(logits).log_softmax(dim=1), frames
            case _:
                raise CustomFileError(
                    f"{self._name}.build must make a module that gives logits (batch, output frames, symbols), here "
                    f"({len(values)}, ..., {self._outputs}), and the real output frames of each (batch,), as whole "
                    f"numbers, and it gave {_form(given)}"
                )

    def _fits(self, logits: Tensor, real: Tensor, batch: int) -> bool:
        return (
            (logits.shape[0], logits.shape[2]) == (batch, self._outputs)
            and real.shape == (batch,)
            and not real.is_floating_point()
            and int(real.max()) <= logits.shape[1]
        )


def build_transcriber(spec: specs.Transcriber, dimensions: int, outputs: int = OUTPUTS) -> nn.Module:
    """The network of `spec`, untrained. Initial weights come from torch's global generator: seed it before building.

    Arguments:
        spec: What to build, declared or the user's own.
        dimensions: Values per frame of the features.
        outputs: Symbols of the alphabet, and the blank. A declared network has its own already.

    Returns:
        A module called with features (batch, frames, dimensions), zero beyond the end of each utterance, and the real
        frames of each (batch,). It gives packed log-probabilities (real output frames, symbols) and the `Frames` that
        say which row belongs where.

    Raises:
        CustomFileError: A user's class builds no module, or its file is not loaded.
    """
    if isinstance(spec, specs.SpeechNetwork):
        return Speech(spec, dimensions)
    return CustomTranscriberModule(spec, dimensions, outputs)


def custom_parameters(spec: specs.CustomNetwork, frames: int, dimensions: int) -> ParameterCount | None:
    """What the network holds, by building it without any numbers; None where it cannot be built so."""
    try:
        with torch.device("meta"):
            if isinstance(spec, specs.CustomTranscriber):
                return measured_parameters(CustomTranscriberModule(spec, dimensions))
            return measured_parameters(CustomClassifierModule(spec, frames, dimensions))
    except Exception:  # whatever a user's class raises: training reports it, and where
        _LOGGER.info("the parameters of %s cannot be counted without training it", spec.name, exc_info=True)
        return None


def _module(name: str, made: object) -> nn.Module:
    if not isinstance(made, nn.Module):
        raise CustomFileError(f"{name}.build must return a torch.nn.Module, and returned {_form(made)}")
    return made


def _form(value: object) -> str:
    """A value's shape, or its type, in words."""
    match value:
        case Tensor():
            return f"a tensor {tuple(value.shape)}"
        case tuple():
            return f"({', '.join(_form(item) for item in value)})"
        case _:
            return f"a {type(value).__name__}"
