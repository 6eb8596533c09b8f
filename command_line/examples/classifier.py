"""A study of your own: whether a second convolution helps to tell spoken words apart.

Run it with: python run_search.py run --file THIS_FILE --seeds 6
"""

from dataclasses import dataclass

from torch import nn

from soundproof import ClassifierNetwork, make_study


@dataclass(frozen=True)
class Convolutions(ClassifierNetwork):
    """The fields are what you may vary: numbers, words, true or false."""

    layers: int = 1
    channels: int = 32

    def build(self, frames: int, dimensions: int, classes: int) -> nn.Module:
        """Any module from features (batch, frames, dimensions) to logits (batch, classes)."""
        parts: list[nn.Module] = [nn.Unflatten(1, (1, frames))]
        channels = 1
        for _ in range(self.layers):
            parts += [nn.Conv2d(channels, self.channels, 3, padding=1), nn.BatchNorm2d(self.channels), nn.ReLU()]
            parts += [nn.MaxPool2d(2)]
            channels = self.channels
        return nn.Sequential(*parts, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes))


STUDY = make_study(
    id="my-convolutions",
    question="Spoken words: does a second convolution help?",
    domain="keywords",  # or sounds, genres, tracks, speech; your own recordings: --corpus folder:PATH
    networks={"one layer": Convolutions(), "two layers": Convolutions(layers=2)},
)
