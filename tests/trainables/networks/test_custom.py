"""Networks of users, where they meet the engine."""

import textwrap

import pytest
import torch

from soundproof.search_spaces.alphabet import OUTPUTS
from soundproof.search_spaces.custom import CustomFileError, CustomSource, load_source
from soundproof.search_spaces.specs import CustomClassifier, CustomTranscriber
from soundproof.search_spaces.user_code.modules import identity_of
from soundproof.trainables.networks import build_transcriber
from soundproof.trainables.networks.classifiers import build_classifier
from soundproof.trainables.networks.custom import custom_parameters

HEAD = """
from dataclasses import dataclass
from torch import nn
from soundproof.search_spaces.custom import ClassifierNetwork, TranscriberNetwork

class Give(nn.Module):
    def __init__(self, answer):
        super().__init__()
        self.answer = answer
    def forward(self, *given):
        return self.answer(*given)
"""
CLASSIFIER = """
@dataclass(frozen=True)
class Own(ClassifierNetwork):
    def build(self, frames, dimensions, classes):
        return {made}
"""
TRANSCRIBER = """
@dataclass(frozen=True)
class Own(TranscriberNetwork):
    def build(self, dimensions, symbols):
        return {made}
"""


def _source(kind: str, made: str) -> str:
    text = HEAD + textwrap.dedent(kind).format(made=made)
    return identity_of(load_source(CustomSource(name="own.py", text=text)).Own)


def _classifier(made: str, kind: str = CLASSIFIER) -> torch.nn.Module:
    spec = CustomClassifier(name="Own", settings=(), source=_source(kind, made), classes=3)
    return build_classifier(spec, frames=5, dimensions=4)


def _transcriber(made: str, kind: str = TRANSCRIBER) -> torch.nn.Module:
    return build_transcriber(CustomTranscriber(name="Own", settings=(), source=_source(kind, made)), dimensions=4)


def test_a_classifier_gets_frames_dimensions_and_classes() -> None:
    """And its logits are those of its own module."""
    network = _classifier("nn.Sequential(nn.Flatten(), nn.Linear(frames * dimensions, classes))")
    values = torch.randn(2, 5, 4)
    (linear,) = (module for module in network.modules() if isinstance(module, torch.nn.Linear))
    assert torch.equal(network(values), linear(values.flatten(1)))


def test_a_transcriber_is_packed_as_ours_is() -> None:
    """Log-probabilities of the real output frames alone, one utterance after another."""
    network = _transcriber(
        "Give(lambda values, lengths: (values.repeat(1, 1, 9)[:, ::2, :symbols], (lengths + 1) // 2))"
    )
    values, lengths = torch.randn(2, 6, 4), torch.tensor([6, 3])
    scores, frames = network(values, lengths)
    wanted = values.repeat(1, 1, 9)[:, ::2, :OUTPUTS].log_softmax(dim=2)
    assert frames.lengths.tolist() == [3, 2]
    assert torch.equal(scores, torch.cat([wanted[0, :3], wanted[1, :2]]))


@pytest.mark.parametrize(
    ("made", "message"),
    [
        ("None", "must return a torch.nn.Module, and returned a NoneType"),
        ("nn.Flatten()", r"logits \(batch, classes\), here \(2, 3\), and it gave a tensor \(2, 20\)"),
    ],
)
def test_a_classifier_of_another_form_is_refused(made: str, message: str) -> None:
    """With what was expected and what it gave."""
    with pytest.raises(CustomFileError, match=message):
        _classifier(made)(torch.zeros(2, 5, 4))


@pytest.mark.parametrize(
    ("made", "message"),
    [
        ("5", "must return a torch.nn.Module, and returned a int"),
        ("Give(lambda values, lengths: values)", r"it gave a tensor \(2, 6, 4\)"),
        ("Give(lambda values, lengths: (values, lengths))", r"it gave \(a tensor \(2, 6, 4\), a tensor \(2,\)\)"),
        ("Give(lambda values, lengths: (values.repeat(1, 1, 9)[..., :symbols], lengths + 9))", "it gave"),
        ("Give(lambda values, lengths: (values.repeat(1, 1, 9)[..., :symbols], lengths / 2))", "it gave"),
    ],
)
def test_a_transcriber_of_another_form_is_refused(made: str, message: str) -> None:
    """Lengths beyond the output or that are no whole numbers too."""
    with pytest.raises(CustomFileError, match=message):
        _transcriber(made)(torch.zeros(2, 6, 4), torch.tensor([6, 3]))


def test_a_network_of_the_other_kind_is_refused() -> None:
    """A transcriber cannot stand where classes are told apart, nor the other way round."""
    with pytest.raises(CustomFileError, match="must be a ClassifierNetwork"):
        _classifier("None", kind=TRANSCRIBER)
    with pytest.raises(CustomFileError, match="must be a TranscriberNetwork"):
        _transcriber("None", kind=CLASSIFIER)


@pytest.mark.parametrize(
    ("made", "total"),
    [("nn.Sequential(nn.Flatten(), nn.Linear(frames * dimensions, classes))", 5 * 4 * 3 + 3), ("undefined", None)],
)
def test_parameters_are_counted_before_training(made: str, total: int | None) -> None:
    """By a module without numbers; a class that makes none is refused when it is trained, not when it is planned."""
    spec = CustomClassifier(name="Own", settings=(), source=_source(CLASSIFIER, made), classes=3)
    before = torch.get_rng_state()
    found = custom_parameters(spec, frames=5, dimensions=4)
    assert (None if found is None else found.total) == total
    assert torch.equal(torch.get_rng_state(), before)
